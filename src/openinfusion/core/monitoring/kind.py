"""What the parts of the watch share: a condition that holds now, the tables that judge it, and what devices sent besides events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from openinfusion.core.administration.parts import Reading, Status
from openinfusion.core.figure import Source
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AlarmClass, AlarmKind, Alarms, Priority, PumpEvents

WATCHED = (Status.INFUSING, Status.ON_HOLD, Status.OBSERVING)
"""The statuses in which a patient is watched."""


@dataclass(frozen=True, slots=True)
class AlarmTables:
    """The rules of all alarms that no protocol sets."""

    alarms: Alarms
    pumps: PumpEvents


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one channel of a device; None where the device sent none."""

    code: str
    value: Quantity | None
    at: datetime
    device: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """What devices sent that is not an event: the newest samples in order of time, when each device was last heard, and a few
    samples of the last minutes of the observations whose trend is watched."""

    samples: tuple[Sample, ...] = ()
    heard: Mapping[str, datetime] = field(default_factory=dict)
    thinned: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmCondition:
    """Something that is true now and that a person must know. `key` is one condition of one session; `rule` is the id of the limit or
    monitoring rule, or the pump's own code as it came; `response` names the complication whose steps follow. What rests on a chart has the
    time of the newest entry in `evidence_at`: once a person answered, it speaks again for a newer one only."""

    key: str
    code: str
    priority: Priority
    physiological: bool
    reading: Reading | None = None
    rule: str = ""
    sources: tuple[Source, ...] = ()
    latching: bool = False
    response: str = ""
    evidence_at: datetime | None = None


def is_of(code: str, wanted: str) -> bool:
    """Whether a code is the wanted one or a part of it (`bp.systolic` of `bp`)."""
    return code == wanted or code.startswith(f"{wanted}.")


def condition(tables: AlarmTables, code: str, of: str = "", reading: Reading | None = None, rule: str = "") -> AlarmCondition:
    """The condition of a kind that the alarm table names; `of` tells several of one kind apart. Raises KeyError for an unknown kind."""
    kind = next((kind for kind in tables.alarms.kinds if kind.id == code), None)
    if kind is None:
        raise KeyError(code)
    return of_kind(tables, kind, f"{code}:{of}" if of else code, reading, rule)


def of_kind(tables: AlarmTables, kind: AlarmKind, key: str, reading: Reading | None = None, rule: str = "") -> AlarmCondition:
    """A condition with the priority that the one matrix gives to its harm and onset."""
    priority = tables.alarms.priorities[kind.harm][kind.onset]
    physiological = kind.alarm_class is AlarmClass.PHYSIOLOGICAL
    return AlarmCondition(key, kind.id, priority, physiological, reading, rule, kind.sources, kind.latching)
