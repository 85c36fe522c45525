"""What the record holds of a patient's earlier doses of a drug: how many began here, and the number of the next one. It assumes nothing of
what was given elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from openinfusion.app.bedside import state_of
from openinfusion.app.ports import Ports


@dataclass(frozen=True, slots=True)
class Earlier:
    """The earlier doses in this record: how many, the newest one's number in the patient's life with the drug, and when it began."""

    count: int
    number: int
    at: datetime

    @property
    def following(self) -> int:
        """The number of the next one."""
        return max(self.number, self.count) + 1


def earlier_doses(ports: Ports, patient_id: str, ingredients: Iterable[str]) -> Earlier | None:
    """The patient's sessions in which a dose of one of these ingredients began; None when this record holds none."""
    wanted, begun = set(ingredients), list[tuple[datetime, int]]()
    for row in ports.models.listed("sessions-of-patient", f"{patient_id}/"):
        state = state_of(ports, row.key)
        if state.started_at is None or state.plan is None:
            continue
        if wanted & set(ports.library.of_hash(state.plan.content_hash).protocol.drug.ingredients):
            begun.append((state.started_at, state.plan.choice.infusion_number))
    if not begun:
        return None
    return Earlier(len(begun), max(number for _, number in begun), max(at for at, _ in begun))
