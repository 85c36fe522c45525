"""The administration record: what was given to one patient in one session, piece by piece, as values and as JSON. It decides nothing.

Printed volumes are whole microlitres, rounded on the running sum, so that they always add up to the printed total.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from openinfusion.app.ports import Recorded
from openinfusion.app.present import quantity_json
from openinfusion.core.administration import events as e
from openinfusion.core.administration.apply import CORRECTABLE
from openinfusion.core.administration.context import LATE
from openinfusion.core.administration.parts import Amount, Container, GivenDrug, Reading, SegmentKind, VolumeFrom
from openinfusion.core.administration.session import Alarm, Given, Reaction, Seen, SessionState
from openinfusion.core.administration.volume import bounds, delivered, pieces, planned_volume
from openinfusion.core.canonical import Json
from openinfusion.core.event import Event
from openinfusion.core.monitoring.early_warning import Warned
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity

MICROLITRE = Quantity("0.001", "mL")
SETTLED = "settled"
"""The kind of the line that stands for what a person or pump settled above or below the sum of the pieces."""


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of the delivery. `end` is None while it flows; `kind` is that of its segment, or `settled`."""

    kind: str
    start: datetime
    end: datetime | None
    rate: Quantity | None
    volume: Quantity
    container: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What went in: the lines that add up to `total`, the injections by hand, the flushes, which carry no dose."""

    total: Quantity
    volume_from: VolumeFrom
    segments: tuple[Line, ...]
    injections: tuple[Line, ...]
    flushes: tuple[Line, ...]


def delivery_of(state: SessionState, now: datetime) -> Delivery:
    """The delivery until now, in mL. Without injections, the volumes of its segments add up to the total exactly."""
    total, origin = delivered(state, now)
    lines = tuple(_rounded(_lines(state, now, total)))
    flushes = (segment for segment in state.segments if segment.kind is SegmentKind.FLUSH and segment.volume is not None)
    return Delivery(
        total=total.rounded(MICROLITRE),
        volume_from=origin,
        segments=tuple(line for line in lines if line.kind != SegmentKind.INJECTION.value),
        injections=tuple(line for line in lines if line.kind == SegmentKind.INJECTION.value),
        flushes=tuple(Line(one.kind.value, one.start, one.end, None, one.volume.to("mL")) for one in flushes if one.volume is not None),
    )


def delivered_volume(state: SessionState, now: datetime) -> Quantity:
    """The printed total in mL; nothing in a session in which nothing was given."""
    return delivery_of(state, now).total


def _lines(state: SessionState, now: datetime, total: Quantity) -> Iterator[Line]:
    summed = Quantity(0, "mL")
    for piece in pieces(state, now):
        one = piece.segment
        summed = summed + piece.volume
        yield Line(one.kind.value, one.start, one.end, one.rate, piece.volume, one.container_code, one.site)
    if total != summed:
        at = state.settled_at or now
        yield Line(SETTLED, at, at, None, total - summed)


def _rounded(lines: Iterable[Line]) -> Iterator[Line]:
    exact = printed = Quantity(0, "mL")
    for line in lines:
        exact = exact + line.volume
        up_to = exact.rounded(MICROLITRE)
        yield Line(line.kind, line.start, line.end, line.rate, up_to - printed, line.container, line.site)
        printed = up_to


def record(state: SessionState, protocol: Protocol, now: datetime, scores: Iterable[Warned] = ()) -> dict[str, Json]:
    """The whole record as JSON: quantities as `{value, unit}`, moments in ISO form; `scores` are the early warning scores of its chart."""
    given = delivery_of(state, now)
    low, high = bounds(state, now)
    return {
        "status": state.status.value,
        "delivery": state.delivery.value,
        "flow": state.flow.value,
        "open": list[Json](sorted(matter.value for matter in state.open)),
        "protocol": {"id": protocol.id, "version": protocol.version},
        "delivered": {**given.total.to_json(), "from": given.volume_from.value},
        "planned": quantity_json(planned_volume(state)),
        "amount": _amount(state.amount, low, high),
        "segments": [_line(line) for line in given.segments],
        "injections": [_line(line) for line in given.injections],
        "flushes": [_line(line) for line in given.flushes],
        "started_at": _moment(state.started_at),
        "ended_at": _moment(state.ended_at),
        "stop_confirmed_at": _moment(state.stop_confirmed_at),
        "consent": {"given": state.consent, "version": state.consent_version},
        "kit_complete": state.kit_complete,
        "containers": [_container(container) for container in state.containers.values()],
        "access": _access(state),
        "performer": state.performer,
        "witness": state.witness,
        "second_person_missing": state.second_person_missing,
        "premedication": [{"id": name, **_given(one)} for name, one in state.premedication.items()],
        "waived": dict(state.waived),
        "accepted": dict(state.accepted),
        "overrides": dict(state.overrides),
        "observations": [_seen(code, seen) for code, seen in state.seen.items()],
        "reactions": [_reaction(one) for one in state.reactions],
        "emergency_drugs": [_given(one) for one in state.emergency_drugs],
        "complications": [{"code": code, "grade": grade, "site": site} for code, grade, site in state.complications],
        "early_warning": [_score(one) for one in scores],
        "alarms": [_alarm(one) for one in state.alarms.values()],
        "diary": [{"at": at.isoformat(), "entries": dict(entries)} for at, entries in state.diary],
        "corrected": list[Json](sorted(state.corrected)),
    }


def _amount(amount: Amount, low: Quantity, high: Quantity) -> dict[str, Json]:
    if amount is Amount.CERTAIN:
        return {"certain": True}
    return {"certain": False, "at_least": quantity_json(low.rounded(MICROLITRE)), "at_most": quantity_json(high.rounded(MICROLITRE))}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _line(line: Line) -> dict[str, Json]:
    return {
        "kind": line.kind,
        "start": line.start.isoformat(),
        "end": _moment(line.end),
        "rate": quantity_json(line.rate),
        "volume": quantity_json(line.volume),
        "container": line.container,
        "site": line.site,
    }


def _container(one: Container) -> dict[str, Json]:
    return {
        "code": one.code,
        "drug": one.drug,
        "product": one.product,
        "amount": quantity_json(one.amount),
        "volume": quantity_json(one.volume),
        "diluent": one.diluent,
        "route": one.route.value,
        "lot": one.lot,
        "expiry": one.expiry.isoformat(),
        "prepared_by": one.prepared_by,
        "prepared_at": one.prepared_at.isoformat(),
        "use_before": _moment(one.use_before),
    }


def _access(state: SessionState) -> Json:
    access = state.access
    if access is None:
        return None
    return {
        "device": access.device,
        "gauge": access.gauge,
        "site": access.site,
        "route": access.route.value,
        "line": access.line,
        "antiseptic": access.antiseptic,
        "attempts": access.attempts,
        "blood_return": access.blood_return,
        "dressing": access.dressing,
        "local_anaesthetic": access.local_anaesthetic,
    }


def _given(one: Given) -> dict[str, Json]:
    drug: GivenDrug = one.given
    return {
        "drug": drug.drug,
        "dose": quantity_json(drug.dose),
        "route": drug.route,
        "site": drug.site,
        "basis": drug.basis,
        "at": one.at.isoformat(),
        "by": one.by,
    }


def _value(reading: Reading) -> Json:
    return quantity_json(reading.value) if isinstance(reading.value, Quantity) else reading.value


def _seen(code: str, seen: Seen) -> dict[str, Json]:
    return {"code": code, "value": _value(seen.reading), "scale": seen.reading.scale, "at": seen.at.isoformat(), "by": seen.by}


def _reaction(one: Reaction) -> dict[str, Json]:
    return {
        "reported_at": one.reported_at.isoformat(),
        "rate_before": quantity_json(one.rate_before),
        "signs": [*one.signs],
        "grade": one.grade,
        "scale": one.scale,
        "action": one.action,
        "ceiling": quantity_json(one.ceiling),
        "emergency": one.emergency,
        "resolved_at": _moment(one.resolved_at),
    }


def _score(one: Warned) -> dict[str, Json]:
    """A score as far as it is charted: `least` is what is certain, and the total where nothing is missing."""
    return {
        "scale": one.scale,
        "edition": one.edition,
        "least": quantity_json(one.least),
        "missing": [*one.missing],
        "red": [_seen(red.reading.code, red) for red in one.reds],
        "band": one.band,
        "at": one.at.isoformat(),
    }


def _alarm(one: Alarm) -> dict[str, Json]:
    return {
        "key": one.key,
        "code": one.code,
        "rule": one.rule,
        "priority": one.priority,
        "count": one.count,
        "raised_at": one.raised_at.isoformat(),
        "shown_at": _moment(one.shown_at),
        "acknowledged_at": _moment(one.acknowledged_at),
        "acknowledged_by": one.acknowledged_by,
        "ended_at": _moment(one.ended_at),
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the history with both its times. `struck` is the reason why it was entered in error, empty while it stands;
    `is_late`: it was told longer after it happened than a clock may differ."""

    seq: int
    at: datetime
    recorded_at: datetime
    by: str
    event: Event
    struck: str
    is_late: bool
    may_be_corrected: bool


def chronicle(recorded: Iterable[Recorded]) -> tuple[Entry, ...]:
    """The history of a session as it was told; nothing is left out, and what was entered in error is marked, not removed."""
    history = tuple(recorded)
    struck = {one.event.seq: one.event.reason for one in history if isinstance(one.event, e.EntryCorrected)}
    return tuple(
        Entry(
            seq=one.seq,
            at=one.occurred_at,
            recorded_at=one.recorded_at,
            by=one.actor,
            event=one.event,
            struck=struck.get(one.seq, ""),
            is_late=one.recorded_at - one.occurred_at > LATE,
            may_be_corrected=type(one.event) in CORRECTABLE and one.seq not in struck,
        )
        for one in history
    )
