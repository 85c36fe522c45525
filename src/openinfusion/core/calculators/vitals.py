"""Vital signs scored: NEWS2 and the Brighton score for children.

A score is a supplement to what the protocol asks to be watched. One red value alarms even when the rest is missing.
"""

from collections.abc import Mapping

from openinfusion.core.calculator import Amount, Calculator, Given, Input, InputKind, Result, Word, Worked, choice, lacking, notice
from openinfusion.core.calculators.scores import (
    AGE,
    NONE,
    POINTS,
    VITALS,
    Scored,
    edition,
    incomplete,
    is_share,
    measured,
    one_of,
    part,
    scored,
    share_for_percent,
    total_of,
    truths,
    yes_or_no,
)
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import BRIGHTON_PEWS, NEWS2_CHART
from openinfusion.core.quantity import Quantity
from openinfusion.core.scoring import Band, band_of
from openinfusion.core.table import Score

_PARTS = ("rr", "spo2", "o2", "sbp", "hr", "temp", "acvpu")
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.points-rr": ("rr",),
    "calc.points-spo2": ("spo2",),
    "calc.points-on-air": (),
    "calc.points-on-oxygen": (),
    "calc.points-sbp": ("sbp",),
    "calc.points-hr": ("hr",),
    "calc.points-temp": ("temp",),
    "calc.points-alert": (),
    "calc.points-not-alert": (),
    "calc.news2-total": _PARTS,
    "calc.pews-total": ("behaviour", "cardiovascular", "respiratory", "extra"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.news2-not-under": ("age", "age_from"),
    "calc.news2-not-in-pregnancy": (),
    "calc.news2-for-whom": ("age_from",),
    "calc.news2-scale": ("scale",),
    "calc.news2-scale-2": (),
    "calc.score-red": ("name", "points"),
    "calc.score-at-least-band": ("least", "band"),
    "calc.not-celsius": ("name", "value", "most"),
    "calc.component-unknown": ("name", "known"),
    "calc.component-impossible": ("name", "points", "possible"),
    "calc.component-contradicts": ("name", "points", "measured"),
    "calc.pews-bands": (),
    "calc.pews-extra-once": ("extra",),
}
NEWS2, PEWS = "news2-1", "pews-brighton-1"


def _news2(given: Given) -> Worked:
    table = given.table(Score, NEWS2)
    problem = _not_for(given, table)
    if problem is not None:
        return Worked({}, findings=(problem,))
    entered, wrong = _components(given, table)
    parts, clashes = _merged(_news2_parts(given, table, entered), entered)
    wrong = (*wrong, *_misread(given, table), *clashes)
    reds = _reds(table, parts)
    steps = tuple(step for one in parts for step in one.steps)
    lacks = incomplete(table, parts)
    if lacks is not None or wrong:
        found = (*wrong, *((lacks,) if lacks is not None else ()), *reds, *_reached(table, total_of(parts)))
        return Worked({}, steps, found)
    total = total_of(parts)
    shown = tuple((one.name, one.points or NONE) for one in parts)
    band = _band(table, total, is_red=bool(reds))
    results: dict[str, Amount] = {"total": total, **dict(shown), **_words(band)}
    step = Step("calc.news2-total", shown, total, table.sources)
    return Worked(results, (*steps, step), (edition(table), *_whom(given, table), *reds))


def _not_for(given: Given, table: Score) -> Finding | None:
    """Why this patient has no NEWS2."""
    age, since = given.get("age_y"), table.figures["age-from"]
    if age is not None and age < since.quantity:
        return lacking("calc.news2-not-under", since.sources, age=age, age_from=since.quantity)
    return lacking("calc.news2-not-in-pregnancy", since.sources) if given.truth("pregnant") else None


def _whom(given: Given, table: Score) -> tuple[Finding, ...]:
    """What the reader has to know of age, pregnancy and the scale."""
    found = []
    if "age_y" not in given or "pregnant" not in given:
        since = table.figures["age-from"]
        found.append(notice("calc.news2-for-whom", since.sources, age_from=since.quantity))
    if "scale" not in given:
        found.append(notice("calc.news2-scale", table.sources, scale="1"))
    elif given.word("scale") == "2":
        found.append(notice("calc.news2-scale-2", table.sources))
    return tuple(found)


def _news2_parts(given: Given, table: Score, entered: Mapping[str, Quantity]) -> tuple[Scored, ...]:
    has_oxygen = given.truth("o2")
    if has_oxygen is None and "o2" in entered:
        has_oxygen = entered["o2"].value > 0
    parts = {name: scored(table.by_name[name], name, f"calc.points-{name}", given.get(name)) for name in ("rr", "sbp", "hr")}
    temp = given.get("temp")
    celsius = temp if temp is not None and temp <= table.figures["celsius-most"].quantity else None
    parts["temp"] = scored(table.by_name["temp"], "temp", "calc.points-temp", celsius)
    parts["spo2"] = _saturation(given, table, has_oxygen)
    parts["o2"] = _worded(table, "o2", _oxygen_word(given.truth("o2")), "calc.points-on-oxygen", "calc.points-on-air")
    alert = given.word("acvpu") if "acvpu" in given else None
    parts["acvpu"] = _worded(table, "acvpu", alert, "calc.points-not-alert", "calc.points-alert")
    return tuple(parts[name] for name in _PARTS)


def _oxygen_word(has_oxygen: bool | None) -> str | None:
    return None if has_oxygen is None else "oxygen" if has_oxygen else "air"


def _worded(table: Score, name: str, word: str | None, some: str, none: str) -> Scored:
    if word is None:
        return Scored(name, None)
    figure = table.by_name[name].points_of_word(word)
    return Scored(name, figure.quantity, (Step(some if figure.quantity.value else none, (), figure.quantity, figure.sources),))


def _saturation(given: Given, table: Score, has_oxygen: bool | None) -> Scored:
    """By scale 2 from 93 % on it depends on oxygen; where that is not known, both must agree."""
    value = given.get("spo2")
    if value is None or is_share(value):
        return Scored("spo2", None)
    if "scale" not in given or given.word("scale") == "1":
        return scored(table.by_name["spo2-1"], "spo2", "calc.points-spo2", value)
    air, oxygen = (scored(table.by_name[f"spo2-2-{name}"], "spo2", "calc.points-spo2", value) for name in ("air", "oxygen"))
    if has_oxygen is None:
        return air if air.points == oxygen.points else Scored("spo2", None)
    return oxygen if has_oxygen else air


def _misread(given: Given, table: Score) -> tuple[Finding, ...]:
    """Numbers that can only be meant in another unit."""
    found = []
    value, temp, most = given.get("spo2"), given.get("temp"), table.figures["celsius-most"]
    if value is not None and is_share(value):
        found.append(share_for_percent(value))
    if temp is not None and temp > most.quantity:
        found.append(lacking("calc.not-celsius", most.sources, name="temp", value=temp, most=most.quantity))
    return tuple(found)


def _components(given: Given, table: Score) -> tuple[Mapping[str, Quantity], tuple[Finding, ...]]:
    """Points that were given in place of measurements, and what is wrong with them."""
    points: dict[str, Quantity] = {}
    wrong: list[Finding] = []
    for name, text in given.group("components").items():
        parameter = table.by_name.get("spo2-1" if name == "spo2" else name)
        if parameter is None or name not in _PARTS:
            wrong.append(lacking("calc.component-unknown", name=name, known=_PARTS))
            continue
        possible = tuple(str(value) for value in sorted(parameter.possible))
        if text.strip() in possible:
            points[name] = Quantity(int(text), POINTS)
        else:
            wrong.append(lacking("calc.component-impossible", table.sources, name=name, points=text, possible=possible))
    return points, tuple(wrong)


def _merged(parts: tuple[Scored, ...], entered: Mapping[str, Quantity]) -> tuple[tuple[Scored, ...], tuple[Finding, ...]]:
    """The measured points, else those that were given; both ways must agree."""
    clashes = tuple(
        lacking("calc.component-contradicts", name=one.name, points=entered[one.name], measured=one.points)
        for one in parts
        if one.name in entered and one.points is not None and one.points != entered[one.name]
    )
    return tuple(Scored(one.name, entered.get(one.name)) if one.points is None else one for one in parts), clashes


def _reds(table: Score, parts: tuple[Scored, ...]) -> tuple[Finding, ...]:
    """Each parameter that alarms by itself."""
    if table.single is None:
        return ()
    limit = table.single.lowest
    return tuple(
        notice("calc.score-red", limit.sources, level=Level.CAUTION, name=one.name, points=one.points)
        for one in parts
        if one.points is not None and one.points >= limit.quantity
    )


def _reached(table: Score, least: Quantity) -> tuple[Finding, ...]:
    """The band that is certain although something is missing, from the medium one on."""
    band = band_of(table.bands, least)
    if table.single is None or band.lowest.quantity <= table.single.lowest.quantity:
        return ()
    return (notice("calc.score-at-least-band", band.lowest.sources, level=Level.CAUTION, least=least, band=band.name),)


def _band(table: Score, total: Quantity, *, is_red: bool) -> Band:
    band = band_of(table.bands, total)
    if table.single is not None and is_red and band.lowest.quantity <= table.single.lowest.quantity:
        return table.single
    return band


def _words(band: Band) -> Mapping[str, Amount]:
    """What a band says, as results."""
    named = (("band", band.name), ("monitoring", band.monitor), ("response", band.action))
    return {name: Word(word) for name, word in named if word is not None}


def _pews(given: Given) -> Worked:
    table = given.table(Score, PEWS)
    extra = table.figures["extra"]
    asked = truths(given, "nebulisers", "vomiting")
    has_extra = True if any(asked.values()) else None if None in asked.values() else False
    names = ("behaviour", "cardiovascular", "respiratory")
    parts = [Scored(name, _of_table(table, name, given.get(name))) for name in names]
    parts.append(Scored("extra", None if has_extra is None else extra.quantity if has_extra else NONE))
    lacks = incomplete(table, parts)
    if lacks is not None:
        return Worked({}, findings=(lacks,))
    total = total_of(parts)
    step = Step("calc.pews-total", tuple((one.name, one.points or NONE) for one in parts), total, table.sources)
    band = band_of(table.bands, total)
    found = [edition(table), notice("calc.pews-bands", band.lowest.sources, level=Level.CAUTION)]
    if all(asked.values()):
        found.append(notice("calc.pews-extra-once", extra.sources, extra=extra.quantity))
    return Worked({"total": total, **_words(band)}, (step,), tuple(found))


def _of_table(table: Score, name: str, value: Quantity | None) -> Quantity | None:
    return None if value is None else table.by_name[name].points_of_word(str(value.value)).quantity


CALCULATORS = (
    Calculator(
        "news2",
        (
            *VITALS,
            measured("temp", "Cel"),
            one_of("acvpu", "A", "C", "V", "P", "U"),
            choice("scale", "1", "2", is_required=False),
            AGE,
            yes_or_no("pregnant"),
            Input("components", kind=InputKind.GROUP, is_required=False),
        ),
        (
            Result("total", POINTS),
            *(Result(name, POINTS) for name in _PARTS),
            *(Result(name, "1") for name in ("band", "monitoring", "response")),
        ),
        "rr + spo2 + o2 + sbp + hr + temp + acvpu, each in points of the chart",
        _news2,
        NEWS2_CHART,
        tables=(NEWS2,),
        warns_anyway=True,
    ),
    Calculator(
        "pews",
        (
            *(part(name, 3) for name in ("behaviour", "cardiovascular", "respiratory")),
            yes_or_no("nebulisers"),
            yes_or_no("vomiting"),
        ),
        (Result("total", POINTS), Result("band", "1")),
        "behaviour + cardiovascular + respiratory, 2 more with quarter-hourly nebulisers or persistent vomiting after surgery",
        _pews,
        BRIGHTON_PEWS,
        tables=(PEWS,),
        warns_anyway=True,
    ),
)
