"""Recordings of devices, as a file holds them: what arrived line by line, in the order in which it came, and the labels of what went wrong.

It judges no message: what cannot be read is kept with its line and the reason, so that a replay can show it.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import groupby
from uuid import NAMESPACE_URL, uuid5

from openinfusion.core.canonical import Json, canonical
from openinfusion.core.errors import Malformed
from openinfusion.core.monitoring.scoring import Label

ZERO = datetime(2000, 1, 1, tzinfo=UTC)
"""Where the seconds of a recording without dates are counted from."""

COLUMNS = ("time", "device", "channel", "value", "unit")
PUMP_CHANNELS = ("pump.state", "pump.rate", "pump.volume", "pump.alarm")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message or command as it arrived `at`, from this line. `problem` says why it cannot be read; then it has no body."""

    line: int
    at: datetime
    body: Mapping[str, Json] = field(default_factory=dict)
    is_command: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """Arrivals in the order of the file; their times never run backward. Seconds are counted from `origin`."""

    origin: datetime
    arrivals: tuple[Arrival, ...]

    @property
    def is_relative(self) -> bool:
        """Whether it counts seconds and has no dates."""
        return self.origin == ZERO

    def devices(self) -> Mapping[str, str]:
        """Each device with its kind, which follows from what it sends: a report is a pump's."""
        sent = [one.body for one in self.arrivals if not one.is_command and str(one.body.get("device", "")).strip()]
        kinds = {str(body["device"]): "monitor" for body in sent}
        return kinds | {str(body["device"]): "pump" for body in sent if body.get("report")}

    def seconds(self, moment: datetime) -> Decimal:
        """The moment in seconds of the recording."""
        return Decimal((moment - self.origin) // timedelta(milliseconds=1)).scaleb(-3)


def read_recording(name: str, text: str) -> Recording:
    """The recording of a file, CSV or NDJSON by its name. Raises Malformed when the file as a whole is neither, or holds nothing."""
    rows = _csv(text) if name.lower().endswith(".csv") else _lines(text)
    arrivals: list[Arrival] = []
    for one in rows:
        latest = arrivals[-1].at if arrivals else None
        arrivals.append(one if latest is None or one.at >= latest else replace(one, at=latest))
    if not arrivals:
        raise Malformed(name, "it holds no message", "docs/reference/replay.md shows both formats")
    first = arrivals[0].at
    return Recording(ZERO if first.year == ZERO.year else first, tuple(arrivals))


def read_labels(name: str, text: str, origin: datetime) -> tuple[Label, ...]:
    """The labels of a CSV file with the columns at, until, codes and, if wanted, within and early. Raises Malformed with the line."""
    reader = csv.DictReader(text.splitlines(), restkey="")
    if missing := {"at", "until", "codes"} - set(reader.fieldnames or ()):
        raise Malformed(name, f"the column {', '.join(sorted(missing))} is missing", "at,until,codes,within,early")
    return tuple(_label(f"{name}, line {n}", row, origin) for n, row in enumerate(reader, 2))


def moment_of(text: str, origin: datetime = ZERO) -> datetime:
    """A time with its offset from UTC, or seconds from the origin; raises ValueError for anything else."""
    try:
        return origin + timedelta(seconds=float(_seconds(text)))
    except InvalidOperation:
        moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset from UTC; write seconds, or a time that ends in Z or +hh:mm")
    return moment.astimezone(UTC)


def _seconds(text: str) -> Decimal:
    number = Decimal(text.strip())
    if not number.is_finite() or abs(number) > 10**9:
        raise ValueError(f"{text} is no number of seconds")
    return number


def _label(place: str, row: Mapping[str, str | None], origin: datetime) -> Label:
    told = _told(row)
    try:
        at, until = moment_of(told["at"], origin), moment_of(told["until"], origin)
        within, early = (timedelta(seconds=float(_seconds(told.get(name) or "0"))) for name in ("within", "early"))
    except (ValueError, InvalidOperation) as error:
        raise Malformed(place, str(error), "times as in the recording, within and early in seconds") from error
    if until < at:
        raise Malformed(place, "it ends before it begins", "until at or after at")
    return Label(at, until, tuple(told["codes"].split()), within if told.get("within") else until - at, early)


def _told(row: Mapping[str, str | None]) -> dict[str, str]:
    """The cells of a row under their columns; a short row has empty ones, and what stands beyond the last column is under ""."""
    return {name: value.strip() if isinstance(value, str) else "" for name, value in row.items()}


class _Named:
    """Gives messages their id and number: the same content is the same message, as when a gateway sends it again."""

    def __init__(self) -> None:
        self._sent: dict[str, dict[str, Json]] = {}
        self._count: dict[str, int] = {}

    def message(self, content: Mapping[str, Json]) -> Mapping[str, Json]:
        """The message with what the recording leaves out."""
        text, device = canonical(dict(content)), str(content.get("device", ""))
        if text not in self._sent:
            self._count[device] = self._count.get(device, 0) + 1
            made: dict[str, Json] = {"message_id": str(uuid5(NAMESPACE_URL, f"openinfusion:replay:{text}"))}
            self._sent[text] = {**made, "device_seq": self._count[device], **content}
        return self._sent[text]


def _lines(text: str) -> Iterator[Arrival]:
    names, at = _Named(), ZERO
    for n, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            one = _line(n, line, names)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            one = Arrival(n, at, problem=str(error))
        at = max(at, one.at)
        yield one


def _line(n: int, line: str, names: _Named) -> Arrival:
    body = json.loads(line)
    if not isinstance(body, dict):
        raise TypeError("it is no JSON object")
    came = body.pop("received", None)
    if "command" in body:
        return Arrival(n, moment_of(str(came or body.get("at"))), body, is_command=True)
    told = came or body.get("sent_at") or body.get("occurred_at")
    return Arrival(n, moment_of(str(told)), names.message(_dated(body)))


def _dated(body: Mapping[str, Json]) -> Mapping[str, Json]:
    """Times that are written in seconds, as times."""
    samples = body.get("samples")
    dated = {name: _iso(value) if name in ("occurred_at", "sent_at") else value for name, value in body.items()}
    return dated | ({"samples": {**samples, "start": _iso(samples.get("start"))}} if isinstance(samples, dict) else {})


def _iso(value: Json) -> Json:
    try:
        return moment_of(str(value)).isoformat()
    except ValueError:
        return value


def _csv(text: str) -> Iterator[Arrival]:
    reader = csv.DictReader(text.splitlines(), restkey="")
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        raise Malformed("recording", f"the column {', '.join(missing)} is missing", ",".join((*COLUMNS, "received")))
    names, at = _Named(), ZERO
    numbered = ((reader.line_num, _told(row)) for row in reader)
    for (time, device, came), rows in groupby(numbered, lambda one: (one[1]["time"], one[1]["device"], one[1].get("received", ""))):
        for n, message in _messages(device, list(rows)):
            try:
                moment = moment_of(time)
                arrived = moment_of(came) if came else moment
                one = Arrival(n, arrived, names.message(_at(message, moment)))
            except (ValueError, OverflowError) as error:
                one = Arrival(n, at, problem=str(error))
            at = max(at, one.at)
            yield one


def _at(message: Mapping[str, Json], moment: datetime) -> Mapping[str, Json]:
    samples = message.get("samples")
    dated = {**message, "occurred_at": moment.isoformat()}
    return dated | ({"samples": {**samples, "start": moment.isoformat()}} if isinstance(samples, dict) else {})


def _messages(device: str, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[tuple[int, dict[str, Json]]]:
    """What a device said at one time: a report of its pump channels and samples of the others; a channel told twice begins anew."""
    held: dict[bool, tuple[int, dict[str, Mapping[str, str]]]] = {}
    for n, row in rows:
        is_pump = row["channel"] in PUMP_CHANNELS
        if is_pump in held and row["channel"] in held[is_pump][1]:
            first, channels = held.pop(is_pump)
            yield first, _message(device, channels, is_pump=is_pump)
        held.setdefault(is_pump, (n, {}))[1][row["channel"]] = row
    for is_pump, (first, channels) in held.items():
        yield first, _message(device, channels, is_pump=is_pump)


def _message(device: str, channels: Mapping[str, Mapping[str, str]], *, is_pump: bool) -> dict[str, Json]:
    if is_pump:
        report: dict[str, Json] = {}
        for name, row in channels.items():
            part = name.removeprefix("pump.")
            report[part] = {"value": row["value"], "unit": row["unit"]} if part in ("rate", "volume") else row["value"]
        return {"device": device, "report": report}
    shown: dict[str, Json] = {name: {"unit": row["unit"], "values": [row["value"] or None]} for name, row in channels.items()}
    return {"device": device, "samples": {"times_ms": [0], "channels": shown}}
