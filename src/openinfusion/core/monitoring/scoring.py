"""How well alarms met what really went wrong: caught in time, late, missed, and how many there were for nothing, per hour.

The labels are somebody else's word; it makes none and never looks at how an alarm came about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

INTERRUPTING = ("high", "medium")
"""The priorities that call a person away from what they do."""


class Outcome(StrEnum):
    """What became of a label."""

    CAUGHT = "caught"
    LATE = "late"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Label:
    """Something that went wrong from `at` until `until`. One of the codes, or any alarm when none is named, has to be raised `within` this
    time; an alarm up to `early` before it is a warning and not a false one. A code is an alarm's code or its key."""

    at: datetime
    until: datetime
    codes: tuple[str, ...]
    within: timedelta
    early: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Raised:
    """One raising of an alarm; `ended_at` is None while it stands."""

    at: datetime
    key: str
    code: str
    priority: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """One label, what became of it, and the first alarm that told of it, with the time from its beginning (negative: before)."""

    label: Label
    outcome: Outcome
    first: Raised | None = None
    delay: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Every label, and the alarms that belong to none."""

    labels: tuple[Scored, ...]
    false: tuple[Raised, ...]
    hours: float

    def count(self, outcome: Outcome) -> int:
        """How many labels came to this."""
        return sum(one.outcome is outcome for one in self.labels)

    def false_per_hour(self, *, interrupting: bool) -> float | None:
        """False alarms per hour of the recording, all or only those that interrupt; None of a recording without length."""
        counted = [one for one in self.false if not interrupting or one.priority in INTERRUPTING]
        return len(counted) / self.hours if self.hours > 0 else None


def score(labels: Iterable[Label], alarms: Sequence[Raised], began: datetime, ended: datetime) -> Score:
    """Compare the alarms of a recording with its labels. An alarm that stood already when a label began has told of it at once."""
    judged = tuple(_judged(label, alarms) for label in labels)
    false = tuple(one for one in alarms if not any(_belongs(one, each.label) for each in judged))
    return Score(judged, false, (ended - began) / timedelta(hours=1))


def _judged(label: Label, alarms: Sequence[Raised]) -> Scored:
    told = [one for one in alarms if _names(label, one) and _reaches(one, label) and one.at <= label.until]
    if not told:
        return Scored(label, Outcome.MISSED)
    first = min(told, key=lambda one: one.at)
    delay = first.at - label.at
    return Scored(label, Outcome.CAUGHT if delay <= label.within else Outcome.LATE, first, delay)


def _names(label: Label, alarm: Raised) -> bool:
    return not label.codes or alarm.code in label.codes or alarm.key in label.codes


def _reaches(alarm: Raised, label: Label) -> bool:
    """Whether it still stood when the label began, or was its early warning."""
    return alarm.at >= label.at - label.early or alarm.ended_at is None or alarm.ended_at > label.at


def _belongs(alarm: Raised, label: Label) -> bool:
    return _names(label, alarm) and label.at - label.early <= alarm.at <= label.until
