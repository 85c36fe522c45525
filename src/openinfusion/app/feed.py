"""What the blocks of samples of a session show of the present: the newest values of each device, and who was heard.

It charts nothing and raises nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile

from openinfusion.app.intake import CLOCK_SUSPECT, LONGEST_BLOCK
from openinfusion.app.ports import Ports, SampleBlock
from openinfusion.core.administration.session import SessionState
from openinfusion.core.monitoring.kind import AlarmTables, Feed, Sample
from openinfusion.core.patient import duration
from openinfusion.core.quantity import NumberError, Quantity, UnitError

OF_A_PUMP = "pump."
"""Channels that are a pump's own, such as its volume: a sign of life, no observation of the patient."""

LEAD_OFF = "lead-off"
"""The mark of a block whose sensors are off the patient; with a colon and a channel, of that channel alone."""


def feed_of(ports: Ports, session_id: str, tables: AlarmTables, now: datetime) -> Feed:
    """The newest samples of a session and when each of its devices was last heard."""
    return shown_by(ports.samples.read(session_id, *window(tables, now)), tables, now)


def window(tables: AlarmTables, now: datetime) -> tuple[datetime, datetime]:
    """From when until when a block has to start to say anything of the present."""
    return now - reach(tables), now + AHEAD


AHEAD = timedelta(seconds=1)
"""How far in front of the present a block may begin and be shown all the same."""


def reach(tables: AlarmTables) -> timedelta:
    """For how long a block says anything of the present."""
    return duration(tables.alarms.report_every.quantity.scaled(tables.alarms.stale_after.quantity.value)) + timedelta(minutes=1)


def shown_by(read: Iterable[SampleBlock], tables: AlarmTables, now: datetime) -> Feed:
    """What blocks of a session, in order of their start, show of the present."""
    since, until = window(tables, now)
    blocks = [block for block in read if since <= block.start < until]
    heard: dict[str, datetime] = {}
    for block in blocks:
        last = block.start + timedelta(milliseconds=max(block.times_ms, default=0))
        heard[block.device_id] = max(last, heard.get(block.device_id, last))
    most = kept(tables)
    series = _newest([block for block in blocks if CLOCK_SUSPECT not in block.flags], most)
    shown: list[Sample] = []
    for (device, code), told in series.items():
        newest = sorted(told, key=_when)[-most:]
        frozen = code in tables.alarms.frozen_is_no_reading and _is_frozen(blocks, device, code, tables)
        shown.extend(Sample(code, None if frozen else amount(text, unit), at, device) for at, text, unit in newest)
    return Feed(in_order(shown), heard, _thinned(blocks, tables, since))


def in_order(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """Samples in order of time, those of one moment by device and code."""
    return tuple(sorted(samples, key=lambda one: (one.at, one.device, one.code)))


def first_span(since: datetime, span: float) -> int:
    """The first span of time from which every sample stands in a block that says something of the present."""
    return -int(-(since + LONGEST_BLOCK).timestamp() // span)


def _thinned(blocks: Iterable[SampleBlock], tables: AlarmTables, since: datetime) -> tuple[Sample, ...]:
    """The first value of each whole span of time, of the observations whose trend is watched, in order of time."""
    rule = tables.alarms.trend
    if rule is None:
        return ()
    span, first = duration(rule.every.quantity).total_seconds(), dict[tuple[str, str, int], Sample]()
    for block in blocks:
        for code in rule.channels:
            if code not in block.channels or CLOCK_SUSPECT in block.flags:
                continue
            unit, texts = block.channels[code]
            for offset, text in zip(block.times_ms, texts, strict=False):
                at = block.start + timedelta(milliseconds=offset)
                key = (block.device_id, code, int(at.timestamp() // span))
                if text is not None and key not in first:
                    first[key] = Sample(code, amount(text, unit), at, block.device_id)
    begun = first_span(since, span)
    return in_order(sample for (_, _, n), sample in first.items() if n >= begun)


def _newest(blocks: Sequence[SampleBlock], most: int) -> Mapping[tuple[str, str], Sequence["_Told"]]:
    """At least the newest values of each channel of each device. Blocks are looked at from the last one back, and no further than where no
    value can be newer than those that were found: a block is as long as ingestion allows at most."""
    lacking = {(block.device_id, channel): most for block in blocks for channel in block.channels if not channel.startswith(OF_A_PUMP)}
    series: dict[tuple[str, str], list[_Told]] = {one: [] for one in lacking}
    oldest: datetime | None = None
    for block in reversed(blocks):
        if oldest is not None and block.start + LONGEST_BLOCK < oldest:
            break
        for channel, told in _told(block, most):
            key = (block.device_id, channel)
            series[key][:0] = told
            if key in lacking and len(series[key]) >= most:
                del lacking[key]
        if oldest is None and not lacking:
            oldest = min((at for told in series.values() for at, _, _ in told), default=block.start)
    return series


_Told = tuple[datetime, str | None, str]
"""When a value was, as it was sent, and in which unit. Only the newest few are read as amounts."""


def _when(told: _Told) -> datetime:
    return told[0]


def kept(tables: AlarmTables) -> int:
    """How many of the newest samples of a channel are looked at: enough to end an alarm, and to see how long it is lost or at rest."""
    asystole = tables.alarms.asystole
    held = (tables.alarms.lost_after, asystole.after if asystole is not None else None)
    seconds = max((duration(one.quantity).total_seconds() for one in held if one is not None), default=0)
    return max(int(tables.alarms.samples_to_end.quantity.value) + bool(tables.alarms.jumps), int(seconds) + 1)


def pump_heard(feed: Feed, state: SessionState) -> datetime | None:
    """When the pump last showed by a sample that it goes on as it said; None when the newest word on the flow is not that pump's."""
    told = state.stated
    return feed.heard.get(told.by) if told is not None and state.devices.get(told.by) == "pump" else None


def _is_frozen(blocks: Sequence[SampleBlock], device: str, code: str, tables: AlarmTables) -> bool:
    """Whether the newest samples of a channel have been one and the same for longer than a living value can be."""
    if tables.alarms.frozen_after is None:
        return False
    texts = (
        text
        for block in reversed(blocks)
        if block.device_id == device and code in block.channels
        for text in reversed(block.channels[code][1])
    )
    newest = next(texts, None)
    if newest is None:
        return False
    equal = 1 + sum(1 for _ in takewhile(lambda text: text == newest, texts))
    return equal >= tables.alarms.frozen_after.quantity.value


def _told(block: SampleBlock, newest: int) -> Iterator[tuple[str, list[_Told]]]:
    """The newest values of each channel of a block; of a sensor that is off the patient there are none."""
    off = frozenset(block.flags)
    times = [block.start + timedelta(milliseconds=offset) for offset in block.times_ms[-newest:]]
    for channel, (unit, texts) in block.channels.items():
        if channel.startswith(OF_A_PUMP):
            continue
        is_off = off and (LEAD_OFF in off or f"{LEAD_OFF}:{channel}" in off)
        yield channel, [(at, None if is_off else text, unit) for at, text in zip(times, texts[-newest:], strict=False)]


@lru_cache(maxsize=16384)
def amount(text: str | None, unit: str) -> Quantity | None:
    """The value a device sent; what cannot be read is no value."""
    if text is None:
        return None
    try:
        return Quantity(text, unit)
    except (NumberError, UnitError):
        return None
