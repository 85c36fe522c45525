"""Who stands behind a computed dose: a pharmacist proposes it, a prescriber signs it, or a pharmacist whom a collaborative protocol that
prescribers have signed allows to. Until then it is a proposal, and nothing here orders or gives anything."""

from dataclasses import dataclass, replace

from openinfusion.core.pharmacokinetics.recommend import Recommendation
from openinfusion.core.pharmacokinetics.refusal import refuse

PROPOSES = "pharmacist"
SIGNS = "prescriber"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A dose that a pharmacist proposes; `signed_by` is empty until it is signed, `under` names the collaborative protocol if any."""

    recommendation: Recommendation
    proposed_by: str
    signed_by: str = ""
    under: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether it may be made into an order."""
        return bool(self.signed_by)

    def signed(self, by: str, role: str, *, under: str = "") -> "Proposal":
        """The proposal with its signature; raises CommandRefused for a second one, and for a role that may not sign."""
        if self.is_signed:
            refuse("pk.already-signed", by=self.signed_by)
        if role != SIGNS and not (role == PROPOSES and under):
            refuse("pk.prescriber-signs", role=role)
        return replace(self, signed_by=by, under=under if role == PROPOSES else "")


def proposed(recommendation: Recommendation, by: str, role: str) -> Proposal:
    """A recommendation that a pharmacist has looked at and proposes; raises CommandRefused for another role."""
    if role != PROPOSES:
        refuse("pk.pharmacist-proposes", role=role)
    return Proposal(recommendation, by)
