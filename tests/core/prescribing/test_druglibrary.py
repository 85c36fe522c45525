"""An order against one line of a drug library: every bound looked at, equality inside, and what cannot be compared never fine."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.canonical import Json
from openinfusion.core.codes import CODES
from openinfusion.core.finding import Level
from openinfusion.core.prescribing.druglibrary import Checked, HitLevel, Library, Outcome, check, unreadable
from openinfusion.core.prescribing.library_order import Measured, read
from openinfusion.core.prescribing.library_shape import Entry, Line, Side
from openinfusion.core.quantity import Quantity, decimal_text

# None of these figures is anybody's: they show the rules.
PRESSOR: dict[str, Json] = {
    "id": "pressor", "drug": "Example pressor", "care_area": "icu", "mode": "continuous",
    "dose": {"soft_min": "0.02 ug/kg/min", "soft_max": "0.5 ug/kg/min", "hard_max": "2 ug/kg/min"},
    "concentration": {"hard_min": "16 ug/mL", "soft_max": "64 ug/mL", "hard_max": "128 ug/mL"},
}  # fmt: skip
DRIP: dict[str, str] = {
    "drug": "example pressor", "care_area": "icu", "dose": "0.1 ug/kg/min", "weight": "70 kg", "concentration": "32 ug/mL",
}  # fmt: skip
BOLUS: dict[str, Json] = {
    "id": "antibiotic", "drug": "example-antibiotic", "care_area": "ward", "mode": "intermittent",
    "dose": {"soft_max": "50 mg/kg", "hard_max": "80 mg/kg"},
    "duration": {"hard_min": "20 min", "soft_min": "30 min", "soft_max": "60 min"},
}  # fmt: skip
PIGGYBACK: dict[str, str] = {"drug": "example-antibiotic", "care_area": "ward", "dose": "1000 mg", "weight": "25 kg", "duration": "30 min"}


def library(*lines: dict[str, Json]) -> Library:
    entries = tuple(Entry(Line.model_validate(line), at=n) for n, line in enumerate(lines or (PRESSOR, BOLUS), start=7))
    return Library("made up", "1", ("icu", "ward", "theatre"), entries)


def asked(order: dict[str, str], *lines: dict[str, Json], **changes: str) -> Checked:
    return check(library(*lines), read({**order, **changes}))


def codes(answer: Checked) -> list[str]:
    return [hit.code for hit in answer.hits]


def test_an_order_inside_all_limits_is_ok():
    assert asked(DRIP) == Checked(Outcome.OK, (), library().entries[0])
    assert asked(PIGGYBACK).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("order", "changes", "outcome", "found"),
    [
        (DRIP, {"dose": "0.5 ug/kg/min"}, Outcome.OK, []),  # equality is inside
        (DRIP, {"dose": "0.501 ug/kg/min"}, Outcome.SOFT, ["library.above-soft"]),
        (DRIP, {"dose": "0.02 ug/kg/min"}, Outcome.OK, []),
        (DRIP, {"dose": "0.019 ug/kg/min"}, Outcome.SOFT, ["library.below-soft"]),
        (DRIP, {"dose": "2 ug/kg/min"}, Outcome.SOFT, ["library.above-soft"]),
        (DRIP, {"dose": "2.01 ug/kg/min"}, Outcome.HARD, ["library.above-hard", "library.above-soft"]),
        (DRIP, {"concentration": "0.128 mg/mL"}, Outcome.SOFT, ["library.above-soft"]),
        (DRIP, {"concentration": "15.9 ug/mL"}, Outcome.HARD, ["library.below-hard"]),
        (PIGGYBACK, {"dose": "1250 mg"}, Outcome.OK, []),  # 50 mg/kg x 25 kg
        (PIGGYBACK, {"dose": "1251 mg"}, Outcome.SOFT, ["library.above-soft"]),
        (PIGGYBACK, {"dose": "2.001 g"}, Outcome.HARD, ["library.above-hard", "library.above-soft"]),
        (PIGGYBACK, {"duration": "0.5 h"}, Outcome.OK, []),
        (PIGGYBACK, {"duration": "29 min"}, Outcome.SOFT, ["library.below-soft"]),
        (PIGGYBACK, {"duration": "19 min"}, Outcome.HARD, ["library.below-hard", "library.below-soft"]),
        (PIGGYBACK, {"duration": "61 min"}, Outcome.SOFT, ["library.above-soft"]),
    ],
)  # fmt: skip
def test_each_bound_is_looked_at_and_equality_is_inside(order, changes, outcome, found):
    answer = asked(order, **changes)
    assert (answer.outcome, codes(answer)) == (outcome, found)


def test_a_hit_names_what_was_compared_with_both_numbers_the_side_and_the_line():
    hard, soft = asked(DRIP, dose="2.4 ug/kg/min").hits
    assert (hard.measure, hard.side, hard.level) == (Measured.DOSE, Side.ABOVE, HitLevel.HARD)
    assert (hard.value, hard.limit, hard.of) == (Quantity("2.4", "ug/kg/min"), Quantity(2, "ug/kg/min"), ("dose",))
    assert (soft.limit, hard.binds, soft.binds) == (Quantity("0.5", "ug/kg/min"), True, False)
    assert hard.entry is not None
    assert (hard.entry.line.id, hard.entry.at, hard.params["care_area"]) == ("pressor", 7, "icu")
    assert (hard.finding.level, hard.finding.rule) == (Level.BANNED, "pressor")


def test_all_measures_are_looked_at_at_once():
    # Dose, concentration and the dose that the rate gives: 200 mL/h x 200 ug/mL / 70 kg / 60 min/h = 9.5 ug/kg/min
    answer = asked(DRIP, dose="1 ug/kg/min", concentration="200 ug/mL", rate="200 mL/h")
    seen = {(hit.measure, hit.of) for hit in answer.hits}
    assert {(Measured.DOSE, ("dose",)), (Measured.DOSE, ("rate", "concentration")), (Measured.CONCENTRATION, ("concentration",))} <= seen


def test_the_dose_that_the_rate_gives_is_compared_too():
    # 0.1 ug/kg/min x 70 kg x 60 / 32 ug/mL = 13.125 mL/h; a decimal point lost makes 131.25 mL/h
    assert asked(DRIP, rate="13.125 mL/h").outcome is Outcome.OK
    assert asked(DRIP, rate="13.1 mL/h").outcome is Outcome.OK  # to the step of a pump
    lost = asked(DRIP, rate="131.25 mL/h")
    assert (lost.outcome, codes(lost)) == (Outcome.HARD, ["library.contradiction", "library.above-soft"])
    alone = {name: value for name, value in DRIP.items() if name != "dose"}
    assert asked(alone, rate="131.25 mL/h").outcome is Outcome.SOFT


def test_the_container_gives_the_concentration_and_contradictions_are_named():
    bare = {name: value for name, value in DRIP.items() if name != "concentration"}
    assert asked(bare, amount="8 mg", volume="250 mL").outcome is Outcome.OK  # 32 ug/mL
    assert codes(asked(bare, amount="40 mg", volume="250 mL")) == ["library.above-hard", "library.above-soft"]  # 160 ug/mL
    assert "library.contradiction" in codes(asked(DRIP, amount="16 mg", volume="250 mL"))  # 64, and it says 32
    # 100 mL at 100 mL/h are 60 min
    assert codes(asked(PIGGYBACK, volume="100 mL", rate="100 mL/h")) == ["library.contradiction"]
    assert asked(PIGGYBACK, volume="100 mL", rate="200 mL/h").outcome is Outcome.OK
    assert "library.contradiction" in codes(asked(PIGGYBACK, amount="10 g"))  # ten times the dose in the bag


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dose": "0.1"}, "library.unit-missing"),
        ({"dose": "1,500 ug/kg/min"}, "library.number-unreadable"),
        ({"dose": "NaN ug/kg/min"}, "library.number-unreadable"),
        ({"dose": "1e3 ug/kg/min"}, "library.number-unreadable"),
        ({"dose": "1/2 ug/kg/min"}, "library.number-unreadable"),
        ({"dose": "9" * 5000 + " ug/kg/min"}, "library.number-unreadable"),
        ({"dose": ".1 ug/kg/min"}, "library.number-unreadable"),
        ({"dose": "5 units/h"}, "library.not-comparable"),  # of activity, on a line in ug
        ({"dose": "5 U/h"}, "library.unit-unknown"),
        ({"dose": "0 ug/kg/min"}, "library.not-above-zero"),
        ({"dose": "-1 ug/kg/min"}, "library.not-above-zero"),
        ({"dose": "0.1 stone"}, "library.unit-unknown"),
        ({"dose": "0.1 kg"}, "library.unit-other-kind"),
        ({"dose": "0.1 mg/kg"}, "library.not-comparable"),  # no time, on a line for a flow
        ({"dose": "7 mL/h"}, "library.not-comparable"),
        ({"weight": "70 mL"}, "library.unit-other-kind"),
        ({"weight": "70 g"}, "library.unit-other-kind"),  # grams of drug are no grams of body
        ({"weight": "154 [lb_av]"}, "library.in-pounds"),
        ({"weight": ""}, "library.number-unreadable"),
        ({"weight": "700 kg"}, "library.implausible"),
        ({"concentration": "32 ug"}, "library.unit-other-kind"),
        ({"drug": "exampel pressor"}, "library.drug-unknown"),
        ({"drug": ""}, "library.not-named"),
        ({"care_area": "moon"}, "library.care-area-unknown"),
        ({"care_area": "theatre"}, "library.drug-not-in-area"),
        ({"mode": "sometimes"}, "library.mode-unknown"),
        ({"mode": "intermittent"}, "library.no-such-line"),
        ({"line": "other"}, "library.no-such-line"),
        ({"wieght": "70 kg"}, "library.field-unknown"),
    ],
)
def test_bad_input_is_named_and_never_ok(changes, code):
    answer = asked(DRIP, **changes)
    assert answer.outcome is Outcome.HARD
    assert code in codes(answer)
    assert next(hit for hit in answer.hits if hit.code == code).level is HitLevel.MISSING


@pytest.mark.parametrize(("missing", "code"), [("weight", "library.per-body"), ("dose", "library.not-stated"),
                                               ("concentration", "library.not-stated")])  # fmt: skip
def test_what_a_line_needs_and_the_order_lacks_is_missing(missing, code):
    answer = asked({name: value for name, value in DRIP.items() if name != missing})
    assert (answer.outcome, codes(answer)) == (Outcome.HARD, [code])


@pytest.mark.parametrize("dose", ["0.1 mcg/kg/min", "0.10 ug/kg/min", "0.1ug/kg/min", "6 mcg/kg/hr"])
def test_a_dose_is_read_as_people_spell_it(dose):
    assert asked(DRIP, dose=dose).outcome is Outcome.OK


def test_numbers_of_json_without_a_unit_and_lists_are_no_amounts():
    for given_value in (5, True, ["5 mg"], {"value": "5"}, {"value": "5", "unit": "mg", "more": "1"}):
        assert check(library(), read({**DRIP, "dose": given_value})).outcome is Outcome.HARD
    assert check(library(), read({**DRIP, "drug": ["x"]})).outcome is Outcome.HARD
    assert check(library(), read({**DRIP, "dose": {"value": "0.1", "unit": "ug/kg/min"}})).outcome is Outcome.OK
    assert codes(unreadable("why")) == ["library.order-unreadable"]


def test_several_lines_for_one_drug_are_told_apart_by_mode_use_or_line_and_never_guessed():
    other = {**PRESSOR, "id": "second", "use": "Sepsis"}
    loading = {**BOLUS, "id": "load", "drug": "Example pressor", "care_area": "icu"}
    lines = (PRESSOR, other, loading)
    assert codes(asked(DRIP, *lines)) == ["library.several-lines"]
    assert codes(asked(DRIP, *lines, mode="continuous")) == ["library.several-lines"]
    assert asked(DRIP, *lines, use="sepsis").outcome is Outcome.OK
    assert asked(DRIP, *lines, line="pressor").outcome is Outcome.OK


def test_a_line_without_any_limit_is_no_pass():
    bare = {name: value for name, value in PRESSOR.items() if name not in ("dose", "concentration")}
    assert codes(asked(DRIP, bare)) == ["library.nothing-stated"]


def test_a_dose_per_body_mass_on_a_line_without_needs_the_weight():
    flat: dict[str, Json] = {**BOLUS, "dose": {"hard_max": "2 g"}}
    bare = {name: value for name, value in PIGGYBACK.items() if name != "weight"}
    assert codes(asked(bare, flat, dose="50 mg/kg")) == ["library.per-body"]
    assert asked(bare, flat, dose="50 mg/kg", weight="25 kg").outcome is Outcome.OK
    assert asked(bare, flat, dose="1000 mg").outcome is Outcome.OK


def test_per_area_lines_need_the_area_and_a_flat_dose_is_brought_to_it():
    line: dict[str, Json] = {**BOLUS, "dose": {"hard_max": "100 mg/m2"}, "duration": None}
    assert codes(asked(PIGGYBACK, line)) == ["library.per-body"]
    assert asked(PIGGYBACK, line, dose="180 mg", area="1.8 m2").outcome is Outcome.OK
    assert codes(asked(PIGGYBACK, line, dose="181 mg", area="1.8 m2")) == ["library.above-hard"]


def test_a_rate_of_drug_is_compared_in_whatever_way_the_order_gives_it():
    line: dict[str, Json] = {**BOLUS, "dose": None, "duration": None, "rate": {"hard_max": "10 mg/min"}}
    order = {"drug": "example-antibiotic", "care_area": "ward"}
    assert asked(order, line, dose="600 mg", duration="60 min").outcome is Outcome.OK
    assert asked(order, line, dose="601 mg", duration="60 min").outcome is Outcome.HARD
    assert asked(order, line, rate="120 mL/h", concentration="5 mg/mL").outcome is Outcome.OK  # 2 mL/min x 5 mg/mL
    assert asked(order, line, rate="121 mL/h", amount="500 mg", volume="100 mL").outcome is Outcome.HARD


def test_every_code_of_a_hit_has_its_parameters_in_the_table():
    orders = [DRIP, {}, {**DRIP, "dose": "9 ug/kg/min"}, {**DRIP, "weight": "5"}, {**DRIP, "rate": "1 mL/h"}, {**DRIP, "dose": "1 mg"}]
    for order in orders:
        for hit in asked(order).hits:
            assert set(hit.params) == set(CODES[hit.code]), hit.code


# Properties
AMOUNTS = st.integers(1, 10**6).map(lambda n: Fraction(n, 1000))
RANK = {Outcome.OK: 0, Outcome.SOFT: 1, Outcome.HARD: 2}


def dosed(value: Fraction, unit: str, *lines: dict[str, Json]) -> Checked:
    text, exact = decimal_text(value, 25)
    assert exact
    return asked(DRIP, *lines, dose=f"{text} {unit}")


@given(AMOUNTS, st.integers(1, 10))
def test_ten_times_a_soft_maximum_is_always_caught_where_a_hard_one_stands_within_ten_times(soft, times):
    highest = soft * times if times < 10 else soft * Fraction(99, 10)
    line: dict[str, Json] = {
        **PRESSOR,
        "dose": {"soft_max": f"{decimal_text(soft)[0]} ug/kg/min", "hard_max": f"{decimal_text(highest)[0]} ug/kg/min"},
    }
    answer = dosed(soft * 10, "ug/kg/min", line)
    assert answer.outcome is Outcome.HARD
    assert next(hit for hit in answer.hits if hit.binds).level is HitLevel.HARD


@given(AMOUNTS)
def test_equality_is_inside_whatever_the_number(bound):
    text = f"{decimal_text(bound)[0]} ug/kg/min"
    line: dict[str, Json] = {**PRESSOR, "dose": dict.fromkeys(("hard_min", "soft_min", "soft_max", "hard_max"), text)}
    assert dosed(bound, "ug/kg/min", line).outcome is Outcome.OK
    assert dosed(bound + Fraction(1, 10**9), "ug/kg/min", line).outcome is Outcome.HARD
    assert dosed(bound - Fraction(1, 10**9), "ug/kg/min", line).outcome is Outcome.HARD


@given(AMOUNTS)
def test_the_unit_in_which_a_dose_is_written_changes_nothing(dose):
    answers = [
        dosed(dose, "ug/kg/min"),
        dosed(dose * 60, "ug/kg/h"),
        dosed(dose / 1000, "mg/kg/min"),
        dosed(dose * 60 / 1000, "mg/kg/h"),
        dosed(dose * 70, "ug/min"),  # 70 kg
    ]
    shown = {(one.outcome, tuple((hit.code, hit.value, hit.limit, hit.binds) for hit in one.hits)) for one in answers}
    assert len(shown) == 1


@given(AMOUNTS, AMOUNTS)
def test_a_higher_dose_is_never_judged_milder_above_the_lower_bounds(one, other):
    low, high = sorted((one, other))
    if low >= Fraction("0.02"):  # above the soft minimum of the line
        assert RANK[dosed(low, "ug/kg/min").outcome] <= RANK[dosed(high, "ug/kg/min").outcome]


@given(st.dictionaries(st.sampled_from(("drug", "care_area", "dose", "weight", "rate", "duration", "mode", "x")), st.text(max_size=12)))
def test_whatever_is_written_is_answered_and_never_ok_without_being_compared(raw):
    assert check(library(), read(raw)).outcome is not Outcome.OK
