"""A simulated bedside monitor and the patient at it: vital signs as a function of a seed and of time. Pure; the same seed tells the same.

The patient is made up: the figures belong to nobody, and no treatment is judged by them.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Sign(StrEnum):
    """What it measures, by the codes of the protocols' observations."""

    PULSE = "pulse"
    RESPIRATION = "resp_rate"
    SATURATION = "spo2"
    TEMPERATURE = "temp"
    SYSTOLIC = "bp.systolic"
    DIASTOLIC = "bp.diastolic"


EACH_SECOND = (Sign.PULSE, Sign.RESPIRATION, Sign.SATURATION, Sign.TEMPERATURE)
BY_CUFF = (Sign.SYSTOLIC, Sign.DIASTOLIC)
"""What a cuff measures once in a while."""

LONGEST_BLOCK_S = 10


@dataclass(frozen=True, slots=True)
class Course:
    """How one sign of the made-up patient moves: about `middle`, swaying slowly, with noise, and by `in_reaction` at the height of a
    reaction. `digits` is what the display shows; `most` is where its scale ends."""

    unit: str
    middle: float
    sway: float
    noise: float
    in_reaction: float
    most: float
    digits: int = 0


COURSES: Mapping[Sign, Course] = {
    Sign.PULSE: Course("/min", 74, 3, 1.2, 38, 300),
    Sign.RESPIRATION: Course("/min", 14, 1, 0.6, 9, 120),
    Sign.SATURATION: Course("%", 97.6, 0.5, 0.3, -6, 100),
    Sign.TEMPERATURE: Course("Cel", 36.8, 0.1, 0.02, 1.3, 50, digits=1),
    Sign.SYSTOLIC: Course("mm[Hg]", 122, 4, 2, -28, 300),
    Sign.DIASTOLIC: Course("mm[Hg]", 74, 3, 2, -16, 300),
}
_SWAY_S = 600
_RISE_S, _RECOVERY_S = 120, 900


class Artefact(StrEnum):
    """What a sensor can do instead of measuring."""

    ZERO = "zero"
    FROZEN = "frozen"
    LEAD_OFF = "lead-off"


@dataclass(frozen=True, slots=True)
class Stretch:
    """An artefact from one second up to another."""

    artefact: Artefact
    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Monitor:
    """One monitor at one patient. Seconds count from when it was joined; a reaction begins at `reacts_s` and is treated at `treated_s`."""

    seed: str
    stretches: tuple[Stretch, ...] = ()
    reacts_s: int | None = None
    treated_s: int | None = None


def severity(monitor: Monitor, second: int) -> float:
    """How far the reaction has come, 0 to 1: it rises until somebody treats it, and falls from then on."""
    if monitor.reacts_s is None:
        return 0.0
    worst = second if monitor.treated_s is None else min(second, max(monitor.treated_s, monitor.reacts_s))
    height = min(1.0, max(0.0, (worst - monitor.reacts_s) / _RISE_S))
    if monitor.treated_s is None or second <= monitor.treated_s:
        return height
    return height * max(0.0, 1 - (second - monitor.treated_s) / _RECOVERY_S)


def value(monitor: Monitor, sign: Sign, second: int) -> str | None:
    """What the monitor shows of a sign in a second as decimal text, None where it shows nothing."""
    stretch = next((one for one in monitor.stretches if one.start_s <= second < one.end_s), None)
    if stretch is None:
        return _measured(monitor, sign, second)
    match stretch.artefact:
        case Artefact.ZERO:
            return "0"
        case Artefact.FROZEN:
            return _measured(monitor, sign, stretch.start_s)
        case Artefact.LEAD_OFF:
            return None
        case unknown:
            assert_never(unknown)


def _measured(monitor: Monitor, sign: Sign, second: int) -> str:
    course = COURSES[sign]
    person = random.Random(f"{monitor.seed}/{sign}")  # noqa: S311 - a made-up patient needs to be repeatable, not secret
    phase, own = person.uniform(0, 2 * math.pi), person.uniform(-course.sway, course.sway)
    noise = random.Random(f"{monitor.seed}/{sign}/{second}").gauss(0, course.noise)  # noqa: S311 - as above
    swayed = course.middle + own + course.sway * math.sin(2 * math.pi * second / _SWAY_S + phase)
    shown = swayed + noise + course.in_reaction * severity(monitor, second)
    return f"{min(course.most, max(0.0, shown)):.{course.digits}f}"


def block(monitor: Monitor, start_s: int, end_s: int) -> Mapping[Sign, tuple[str | None, ...]]:
    """Every second of the continuous signs from one second up to another, at most ten seconds."""
    if not 0 < end_s - start_s <= LONGEST_BLOCK_S:
        raise ValueError(f"a block holds 1 to {LONGEST_BLOCK_S} seconds")
    return {sign: tuple(value(monitor, sign, second) for second in range(start_s, end_s)) for sign in EACH_SECOND}


def flags(monitor: Monitor, start_s: int, end_s: int) -> tuple[str, ...]:
    """What the monitor itself notices in these seconds: a lead that is off. A zero or a frozen value it takes for the patient's."""
    off = any(one.artefact is Artefact.LEAD_OFF and one.start_s < end_s and start_s < one.end_s for one in monitor.stretches)
    return (Artefact.LEAD_OFF.value,) if off else ()


def cuff(monitor: Monitor, second: int) -> Mapping[Sign, str | None]:
    """One measurement by cuff."""
    return {sign: value(monitor, sign, second) for sign in BY_CUFF}
