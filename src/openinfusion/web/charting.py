"""What is drawn over the clock of a session: values in strips, one for each kind, and what happened, each with its number. It reads the
record and the newest samples; every number that people read stands in a table beside the drawing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from openinfusion.app.feed import LEAD_OFF, amount
from openinfusion.app.ports import SampleBlock
from openinfusion.app.present import Glossary, alarm, code_words
from openinfusion.app.records import Entry
from openinfusion.core.administration import events as e
from openinfusion.core.administration.session import Alarm
from openinfusion.core.event import Event
from openinfusion.core.protocol import AlarmLimit
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside, alarm_wording
from openinfusion.web.naming import event_words
from openinfusion.web.observing import place
from openinfusion.web.wording import amount_text

MOST_STRIPS = 6
MOST_HAPPENINGS = 40
MOST_ROWS = 12
MONITOR_SPAN = timedelta(minutes=30)
"""So far back the monitor's own values are drawn beside the charted ones."""

MONITOR_EVERY = timedelta(seconds=15)
"""Of a monitor's values the first of so long is drawn: a pixel is no shorter."""

_TOLD = (
    *(e.InfusionStarted, e.InfusionPaused, e.InfusionResumed, e.InfusionStopped, e.InfusionCompleted, e.ContainerChanged, e.BolusGranted),
    *(e.InjectionGiven, e.GivenRecorded, e.PremedicationGiven, e.ReactionReported, e.EmergencyOpened, e.EmergencyDrugGiven),
    *(e.ReactionResolved, e.ComplicationRecorded, e.AlarmRaised, e.HandedOver),
)


@dataclass(frozen=True, slots=True)
class Curve:
    """The values of one observation in order of time, all in one kind of unit."""

    code: str
    values: tuple[tuple[datetime, Quantity], ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """Curves that share a scale, such as both blood pressures, with the protocol's alarm limits on them."""

    code: str
    curves: tuple[Curve, ...]
    limits: tuple[AlarmLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, with the number that marks it in the drawing."""

    n: int
    at: datetime
    text: str
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class ValueTable:
    """The charted values that are drawn, newest first: for each time the value of each code, None where it was not charted."""

    codes: tuple[str, ...]
    rows: tuple[tuple[datetime, tuple[Quantity | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Charted:
    """Everything beside the flow itself."""

    strips: tuple[Strip, ...]
    happenings: tuple[Happening, ...]
    table: ValueTable


def charted(chair: Chairside, blocks: Iterable[SampleBlock] = ()) -> Charted:
    """What the record of a session shows, with a monitor's own values where blocks are given. What was entered in error is not drawn."""
    told = [one for one in chair.entries if not one.struck]
    series = _series(told)
    table = _table(series)
    for code, values in _sampled(blocks).items():
        series.setdefault(code, []).extend(values)
    return Charted(_strips(series, chair.protocol.alarms), tuple(_happenings(chair, told)), table)


def charted_now(chair: Chairside) -> Charted:
    """What is drawn of a session now, with its monitor's own values of late."""
    return charted(chair, chair.ports.samples.read(chair.session, chair.now - MONITOR_SPAN, chair.now + timedelta(seconds=1)))


def _series(entries: Iterable[Entry]) -> dict[str, list[tuple[datetime, Quantity]]]:
    found: dict[str, list[tuple[datetime, Quantity]]] = {}
    for one in entries:
        for reading in one.event.readings if isinstance(one.event, e.ObservationRecorded) else ():
            if isinstance(reading.value, Quantity):
                found.setdefault(reading.code, []).append((one.at, reading.value))
    return found


def _table(series: Mapping[str, Sequence[tuple[datetime, Quantity]]]) -> ValueTable:
    codes = sorted(series, key=lambda code: (place(code), code))
    times = sorted({at for values in series.values() for at, _ in values}, reverse=True)[:MOST_ROWS]
    held = {code: dict(series[code]) for code in codes}
    return ValueTable(tuple(codes), tuple((at, tuple(held[code].get(at) for code in codes)) for at in times))


def _sampled(blocks: Iterable[SampleBlock]) -> Mapping[str, list[tuple[datetime, Quantity]]]:
    """The first value of each short span of each channel that is the patient's."""
    found: dict[str, dict[int, tuple[datetime, Quantity]]] = {}
    for block in blocks:
        for code, (unit, texts) in block.channels.items():
            if code.startswith("pump.") or LEAD_OFF in block.flags or f"{LEAD_OFF}:{code}" in block.flags:
                continue
            kept = found.setdefault(code, {})
            for offset, text in zip(block.times_ms, texts, strict=False):
                at = block.start + timedelta(milliseconds=offset)
                span = int(at.timestamp() // MONITOR_EVERY.total_seconds())
                if span not in kept and (value := amount(text, unit)) is not None:
                    kept[span] = (at, value)
    return {code: list(values.values()) for code, values in found.items()}


def _strips(series: Mapping[str, list[tuple[datetime, Quantity]]], limits: Sequence[AlarmLimit]) -> tuple[Strip, ...]:
    """A strip for each whole, its parts together; a whole that came alone stands for itself. Those the protocol watches come first."""
    together: dict[str, list[str]] = {}
    for code in sorted(series, key=lambda code: (place(code), code)):
        together.setdefault(code.split(".")[0], []).append(code)
    watched = {limit.observation.split(".")[0] for limit in limits}
    strips = []
    for head in sorted(together, key=lambda head: head not in watched):
        parts = [code for code in together[head] if code != head] or [head]
        curves = tuple(curve for code in parts if (curve := _curve(code, series[code])).values)
        like = tuple(one for one in curves if one.values[0][1].is_like(curves[0].values[0][1]))
        ours = tuple(one for one in limits if not one.of_baseline and one.observation in {curve.code for curve in like})
        strips.append(Strip(head, like, tuple(one for one in ours if one.figure.quantity.is_like(like[0].values[0][1]))))
    return tuple(strips[:MOST_STRIPS])


def _curve(code: str, values: Iterable[tuple[datetime, Quantity]]) -> Curve:
    ordered = sorted(values, key=lambda pair: pair[0])
    return Curve(code, tuple(pair for pair in ordered if pair[1].is_like(ordered[0][1])))


def _happenings(chair: Chairside, entries: Iterable[Entry]) -> Iterable[Happening]:
    """What happened, in order of time and numbered; an alarm that begins again is told once."""
    wanted, alarmed = [], set()
    for one in sorted(entries, key=lambda entry: entry.at):
        if not isinstance(one.event, _TOLD) or (isinstance(one.event, e.AlarmRaised) and one.event.key in alarmed):
            continue
        if isinstance(one.event, e.AlarmRaised):
            alarmed.add(one.event.key)
        wanted.append(one)
    words = alarm_wording(chair.ports, chair.loaded) if alarmed else None
    for n, one in enumerate(wanted[-MOST_HAPPENINGS:], 1):
        yield Happening(n, one.at, _text(one, chair.terms, words), isinstance(one.event, e.ReactionReported | e.EmergencyOpened))


def _text(entry: Entry, terms: Mapping[str, str], words: tuple[Mapping[str, str], Glossary] | None) -> str:
    name, more = event_words(entry.event), _more(entry.event, terms)
    if isinstance(entry.event, e.AlarmRaised) and words is not None:
        raised, (kinds, glossary) = entry.event, words
        held = Alarm(raised.key, raised.code, raised.priority, raised.physiological, entry.at, reading=raised.reading, rule=raised.rule)
        more = alarm(held, kinds, gettext, glossary).what_is_true
    return f"{name}: {more}" if more else name


def _more(event: Event, terms: Mapping[str, str]) -> str:
    """What belongs to the name of an event in one line."""
    match event:
        case e.InfusionStarted() | e.InfusionResumed():
            return amount_text(event.rate)
        case e.BolusGranted() | e.GivenRecorded() | e.InjectionGiven():
            return amount_text(event.volume)
        case e.PremedicationGiven() | e.EmergencyDrugGiven():
            dose = f" {amount_text(event.given.dose)}" if event.given.dose is not None else ""
            return code_words(event.given.drug, terms) + dose
        case e.ComplicationRecorded():
            return code_words(event.complication, terms)
        case e.HandedOver():
            return event.to
        case _:
            return ""
