"""Scores at the chair: which of them fit a session, what of its newest values goes in, and what a worked score leaves in the record.

The calculators work out; here nothing is scored and nothing assumed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openinfusion.app import calculators as registry
from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Seen, SessionState
from openinfusion.core.calculation import Calculation, Entered
from openinfusion.core.calculator import InputKind, Word
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from openinfusion.core.spelling import spelled
from openinfusion.core.table import Score

PLACE_SCALES = ("vip", "phlebitis", "infiltration", "extravasation")
"""Scales of one place of the body; their observation names the place behind a point: `phlebitis.left-forearm`."""

NOT_THERE = "air"
"""What is charted when oxygen is not given, by the word of the scale: a bare no would be a channel that shows nothing."""

LEVEL_LEFT, LEVEL_RIGHT = "sensory_level.left", "sensory_level.right"
_POINTS = "{score}"
_VITALS = {"rr": "resp_rate", "spo2": "spo2", "o2": "oxygen", "sbp": "bp.systolic", "hr": "pulse", "temp": "temp", "acvpu": "acvpu"}
_NEURAXIAL = frozenset({Route.EPIDURAL})
_VEIN = frozenset({Route.IV})


@dataclass(frozen=True, slots=True)
class AtChair:
    """A score that can be charted: `results` maps each result that is kept to its observation, `inputs` the inputs to theirs."""

    calculator: str
    results: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    routes: frozenset[Route] = frozenset(Route)

    @property
    def at_place(self) -> bool:
        """Whether it is of one place of the body."""
        return self.calculator in PLACE_SCALES


AT_CHAIR: Mapping[str, AtChair] = {
    one.calculator: one
    for one in (
        AtChair("news2", {"total": "news2"}, _VITALS),
        AtChair("maternal-warning", {"met": "maternal-warning"}, {**_VITALS, "dbp": "bp.diastolic"}),
        AtChair("pews", {"total": "pews"}),
        AtChair("block-level", {"left": LEVEL_LEFT, "right": LEVEL_RIGHT}, routes=_NEURAXIAL),
        AtChair("bromage", {"grade": "motor_bromage"}, routes=_NEURAXIAL),
        AtChair("poss", {"level": "sedation"}, routes=_NEURAXIAL | _VEIN),
        AtChair("pain", {"score": "pain"}, {"score": "pain"}),
        AtChair("flacc", {"total": "pain"}),
        *(AtChair(name, {"grade": name}, routes=_VEIN) for name in PLACE_SCALES),
    )
}
"""The scores of the chair by their calculator."""


_BY_SCORE = frozenset({*PLACE_SCALES, "news2", "maternal-warning", "pews", "oxygen", "acvpu"})


def is_of_a_score(code: str) -> bool:
    """Whether an observation comes from a score, and is not typed by itself."""
    return code.partition(".")[0] in _BY_SCORE or code in (LEVEL_LEFT, LEVEL_RIGHT)


def is_of_a_place(code: str) -> bool:
    """Whether an observation is a grade of one place of the body."""
    scale, _, place = code.partition(".")
    return bool(place) and scale in PLACE_SCALES


def fitting(route: Route, age: Quantity | None, pregnant: bool | None) -> tuple[AtChair, ...]:
    """The scores for a patient at this route; which early warning score holds follows from age and pregnancy as far as they are known."""
    is_child = None if age is None else age < _adult_from()
    holds = {
        "news2": is_child is not True and pregnant is not True,
        "maternal-warning": pregnant is not False and is_child is not True,
        "pews": is_child is not False,
    }
    return tuple(one for name, one in AT_CHAIR.items() if route in one.routes and holds.get(name, True))


def _adult_from() -> Quantity:
    table = registry.table_of("news2-1")
    return table.figures["age-from"].quantity if isinstance(table, Score) else Quantity(0, "a")


def newest(one: AtChair, state: SessionState, old: Iterable[str]) -> Mapping[str, Seen]:
    """The newest charted value of each input that is an observation; one that is owed anew is none."""
    due = frozenset(old)
    held = {name: state.seen.get(code) for name, code in one.inputs.items() if code not in due}
    return {name: seen for name, seen in held.items() if seen is not None}


def readings(one: AtChair, made: Calculation, entered: Mapping[str, Entered], place: str, state: SessionState) -> tuple[Reading, ...]:
    """What a worked score leaves in the record: its result, and the values that went in where they are not charted so already. Empty where
    it was refused."""
    if made.primary is None:
        return ()
    scale = str(entered.get("method") or _scale(one.calculator))
    kept = []
    for result, code in one.results.items():
        shown = made.results.get(result)
        if shown is not None and isinstance(shown.amount, Quantity | Word):
            kept.append(Reading(f"{code}.{place}" if one.at_place else code, _value(shown.amount), scale))
    ours = {reading.code for reading in kept}
    went_in = (_input(one.calculator, name, code, entered.get(name)) for name, code in one.inputs.items() if code not in ours)
    return (*kept, *(told for told in went_in if told is not None and not _is_charted(told, state)))


def _scale(calculator: str) -> str:
    tables = (registry.table_of(name) for name in registry.calculators()[calculator].tables)
    return next((table.scale for table in tables if isinstance(table, Score)), "")


def _value(amount: Quantity | Word) -> Quantity | str:
    """A level that is a digit is a number of points, as the protocol's limits compare it."""
    if isinstance(amount, Quantity):
        return amount
    return Quantity(amount.text, _POINTS) if amount.text.isdecimal() else amount.text


def _input(calculator: str, name: str, code: str, entered: Entered) -> Reading | None:
    declared = registry.calculators()[calculator].by_name[name]
    if entered is None:
        return None
    if declared.kind is InputKind.TRUTH:
        return Reading(code, True if str(entered) in ("yes", "true") else NOT_THERE)
    if declared.kind is InputKind.CHOICE:
        return Reading(code, str(entered))
    read = spelled(str(entered), is_activity=False)
    return None if read.wrong else Reading(code, Quantity(read.value, read.symbol or declared.assumed))


def _is_charted(told: Reading, state: SessionState) -> bool:
    seen = state.seen.get(told.code)
    return seen is not None and seen.reading.value == told.value
