"""A reaction judged from what was found: criteria of anaphylaxis and grades side by side, what follows, and the dose of the emergency.

Nothing keeps it from answering: what is missing or unreadable is left out, and said. A grade never decides about epinephrine.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from openinfusion.core.calculator import Amount, Calculator, Given, Input, InputKind, Result, Word, Worked, choice, notice
from openinfusion.core.calculators.emergency import EPINEPHRINE, epinephrine
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.monitoring.classify import Graded, Judged, Met, anaphylaxis, emergency, grades, is_low
from openinfusion.core.monitoring.reaction import Consequence, after_anaphylaxis, following
from openinfusion.core.monitoring.signs import DONE, PARTS, SIGNS, Exposure, Response, Signs, called
from openinfusion.core.prescribing.citations import CTCAE_5, EPINEPHRINE_IM, NIAID_2006, WAO_2020
from openinfusion.core.quantity import Quantity, ratio
from openinfusion.core.table import AdverseEvents, ReactionCriteria, ReactionDefaults

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.reaction-fall": ("baseline_sbp", "sbp"),
    "calc.restart-ceiling": ("rate", "share"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.anaphylaxis-met": ("criterion", "because"),
    "calc.anaphylaxis-open": ("criterion", "because"),
    "calc.anaphylaxis-act": (),
    "calc.anaphylaxis-not-met": (),
    "calc.reaction-graded": ("term", "grade", "terminology", "edition", "because"),
    "calc.reaction-no-grade": ("terminology", "edition"),
    "calc.reaction-one-report": (),
    "calc.reaction-follows": ("action", "grade", "rule"),
    "calc.reaction-restart": ("ceiling",),
    "calc.reaction-unknown-word": ("name", "word"),
    "calc.reaction-without-signs": ("grade",),
    "calc.reaction-no-baseline": ("sbp", "fall"),
    "calc.reaction-adult-limit": ("sbp",),
    "calc.reaction-onset": ("onset",),
}
CRITERIA, GRADES, DEFAULTS = "anaphylaxis-criteria-1", "ctcae-5", "reaction-defaults-1"
INFUSION_REACTION, ALLERGIC_REACTION = "ctcae-infusion-related-reaction", "ctcae-allergic-reaction"
_GRADES = ("none", "1", "2", "3", "4", "5")
_MET = {Met.YES: "met", Met.OPEN: "undecided", Met.NO: "not-met"}


def _reaction(given: Given) -> Worked:
    criteria, events = given.table(ReactionCriteria, CRITERIA), given.table(AdverseEvents, GRADES)
    signs = _signs(given)
    judged, graded = anaphylaxis(criteria, signs), grades(events, criteria, signs)
    met = emergency(judged)
    grade = _grade(given, graded)
    follows = _follows(given, met, grade)
    results: dict[str, Amount] = {
        "anaphylaxis": Word(_MET[met]),
        "wao_2020": Word(_standard(judged, "wao-2020")),
        "niaid_2006": Word(_standard(judged, "niaid-2006")),
        "grade": Word(grade),
        "action": Word(follows.action.value),
    }
    found = [*_of_criteria(judged, met), *_of_grades(events, graded, grade, signs), *_of_action(follows, grade, met)]
    found += [*_of_values(given, criteria, signs), *_unknown_words(given)]
    steps = [*_fall(signs)]
    if follows.ceiling is not None:
        results["restart_ceiling"] = follows.ceiling
        steps.append(_ceiling(given["rate"], follows))
    if met is Met.NO:
        return Worked(results, tuple(steps), tuple(found))
    dose = epinephrine(given)
    named = {f"epinephrine_{name}": amount for name, amount in dose.results.items()}
    lines = {f"epinephrine_{name}": line for name, line in dose.lines.items()}
    return Worked({**results, **named}, (*steps, *dose.steps), (*found, *dose.findings), lines=lines)


def _signs(given: Given) -> Signs:
    seen = frozenset(word for part in PARTS for word in _words(given, part))
    return Signs(
        seen=seen,
        exposure=Exposure(given.word("exposure")) if "exposure" in given else None,
        systolic=given.get("sbp"),
        baseline=given.get("baseline_sbp"),
        age=given.get("age"),
        saturation=given.get("spo2"),
        oxygen=given.get("oxygen_share"),
        temperature=given.get("temp"),
        lasting=given.get("fever_hours"),
        surface=given.get("skin_share"),
        done=frozenset(_words(given, "interventions")),
        response=Response(given.word("response")) if "response" in given else None,
        recurred=bool(given.truth("recurrence")),
        hospitalised=bool(given.truth("hospitalised")),
        life_threatening=bool(given.truth("life_threatening")),
        died=bool(given.truth("died")),
    )


def _words(given: Given, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(called(word) for word in given.group(name).values() if word.strip()))


def _grade(given: Given, graded: Iterable[Graded]) -> str:
    """What a person said, else the grade of an infusion related reaction."""
    if "grade" in given:
        return given.word("grade")
    found = next(one.grade for one in graded if one.term == INFUSION_REACTION)
    return "none" if found is None else str(found)


def _follows(given: Given, met: Met, grade: str) -> Consequence:
    defaults = given.table(ReactionDefaults, DEFAULTS)
    if met is Met.YES:
        return after_anaphylaxis(defaults)
    number = 0 if grade == "none" else int(grade)
    return following((), number, bool(given.truth("recurrence")), given.get("rate"), defaults)


def _standard(judged: Iterable[Judged], standard: str) -> str:
    return _MET[emergency(one for one in judged if one.standard == standard)]


def _of_criteria(judged: Iterable[Judged], met: Met) -> Iterable[Finding]:
    for one in judged:
        if one.met is not Met.NO:
            code = "calc.anaphylaxis-met" if one.met is Met.YES else "calc.anaphylaxis-open"
            yield Finding(code, Level.CAUTION, {"criterion": one.criterion, "because": one.because}, one.sources)
    if met is Met.NO:
        yield notice("calc.anaphylaxis-not-met")
    else:
        yield notice("calc.anaphylaxis-act", level=Level.CAUTION)


def _of_grades(events: AdverseEvents, graded: Iterable[Graded], grade: str, signs: Signs) -> Iterable[Finding]:
    given = [one for one in graded if one.grade is not None]
    named = {"terminology": events.terminology, "edition": events.edition}
    for one in given:
        yield Finding(
            "calc.reaction-graded", Level.INFO, {"term": one.term, "grade": one.grade, **named, "because": one.because}, one.sources
        )
    if not given:
        yield Finding("calc.reaction-no-grade", Level.INFO, {**named})
    if {INFUSION_REACTION, ALLERGIC_REACTION} <= {one.term for one in given}:
        yield notice("calc.reaction-one-report", CTCAE_5)
    if grade != "none" and not (signs.seen or signs.measures or signs.systolic):
        yield notice("calc.reaction-without-signs", level=Level.CAUTION, grade=grade)


def _of_action(follows: Consequence, grade: str, met: Met) -> Iterable[Finding]:
    yield notice("calc.reaction-follows", follows.sources, action=follows.action.value, grade=grade, rule=follows.rule)
    if follows.ceiling is not None and met is not Met.YES:
        yield notice("calc.reaction-restart", follows.sources, ceiling=follows.ceiling)


def _of_values(given: Given, criteria: ReactionCriteria, signs: Signs) -> Iterable[Finding]:
    if signs.systolic is not None and not is_low(criteria.pressure, signs.systolic, signs.baseline, signs.age):
        if signs.baseline is None:
            fall = criteria.pressure.fall
            yield notice("calc.reaction-no-baseline", fall.sources, sbp=signs.systolic, fall=fall.quantity)
    elif signs.systolic is not None and signs.age is None:
        yield notice("calc.reaction-adult-limit", criteria.pressure.adult.sources, sbp=signs.systolic)
    if "onset" in given:
        yield notice("calc.reaction-onset", WAO_2020, onset=given["onset"])


def _unknown_words(given: Given) -> Iterable[Finding]:
    for name in (*PARTS, "interventions"):
        known = frozenset(DONE) if name == "interventions" else SIGNS
        for word in _words(given, name):
            if word not in known:
                yield notice("calc.reaction-unknown-word", level=Level.CAUTION, name=name, word=word)


def _fall(signs: Signs) -> Iterable[Step]:
    if signs.systolic is None or signs.baseline is None or signs.systolic >= signs.baseline:
        return
    share = 1 - signs.systolic.base / signs.baseline.base
    yield Step("calc.reaction-fall", (("baseline_sbp", signs.baseline), ("sbp", signs.systolic)), Quantity(share * 100, "%"), WAO_2020)


def _ceiling(rate: Quantity, follows: Consequence) -> Step:
    ceiling = follows.ceiling if follows.ceiling is not None else rate
    share = Quantity(Fraction(100) * ratio("1", (ceiling,), (rate,)).value, "%")
    return Step("calc.restart-ceiling", (("rate", rate), ("share", share)), ceiling, follows.sources)


def _list(name: str, words: tuple[str, ...]) -> Input:
    return Input(name, choices=words, kind=InputKind.GROUP, is_required=False, is_list=True)


def _one_of(name: str, *words: str) -> Input:
    """A word for which no other is taken where it is not given."""
    return Input(name, choices=words, kind=InputKind.CHOICE, is_required=False, has_no_default=True)


def _truth(name: str) -> Input:
    return Input(name, kind=InputKind.TRUTH, is_required=False)


def _measure(name: str, unit: str, *, may_be_zero: bool = False) -> Input:
    return Input(name, (unit,), is_required=False, assumed=unit, may_be_zero=may_be_zero)


CALCULATORS = (
    Calculator(
        "reaction",
        (
            *(_list(part, words) for part, words in PARTS.items()),
            _one_of("exposure", *(one.value for one in Exposure)),
            _measure("sbp", "mm[Hg]", may_be_zero=True),
            _measure("baseline_sbp", "mm[Hg]"),
            _measure("spo2", "%", may_be_zero=True),
            _measure("oxygen_share", "%"),
            _measure("temp", "Cel"),
            _measure("fever_hours", "h", may_be_zero=True),
            _measure("skin_share", "%", may_be_zero=True),
            _measure("onset", "min", may_be_zero=True),
            _list("interventions", DONE),
            _one_of("response", *(one.value for one in Response)),
            *(_truth(name) for name in ("recurrence", "hospitalised", "life_threatening", "died")),
            _one_of("grade", *_GRADES),
            _measure("rate", "mL/h"),
            _measure("weight", "kg"),
            _measure("age", "a", may_be_zero=True),
            choice("scheme", "us", "rcuk", "ascia", is_required=False),
        ),
        (
            *(Result(name, "1") for name in ("anaphylaxis", "wao_2020", "niaid_2006", "grade", "action")),
            Result("restart_ceiling", "mL/h"),
            Result("epinephrine_dose", "mg"),
            Result("epinephrine_volume", "mL"),
            Result("epinephrine_repeat_after", "min"),
        ),
        "any criterion of anaphylaxis opens the emergency path; each adverse event has its highest grade; the grade gives the action",
        _reaction,
        (*WAO_2020, *NIAID_2006, *CTCAE_5, *EPINEPHRINE_IM),
        tables=(CRITERIA, GRADES, DEFAULTS, EPINEPHRINE),
        never_refuses=True,
    ),
)
