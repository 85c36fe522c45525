"""The smallest syringe that holds a dose and resolves it, the line at which it stands, and no insulin in lines of another concentration."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.finding import Level
from openinfusion.core.part import Region
from openinfusion.core.prescribing.syringe import Drawn, ToDraw, choose, draw, in_stock, lines, reading, resolves
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Syringe, Syringes
from openinfusion.protocols.load import load_reference

TABLE = load_reference().tables["syringes-1"]
assert isinstance(TABLE, Syringes)
SYRINGES = TABLE.syringes
BY_ID = {one.id: one for one in SYRINGES}
PLAIN = tuple(one for one in SYRINGES if one.marks_for is None)
INSULIN = tuple(one for one in SYRINGES if one.marks_for is not None)
U100, U200, U500 = (Quantity(units, "[iU]/mL") for units in (100, 200, 500))
HUNDREDTH, TENTH = Quantity("0.01", "mL"), Quantity("0.1", "mL")


def ml(text: str | int) -> Quantity:
    return Quantity(text, "mL")


def chosen(volume: str, step: Quantity | None = None, region: Region | None = None) -> str:
    syringe = choose(SYRINGES, ToDraw(ml(volume), step, region=region)).syringe
    assert syringe is not None
    return syringe.id


def insulin(units: str, concentration: Quantity | None = U100, step: Quantity | None = None) -> Drawn:
    """So many units, in the volume that they have at 100 units/mL."""
    return choose(SYRINGES, ToDraw(Quantity(units, "[iU]").over(U100, "mL"), step, is_insulin=True, concentration=concentration))


def codes(drawn: Drawn) -> list[str]:
    return [found.code for found in drawn.findings]


@pytest.mark.parametrize(
    ("volume", "step", "wanted"),
    [
        ("0.42", HUNDREDTH, "syringe-1"),  # below 1 mL to the hundredth
        ("1", HUNDREDTH, "syringe-1"),  # what it holds is inside
        ("1.3", TENTH, "syringe-3"),  # from 1 mL to the tenth
        ("3.6", TENTH, "syringe-5"),  # stands on a line of fifths
        ("6.4", TENTH, "syringe-10"),
        ("14", Quantity(1, "mL"), "syringe-20"),
        ("47", Quantity(1, "mL"), "syringe-60"),
        ("0.425", None, "syringe-1"),
    ],
)
def test_the_smallest_syringe_that_holds_the_dose_and_resolves_its_rounding_is_chosen(volume, step, wanted):
    assert chosen(volume, step) == wanted


def test_a_larger_syringe_is_taken_where_the_smaller_has_no_line_for_the_dose():
    # 4.5 mL: the 5 mL syringe has fifths; the 10 mL one has fifths too, but halves in Europe
    assert chosen("4.5", region=Region.EU) == "syringe-10-by-half"
    assert codes(choose(SYRINGES, ToDraw(ml("4.5"), region=Region.EU))) == []
    assert chosen("4.5") == "syringe-5"
    assert codes(choose(SYRINGES, ToDraw(ml("4.5")))) == ["syringe.between-lines"]


def test_a_dose_that_no_syringe_resolves_is_drawn_in_the_smallest_that_holds_it_and_both_numbers_are_said():
    drawn = choose(SYRINGES, ToDraw(ml("3.7"), TENTH))
    assert drawn.syringe is BY_ID["syringe-5"]
    assert drawn.mark is not None
    assert (drawn.mark.reading, drawn.mark.line, drawn.mark.residual) == (ml("3.8"), 19, ml("0.1"))
    [found] = drawn.findings
    assert (found.code, found.level) == ("syringe.between-lines", Level.CAUTION)
    assert found.params == {"volume": ml("3.7"), "reading": ml("3.8"), "off": ml("0.1"), "side": "more"}


def test_a_dose_off_its_line_by_its_own_rounding_is_only_told():
    # 25 mg of 60 mg/mL is 0.41666 mL; to the hundredth 0.42
    [found] = choose(SYRINGES, ToDraw(Quantity(Fraction(25, 60), "mL"), HUNDREDTH)).findings
    assert (found.code, found.level, found.params["reading"]) == ("syringe.between-lines", Level.INFO, ml("0.42"))


def test_a_dose_larger_than_the_largest_syringe_is_refused_and_never_divided():
    drawn = choose(SYRINGES, ToDraw(ml(61)))
    assert (drawn.syringe, drawn.mark, codes(drawn)) == (None, None, ["syringe.too-large"])
    assert drawn.findings[0].params["capacity"] == ml(60)
    assert codes(draw(BY_ID["syringe-3"], ToDraw(ml("3.1")))) == ["syringe.too-large"]


def test_a_dose_below_half_of_the_first_line_cannot_be_measured():
    assert codes(draw(BY_ID["syringe-3"], ToDraw(ml("0.04")))) == ["syringe.below-first-line"]
    assert draw(BY_ID["syringe-3"], ToDraw(ml("0.05"))).mark is not None  # half a line is rounded up


@pytest.mark.parametrize("volume", [ml(0), ml("-1"), Quantity(5, "mg"), Quantity(5, "[iU]")])
def test_what_is_not_a_volume_above_zero_is_not_drawn_up(volume):
    for drawn in (choose(SYRINGES, ToDraw(volume)), draw(BY_ID["syringe-3"], ToDraw(volume))):
        assert (drawn.mark, codes(drawn)) == (None, ["syringe.no-volume"])


@pytest.mark.parametrize(
    ("units", "step", "wanted"),
    [
        ("12", Quantity(1, "[iU]"), "u100-30"),  # whole units: the barrel with whole lines is easier to read (BD)
        ("12.5", Quantity("0.5", "[iU]"), "u100-30-half"),  # half units
        ("30", Quantity(1, "[iU]"), "u100-30"),
        ("31", Quantity(1, "[iU]"), "u100-50"),  # BD: 31 to 50 units
        ("51", Quantity(1, "[iU]"), "u100-100"),  # BD: 51 to 100 units; an odd number stands between two lines
        ("100", Quantity(1, "[iU]"), "u100-100"),
    ],
)
def test_insulin_of_100_units_per_ml_goes_into_the_smallest_syringe_of_its_own_lines(units, step, wanted):
    drawn = insulin(units, step=step)
    assert drawn.syringe is not None
    assert drawn.syringe.id == wanted
    assert drawn.mark is not None


def test_the_scale_of_an_insulin_syringe_is_read_in_units():
    drawn = insulin("34", step=Quantity(1, "[iU]"))
    assert drawn.mark is not None
    assert drawn.mark.reading == Quantity(34, "[iU]")  # 0.34 mL x 100 units/mL
    assert [step.operation for step in drawn.derivation.steps] == ["syringe.line", "syringe.units"]
    assert drawn.derivation.steps[-1].result == Quantity(34, "[iU]")


def test_an_odd_number_of_units_stands_between_two_lines_of_the_100_unit_syringe():
    [found] = insulin("51", step=Quantity(1, "[iU]")).findings
    assert (found.code, found.level, found.params["reading"]) == ("syringe.between-lines", Level.CAUTION, Quantity(52, "[iU]"))


def test_insulin_without_its_concentration_is_refused():
    drawn = insulin("10", concentration=None)
    assert (drawn.mark, codes(drawn), drawn.findings[0].level) == (None, ["syringe.concentration-missing"], Level.MISSING)
    assert codes(draw(BY_ID["u100-50"], ToDraw(ml("0.1")))) == ["syringe.concentration-missing"]


@pytest.mark.parametrize("concentration", [U200, U500, Quantity(40, "[iU]/mL")])
def test_no_insulin_is_measured_in_lines_of_another_concentration(concentration):
    # ISMP: 80 units of U-500 drawn to 80 on a U-100 scale is 400 units
    for drawn in (insulin("10", concentration), draw(BY_ID["u100-50"], ToDraw(ml("0.1"), concentration=concentration))):
        assert (drawn.mark, codes(drawn), drawn.findings[0].level) == (None, ["syringe.other-concentration"], Level.BANNED)


def test_insulin_in_a_syringe_without_lines_in_units_is_a_caution():
    drawn = draw(BY_ID["syringe-1"], ToDraw(ml("0.16"), is_insulin=True, concentration=U100))
    assert codes(drawn) == ["syringe.insulin-by-volume"]
    assert drawn.mark is not None


def test_an_insulin_syringe_is_never_chosen_for_another_drug():
    # heparin has units per mL too
    heparin = choose(SYRINGES, ToDraw(ml("0.3"), concentration=U100))
    assert heparin.syringe is BY_ID["syringe-1"]


def test_the_syringes_of_a_region_stand_for_the_general_ones_of_their_size():
    assert [one.id for one in in_stock(PLAIN, Region.EU)] == [
        "syringe-1", "syringe-3", "syringe-5", "syringe-10-by-half", "syringe-20", "syringe-60",
    ]  # fmt: skip
    assert "syringe-10-by-half" not in {one.id for one in in_stock(PLAIN)}


@pytest.mark.parametrize("syringe", SYRINGES, ids=lambda one: one.id)
def test_the_lines_of_every_syringe_end_at_what_it_holds(syringe):
    assert syringe.step.scaled(lines(syringe)) == syringe.capacity.quantity
    if syringe.marks_for is not None:
        assert reading(syringe, syringe.capacity.quantity).value in (30, 50, 100)  # the three sizes of BD


def test_a_syringe_whose_lines_do_not_end_at_its_capacity_is_refused():
    row = BY_ID["syringe-10"].model_dump()
    with pytest.raises(ValueError, match="a graduation that divides it"):
        Syringe.model_validate({**row, "graduation": {**row["graduation"], "value": "0.3"}})


volumes = st.fractions(Fraction(1, 1000), 60, max_denominator=1000).map(lambda value: Quantity(value, "mL"))
drawable = st.sampled_from(SYRINGES).flatmap(
    lambda one: st.tuples(
        st.just(one),
        st.fractions(one.step.value / 2, one.capacity.quantity.value, max_denominator=10_000).map(lambda value: Quantity(value, "mL")),
    )
)


@given(drawable)
def test_the_mark_is_within_half_a_line_of_the_dose(case):
    syringe, volume = case
    drawn = draw(syringe, ToDraw(volume, concentration=U100))
    assert drawn.mark is not None
    assert 2 * abs(drawn.mark.residual.base) <= syringe.step.base
    assert drawn.mark.volume - drawn.mark.residual == volume
    assert drawn.mark.volume == syringe.step.scaled(drawn.mark.line)
    assert 0 < drawn.mark.line <= lines(syringe)
    assert (drawn.mark.residual.base == 0) == (codes(drawn) == [])


@given(drawable, st.fractions(0, 1, max_denominator=50))
def test_the_plunger_stands_in_proportion_to_the_dose(case, part):
    syringe, volume = case
    whole, partial = Drawn(volume, syringe), Drawn(volume.scaled(part), syringe)
    assert partial.share == whole.share * part
    assert 0 <= whole.share <= 1


@given(volumes, st.sampled_from([None, HUNDREDTH, TENTH, Quantity("0.2", "mL"), Quantity(1, "mL")]))
def test_no_smaller_syringe_would_have_done(volume, step):
    wanted = ToDraw(volume, step)
    drawn = choose(SYRINGES, wanted)
    if drawn.syringe is None:
        assert volume > max(one.capacity.quantity for one in PLAIN)
        return
    smaller = [one for one in in_stock(PLAIN) if volume <= one.capacity.quantity < drawn.syringe.capacity.quantity]
    assert volume <= drawn.syringe.capacity.quantity
    assert not any(resolves(one, wanted) for one in smaller)
    assert resolves(drawn.syringe, wanted) or not smaller


@given(st.integers(1, 200).map(lambda halves: Quantity(Fraction(halves, 2), "[iU]")))
def test_units_and_volume_say_the_same_of_insulin(units):
    drawn = choose(SYRINGES, ToDraw(units.over(U100, "mL"), Quantity("0.5", "[iU]"), is_insulin=True, concentration=U100))
    assert drawn.syringe is not None
    assert reading(drawn.syringe, drawn.volume) == units
