"""What was given before the therapy against what was planned: drug, dose and route. It compares and refuses nothing."""

from collections.abc import Iterator

from openinfusion.core.administration.parts import GivenDrug
from openinfusion.core.administration.volume import agree
from openinfusion.core.prescribing.order import Plan, PlannedPremedication


def differing(id_: str, given: GivenDrug, plan: Plan | None) -> Iterator[str]:
    """The rules that a premedication given under this id breaks, by the plan; a plan without a dose leaves it to the drug's own label."""
    planned = next((one for one in plan.premedication if one.id == id_), None) if plan is not None else None
    if planned is None:
        yield "premedication-not-planned"
        return
    if given.drug.strip().lower() != planned.drug.lower():
        yield "premedication-drug-differs"
    if _dose_differs(given, planned):
        yield "premedication-dose-differs"
    if given.route.strip().upper() not in planned.route.upper().split("/"):
        yield "premedication-route-differs"


def _dose_differs(given: GivenDrug, planned: PlannedPremedication) -> bool:
    return planned.dose is not None and (given.dose is None or not agree(given.dose, planned.dose))
