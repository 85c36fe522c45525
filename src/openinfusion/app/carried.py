"""What the blocks of one session leave behind as they come: the newest values of each channel and who was heard. What it shows is what
`feed.shown_by` makes of all the blocks; only the new ones are looked at.
"""

from collections import deque
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from openinfusion.app.feed import LEAD_OFF, OF_A_PUMP, amount, first_span, in_order, kept, reach
from openinfusion.app.intake import CLOCK_SUSPECT
from openinfusion.app.ports import SampleBlock
from openinfusion.core.monitoring.calm import Bounds, Calm, is_calm
from openinfusion.core.monitoring.kind import AlarmTables, Feed, Sample
from openinfusion.core.patient import duration

Verdicts = MutableMapping[tuple[str, str, str], bool]
"""Channel, unit and value as it was sent -> whether it raises nothing under some limits: few values come again and again."""

_EVER = datetime.max.replace(tzinfo=UTC)
_MOST_VERDICTS = 20_000
_RECENT = 4
"""So many blocks of a device are known again when they are told a second time."""


@dataclass(slots=True)
class _Channel:
    """The newest values of a channel with when their block began, the newest run of equal values, and one value for each span of time."""

    newest: deque[tuple[datetime, str | None, str, datetime]]
    run: deque[datetime]
    last: str | None = None
    thinned: deque[tuple[int, datetime, str, str]] = field(default_factory=deque)


class Carried:
    """The blocks of one session, device by device in order of time. A block out of order is not taken: then all have to be read anew."""

    def __init__(self, tables: AlarmTables) -> None:
        rule, frozen = tables.alarms.trend, tables.alarms.frozen_after
        self._tables, self._kept, self._reach = tables, kept(tables), reach(tables)
        self._frozen_after = int(frozen.quantity.value) if frozen is not None else 0
        self._thinning = frozenset(rule.channels) if rule is not None else frozenset()
        self._span = duration(rule.every.quantity).total_seconds() if rule is not None else 1.0
        self._jumping = frozenset(jump.observation for jump in tables.alarms.jumps)
        self._spans = 0
        self._heard: dict[str, tuple[datetime, datetime]] = {}
        self._recent: dict[str, deque[SampleBlock]] = {}
        self._ends: dict[str, datetime] = {}
        self._channels: dict[tuple[str, str], _Channel] = {}

    def take(self, block: SampleBlock) -> bool:
        """Take the next block of its device. False, and nothing is taken, where it begins before the last one ended, where its times do not
        rise, or where its clock cannot be believed; one that was taken already is taken once."""
        device, times = block.device_id, block.times_ms
        end = self._ends.get(device)
        if end is not None and block.start <= end:
            return block in self._recent[device]
        if CLOCK_SUSPECT in block.flags or not times or any(later <= first for first, later in pairwise(times)):
            return False
        if any(len(texts) != len(times) for _, texts in block.channels.values()):
            return False
        last = block.start + timedelta(milliseconds=times[-1]) if times[-1] else block.start
        self._recent.setdefault(device, deque(maxlen=_RECENT)).append(block)
        self._ends[device], self._heard[device] = last, (last, block.start)
        for code, (unit, texts) in block.channels.items():
            if not code.startswith(OF_A_PUMP):
                self._extend(block, code, unit, texts)
        return True

    def _extend(self, block: SampleBlock, code: str, unit: str, texts: tuple[str | None, ...]) -> None:
        channel = self._channels.get((block.device_id, code))
        if channel is None:
            channel = self._channels[block.device_id, code] = _Channel(deque(maxlen=self._kept), deque(maxlen=self._frozen_after))
        is_off = block.flags and (LEAD_OFF in block.flags or f"{LEAD_OFF}:{code}" in block.flags)
        for offset, text in zip(block.times_ms, texts, strict=True):
            at = block.start + timedelta(milliseconds=offset) if offset else block.start
            channel.newest.append((at, None if is_off else text, unit, block.start))
            if text is None or text != channel.last:
                channel.run.clear()
                channel.last = text
            if text is not None:
                channel.run.append(block.start)
                if code in self._thinning:
                    self._thin(channel, at, text, unit)

    def _thin(self, channel: _Channel, at: datetime, text: str, unit: str) -> None:
        """Keep the first value of each span."""
        n = int(at.timestamp() // self._span)
        if not channel.thinned or channel.thinned[-1][0] < n:
            channel.thinned.append((n, at, text, unit))
            self._spans += 1
            while (at - channel.thinned[0][1]) > self._reach + self._reach:
                channel.thinned.popleft()

    def feed(self, now: datetime) -> Feed:
        """What the blocks that were taken show of the present."""
        return Feed(in_order(self._shown(now - self._reach)), self.heard(now), self.thinned(now))

    def _shown(self, since: datetime) -> Iterator[Sample]:
        for (device, code), channel in self._channels.items():
            frozen = self._is_frozen(code, channel, since)
            for at, text, unit, start in channel.newest:
                if start >= since:
                    yield Sample(code, None if frozen else amount(text, unit), at, device)

    def _is_frozen(self, code: str, channel: _Channel, since: datetime) -> bool:
        if not self._frozen_after or code not in self._tables.alarms.frozen_is_no_reading:
            return False
        return len(channel.run) == self._frozen_after and channel.run[0] >= since

    def thinned(self, now: datetime) -> tuple[Sample, ...]:
        """The values by which a trend is told."""
        begun = first_span(now - self._reach, self._span)
        return in_order(
            Sample(code, amount(text, unit), at, device)
            for (device, code), channel in self._channels.items()
            for n, at, text, unit in channel.thinned
            if n >= begun
        )

    def thinned_at(self, now: datetime) -> tuple[int, int]:
        """What tells one state of the thinned values from another."""
        return self._spans, first_span(now - self._reach, self._span)

    def shown_until(self, channels: Iterable[tuple[str, str]]) -> datetime:
        """When the first of these channels is shown no more unless something comes."""
        return min((self._channels[one].newest[-1][3] + self._reach for one in channels), default=_EVER)

    def heard(self, now: datetime) -> dict[str, datetime]:
        """When each device was heard last that is heard at all."""
        since = now - self._reach
        return {device: last for device, (last, start) in self._heard.items() if start >= since}

    def is_calm(self, block: SampleBlock, calm: Calm, verdicts: Verdicts) -> bool:
        """Whether a block that was just taken changes nothing while the session is calm: known channels, calm values, none frozen."""
        if block.flags and any(flag.startswith(LEAD_OFF) for flag in block.flags):
            return False
        device = block.device_id
        for code, (unit, texts) in block.channels.items():
            if code.startswith(OF_A_PUMP):
                continue
            if (device, code) not in calm.channels:
                return False
            for text in texts:
                if text is None:
                    return False
                verdict = verdicts.get((code, unit, text))
                if not (self._judged(verdicts, (code, unit, text), calm.bounds) if verdict is None else verdict):
                    return False
            channel = self._channels[device, code]
            if self._is_frozen(code, channel, block.start - self._reach) or (code in self._jumping and self._may_jump(code, channel)):
                return False
        return True

    def _may_jump(self, code: str, channel: _Channel) -> bool:
        """Whether two of the newest values lie so far apart that it could be a step that no body makes."""
        steps = [jump.step.quantity for jump in self._tables.alarms.jumps if jump.observation == code]
        living = [value for _, text, unit, _ in channel.newest if (value := amount(text, unit)) is not None]
        return any(not low.is_like(step) or max(living) >= min(living) + step for step in steps for low in living[:1])

    def _judged(self, verdicts: Verdicts, value: tuple[str, str, str], bounds: Bounds) -> bool:
        if len(verdicts) >= _MOST_VERDICTS:
            verdicts.clear()
        code, unit, text = value
        found = is_calm(code, amount(text, unit), bounds, self._tables)
        verdicts[value] = found
        return found


def in_turn(blocks: Iterable[SampleBlock], tables: AlarmTables) -> Carried | None:
    """What blocks in order of their start leave behind; None where some are out of order, so that all of them have to be looked at."""
    carried = Carried(tables)
    return carried if all(carried.take(block) for block in blocks) else None
