"""Blood: the chance of heparin-induced thrombocytopenia, overload, lung injury and fever with a transfusion, each by its definition."""

from collections.abc import Mapping

from openinfusion.core.calculator import Amount, Calculator, Given, Input, InputKind, Result, Word, Worked, lacking
from openinfusion.core.calculators.scores import (
    POINTS,
    Scored,
    defined,
    edition,
    incomplete,
    is_share,
    one_of,
    share_for_percent,
    total_of,
    truths,
    yes_or_no,
)
from openinfusion.core.finding import Finding, Step
from openinfusion.core.prescribing.citations import FOUR_TS, TACO, TRALI, TRANSFUSION_FEVER
from openinfusion.core.quantity import Quantity
from openinfusion.core.scoring import band_of
from openinfusion.core.table import Score

_ITEMS = ("thrombocytopenia", "timing", "thrombosis", "other_causes")
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.four-ts-platelets": ("fall", "nadir"),
    "calc.four-ts-total": _ITEMS,
    "calc.temperature-rise": ("now", "before"),
}
CODES: Mapping[str, tuple[str, ...]] = {"calc.four-ts-component": ("name", "points")}
FOUR_TS_TABLE, TACO_TABLE, TRALI_TABLE, FEVER_TABLE = "four-ts-1", "taco-2018-1", "trali-2019-1", "transfusion-fever-1"


def _four_ts(given: Given) -> Worked:
    table = given.table(Score, FOUR_TS_TABLE)
    entered, wrong = _entered(given)
    said = (Scored(name, _of_word(given, table, name)) for name in _ITEMS[1:])
    parts = [Scored(one.name, entered.get(one.name)) if one.points is None else one for one in (_platelets(given, table), *said)]
    steps = tuple(step for one in parts for step in one.steps)
    lacks = incomplete(table, parts)
    if lacks is not None or wrong:
        return Worked({}, steps, (*wrong, *((lacks,) if lacks is not None else ())))
    total = total_of(parts)
    shown = {one.name: one.points for one in parts if one.points is not None}
    step = Step("calc.four-ts-total", tuple(shown.items()), total, table.sources)
    results: dict[str, Amount] = {"total": total, "probability": Word(band_of(table.bands, total).name), **shown}
    return Worked(results, (*steps, step), (edition(table),))


def _of_word(given: Given, table: Score, name: str) -> Quantity | None:
    return table.by_name[name].points_of_word(given.word(name)).quantity if name in given else None


def _platelets(given: Given, table: Score) -> Scored:
    """The lower of what the fall and the nadir score; either alone is certain only when it scores none."""
    points = [table.by_name[name].points(given[name]).quantity for name in ("fall", "nadir") if name in given]
    if len(points) < 2 and not any(one.value == 0 for one in points):
        return Scored("thrombocytopenia", None)
    made = min(points)
    if len(points) < 2:
        return Scored("thrombocytopenia", made)
    step = Step("calc.four-ts-platelets", (("fall", given["fall"]), ("nadir", given["nadir"])), made, table.sources)
    return Scored("thrombocytopenia", made, (step,))


def _entered(given: Given) -> tuple[Mapping[str, Quantity], tuple[Finding, ...]]:
    """Points of an item that a person gave in place of what they rest on."""
    points, wrong = dict[str, Quantity](), list[Finding]()
    for name, text in given.group("components").items():
        if name in _ITEMS and name not in given and text.strip() in ("0", "1", "2"):
            points[name] = Quantity(int(text), POINTS)
        else:
            wrong.append(lacking("calc.four-ts-component", name=name, points=text))
    return points, tuple(wrong)


def _taco(given: Given) -> Worked:
    table, onset = given.table(Score, TACO_TABLE), given.get("onset")
    in_time = None if onset is None else onset <= table.figures["within"].quantity
    return defined(table, "taco", {"in-time": in_time, **truths(given, *_TACO)})


def _trali(given: Given) -> Worked:
    table, onset = given.table(Score, TRALI_TABLE), given.get("onset")
    saturation = given.get("spo2_on_air")
    if saturation is not None and is_share(saturation):
        return Worked({}, findings=(share_for_percent(saturation),))
    at_risk, overload = given.truth("ards_risk"), given.truth("overload")
    low = (_is_low(table, "pf_ratio", given.get("pf_ratio")), _is_low(table, "spo2", saturation))
    signs: dict[str, bool | None] = {
        "in-time": None if onset is None else onset <= table.figures["within"].quantity,
        "hypoxaemia": True if True in low else False if False in low else None,
        "no-overload": None if overload is None else not overload,
        "no-risk": None if at_risk is None else not at_risk,
        "ards_risk": at_risk,
        **truths(given, "bilateral_oedema", "stable_before"),
    }
    return defined(table, "trali", signs)


def _is_low(table: Score, name: str, value: Quantity | None) -> bool | None:
    return None if value is None else table.by_name[name].points(value).quantity.value > 0


def _fever(given: Given) -> Worked:
    table = given.table(Score, FEVER_TABLE)
    rise = given["now"] - given["before"]
    signs: dict[str, bool | None] = {
        "rise-from-1": rise >= table.figures["mild"].quantity,
        "rise-from-2": rise >= table.figures["major"].quantity,
        "rigors": given.truth("rigors"),
    }
    step = Step("calc.temperature-rise", (("now", given["now"]), ("before", given["before"])), rise, table.sources)
    made = defined(table, "fever", signs, "none")
    return Worked({**made.results, "rise": rise} if made.results else {}, (step,), made.findings)


_TACO = ("respiratory_distress", "pulmonary_oedema", "cardiovascular", "fluid", "biomarker")
_ONSET = Input("onset", ("h",), is_required=False, may_be_zero=True)
_TIMING = (
    "day-5-to-10",
    "within-1-day-heparin-30-days-ago",
    "unclear",
    "after-day-10",
    "within-1-day-heparin-30-to-100-days-ago",
    "within-4-days-no-recent-heparin",
)
_THROMBOSIS = ("new-or-skin-necrosis-or-acute-reaction", "progressive-or-recurrent-or-suspected", "none")

CALCULATORS = (
    Calculator(
        "four-ts",
        (
            Input("fall", ("%",), is_required=False, may_be_zero=True, most=Quantity(100, "%")),
            Input("nadir", ("10*9/L", "/uL"), is_required=False, may_be_zero=True),
            one_of("timing", *_TIMING),
            one_of("thrombosis", *_THROMBOSIS),
            one_of("other_causes", "none", "possible", "definite"),
            Input("components", kind=InputKind.GROUP, is_required=False),
        ),
        (Result("total", POINTS), Result("probability", "1"), *(Result(name, POINTS) for name in _ITEMS)),
        "thrombocytopenia + timing + thrombosis + other_causes, each 0 to 2",
        _four_ts,
        FOUR_TS,
        tables=(FOUR_TS_TABLE,),
        warns_anyway=True,
    ),
    Calculator(
        "taco",
        (_ONSET, *(yes_or_no(name) for name in _TACO)),
        (Result("taco", "1"),),
        "new or worse within 12 h; three of the criteria, one of the lungs among them",
        _taco,
        TACO,
        tables=(TACO_TABLE,),
    ),
    Calculator(
        "trali",
        (
            _ONSET,
            Input("pf_ratio", ("mm[Hg]",), is_required=False),
            Input("spo2_on_air", ("%",), is_required=False, most=Quantity(100, "%")),
            *(yes_or_no(name) for name in ("bilateral_oedema", "overload", "ards_risk", "stable_before")),
        ),
        (Result("trali", "1"),),
        "within 6 h, hypoxaemia, oedema of both lungs, overload not its cause; type 1 without, type 2 with a risk for ARDS",
        _trali,
        TRALI,
        tables=(TRALI_TABLE,),
    ),
    Calculator(
        "transfusion-fever",
        (Input("before", ("Cel",), assumed="Cel"), Input("now", ("Cel",), assumed="Cel"), yes_or_no("rigors")),
        (Result("fever", "1"), Result("rise", "Cel")),
        "now - before: mild from 1 Cel, major from 2 Cel or with rigors",
        _fever,
        TRANSFUSION_FEVER,
        tables=(FEVER_TABLE,),
    ),
)
