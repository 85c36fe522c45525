"""The record of a session as a regimen: what flowed, at which rate, from which container. It reads what was charted and judges nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from openinfusion.core.administration.apply import Occurrence, fold
from openinfusion.core.administration.parts import Amount, Container, SegmentKind
from openinfusion.core.administration.session import Segment, SessionState
from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import seconds
from openinfusion.core.pharmacokinetics.model_file import Via
from openinfusion.core.pharmacokinetics.refusal import refuse
from openinfusion.core.pharmacokinetics.regimen import NO_TIME, Entry
from openinfusion.core.quantity import Quantity, ratio, unit


def recorded(
    events: Iterable[Occurrence], since: datetime | None, drug: str, strength: Quantity | None = None
) -> tuple[tuple[Entry, ...], tuple[Finding, ...]]:
    """The entries of a session's record, and what it leaves in doubt."""
    state = fold(events)
    dosed = [segment for segment in state.segments if segment.kind is not SegmentKind.FLUSH]
    _same_drug(dosed, state, drug)
    origin = since or min((segment.start for segment in dosed), default=None)
    if origin is None:
        return (), ()
    entries = tuple(_entry(segment, _counted(_container(segment, state), strength), origin) for segment in dosed)
    doubt = (Finding("pk.amount-uncertain", Level.CAUTION),) if state.amount is Amount.UNCERTAIN else ()
    return tuple(entry for entry in entries if entry.size.value > 0), doubt


def _container(segment: Segment, state: SessionState) -> Container:
    found = state.containers.get(segment.container_code)
    if found is None:
        refuse("pk.container-unknown", code=segment.container_code)
    return found


def _counted(container: Container, strength: Quantity | None) -> Container:
    """A container that is labelled by its volume alone, with the amount that the strength of its contents makes of that."""
    if strength is None or not container.amount.is_like("mL"):
        return container
    amount = next((one for one in ("mg", "[iU]", "mmol", "meq") if strength.is_like(f"{one}/mL")), None)
    return container if amount is None else replace(container, amount=ratio(amount, (container.amount, strength)))


def _same_drug(dosed: Sequence[Segment], state: SessionState, drug: str) -> None:
    drugs = sorted({_container(segment, state).drug for segment in dosed} | ({drug} if drug else set()))
    if len(drugs) > 1:
        refuse("pk.several-drugs", drugs=tuple(drugs))


def _entry(segment: Segment, container: Container, origin: datetime) -> Entry:
    """One segment: its volume or rate times what the container holds in a volume."""
    start, via, amount = seconds(segment.start - origin), Via(container.route.value), _amount_unit(container)
    if segment.volume is not None:
        size = ratio(amount, (segment.volume, container.amount), (container.volume,))
        return Entry(via, size, is_rate=False, start=start, length=NO_TIME)
    rate = segment.rate or Quantity(0, "mL/h")
    size = ratio(f"{amount}/h", (rate, container.amount), (container.volume,))
    return Entry(via, size, is_rate=True, start=start, length=None if segment.end is None else seconds(segment.end - segment.start))


def _amount_unit(container: Container) -> str:
    """The container's own unit of amount; refused where it holds no amount of a drug in a volume."""
    kinds = {kind for kind, _ in unit(container.amount.unit).dimensions}
    if not kinds <= {"drug_mass", "activity", "substance", "equivalents"} or not container.volume.is_like("mL"):
        refuse("pk.container-without-concentration", code=container.code)
    return container.amount.unit
