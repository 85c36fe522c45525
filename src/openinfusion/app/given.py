"""What the record says that a patient was given of some ingredients, over all orders and routes, so that a new order's totals count it."""

from collections.abc import Iterable, Mapping
from datetime import date

from openinfusion.app.bedside import state_of
from openinfusion.app.ports import Ports
from openinfusion.core.administration.elsewhere import of_session
from openinfusion.core.administration.session import SessionState
from openinfusion.core.patient import PatientFacts
from openinfusion.core.prescribing.flow import Bolus, Given, Segment
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.prescribing.practice import Practice
from openinfusion.core.prescribing.rule import Order, merged
from openinfusion.core.quantity import Quantity


def given_before(ports: Ports, patient_id: str, ingredients: Iterable[str], start_on: date) -> Mapping[str, tuple[Given, ...]]:
    """The amounts of each ingredient at times relative to the start of an order, uncertain ones with their upper bound. A start on a later
    day is counted from this time of that day."""
    now, wanted = ports.clock.now(), tuple(dict.fromkeys(ingredients))
    ahead = Quantity(max(0, (start_on - now.date()).days), "d")
    found: dict[str, tuple[Given, ...]] = {}
    for row in ports.models.listed("sessions-of-patient", f"{patient_id}/"):
        state = state_of(ports, row.key)
        if state.started_at is None or state.plan is None:
            continue
        amounts = of_session(f"session/{row.key}", state, _ordered(ports, state, state.plan.choice), now).amounts
        for name in wanted:
            found[name] = (*found.get(name, ()), *(_earlier(given, ahead) for given in amounts.get(name, ())))
    return found


def _ordered(ports: Ports, state: SessionState, choice: Choice) -> Order:
    """The order that a session was given by, for the concentrations of its product."""
    loaded, now = ports.library.of_hash(state.plan.content_hash if state.plan else ""), ports.clock.now()
    region, practice = choice.region or ports.site.region, Practice.among(loaded.tables.values())
    facts = merged(PatientFacts(), loaded.protocol, choice, region, now)
    return Order(loaded.protocol, choice, facts, ports.library.reference.fields, now, region, practice)


def _earlier(given: Given, by: Quantity) -> Given:
    match given:
        case Segment(start=start, end=end, rate=rate):
            return Segment(start - by, end - by, rate)
        case Bolus(at=at, amount=amount):
            return Bolus(at - by, amount)
