"""Emergencies: one dose of epinephrine whatever is known, lipid emulsion by scheme, naloxone as a share of its boluses."""

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

weights = st.integers(3, 2000).map(lambda n: n / 10)
# epinephrine, the published tables a second time: Fresenius Kabi label 2.2, table 1; Resuscitation Council UK by age; ASCIA by weight
AGES = ((Fraction(1, 2), "0.15"), (6, "0.15"), (12, "0.3"), (None, "0.5"))
ODD = [
    None,
    "",
    "nan",
    "-5 kg",
    "0 kg",
    "70 mg",
    "heavy",
    "1e3 kg",
    [70],
    {"kg": "70"},
    True,
    "1,500 kg",
    "inf kg",
    "70 stone",
]


def by_hand(weight, age, scheme):
    """Grams by hundredths of the weight, the smaller of that and the scheme's top; by age where the scheme or an unknown weight asks."""
    row = None if age is None else next(dose for until, dose in AGES if until is None or age < until)
    if weight is not None and not (scheme == "rcuk" and row is not None):
        top = "0.3" if scheme == "us" and weight < 30 else "0.5"
        return min(Decimal(str(weight)) / 100, Decimal(top))
    return Decimal(row or "0.5")


def dose_of(**entered):
    made = openinfusion.calc("epinephrine-im", **entered)
    assert made["status"] == "ok"
    assert set(made["results"]) == {"dose", "volume", "repeat_after"}
    assert made["result"]["unit"] == "mg"
    assert Decimal(made["result"].get("rounded", made["result"]["value"])) <= Decimal("0.5")
    return Decimal(made["result"]["value"])


def test_every_weight_age_and_scheme_known_or_not_has_exactly_one_dose_of_at_most_half_a_milligram():
    # safety.md 6.4: the weights 1 to 150 kg and unknown, every age and unknown, every scheme
    for weight, age, scheme in itertools.product(
        [None, *range(1, 151, 7), 29, 30, 150], [None, 0, 0.4, 0.5, 3, 6, 11, 12, 90], ["us", "rcuk", "ascia"]
    ):
        entered = {"scheme": scheme}
        entered |= {} if weight is None else {"weight": f"{weight} kg"}
        entered |= {} if age is None else {"age": f"{age} a"}
        assert dose_of(**entered) == by_hand(weight, age, scheme), (weight, age, scheme)


@pytest.mark.parametrize(
    ("entered", "dose"),
    [
        ({"weight": "20 kg", "scheme": "us"}, "0.2"),  # label 2.2: 0.01 mg/kg below 30 kg
        ({"weight": "29.9 kg", "scheme": "us"}, "0.299"),
        ({"weight": "30 kg", "scheme": "us"}, "0.3"),
        ({"weight": "80 kg", "scheme": "us"}, "0.5"),  # 0.3 to 0.5 mg from 30 kg: the upper end is the cap
        ({"age": "5 a", "scheme": "rcuk"}, "0.15"),  # 150 micrograms from 6 months to 6 years
        ({"age": "5 a", "weight": "60 kg", "scheme": "rcuk"}, "0.15"),  # the age goes first there
        ({"age": "4 mo", "scheme": "rcuk"}, "0.15"),  # 100 to 150 micrograms: the upper end
        ({"age": "7 a", "scheme": "ascia"}, "0.3"),  # without ages of its own the rows of rcuk
        ({"weight": "8 kg", "age": "40 a", "scheme": "ascia"}, "0.08"),  # an adult dose is never used when a weight is known
        ({}, "0.5"),
    ],
)
def test_a_published_dose_comes_out(entered, dose):
    assert dose_of(**entered) == Decimal(dose)


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_weight_or_age_or_scheme_still_gives_one_dose(odd):
    assert dose_of(weight=odd, scheme="us") == Decimal("0.5")
    assert dose_of(weight=odd, age="3 a", scheme="ascia") == Decimal("0.15")
    assert dose_of(weight="20 kg", age=odd, scheme="us") == Decimal("0.2")
    assert dose_of(weight="20 kg", scheme=odd) == Decimal("0.2")
    assert dose_of(weight=odd, age=odd, scheme=odd) == Decimal("0.5")
    if odd is not None:
        assert "calc.left-out" in codes("epinephrine-im", weight=odd, scheme="us")


def test_a_number_that_fills_pages_takes_no_dose_away():
    assert dose_of(weight=10**5000, scheme="us") == Decimal("0.5")
    assert dose_of(weight="9" * 5000, age=10**5000, scheme="us") == Decimal("0.5")


@given(
    st.one_of(st.none(), st.text(max_size=8), st.integers(), st.floats()),
    st.one_of(st.none(), st.text(max_size=8), st.floats()),
    st.text(max_size=6),
)
def test_nothing_that_can_be_typed_is_answered_with_a_refusal(weight, age, scheme):
    assert dose_of(weight=weight, age=age, scheme=scheme) <= Decimal("0.5")


def test_a_number_without_a_unit_a_comma_and_capitals_are_read_and_said_for_the_adult_dose_would_be_more():
    assert dose_of(weight=20, scheme="us") == Decimal("0.2")
    assert "calc.unit-assumed" in codes("epinephrine-im", weight=20, scheme="us")
    assert dose_of(weight="12,5 KG", scheme="us") == Decimal("0.125")
    assert "calc.read-as" in codes("epinephrine-im", weight="12,5 KG", scheme="us")
    assert dose_of(age="5 a", scheme="RCUK") == Decimal("0.15")
    assert "calc.left-out" not in codes("epinephrine-im", age="5 a", scheme="RCUK")


def test_the_dose_says_what_it_goes_by():
    assert "calc.epinephrine-basis-weight" in codes("epinephrine-im", weight="20 kg", scheme="us")
    assert "calc.epinephrine-basis-age" in codes("epinephrine-im", age="5 a", scheme="rcuk")
    assert "calc.epinephrine-basis-age-of" in codes("epinephrine-im", age="5 a", scheme="us")
    assert "calc.epinephrine-basis-adult" in codes("epinephrine-im", scheme="us")
    assert "calc.epinephrine-capped" in codes("epinephrine-im", weight="80 kg", scheme="us")
    assert "calc.epinephrine-capped" not in codes("epinephrine-im", weight="50 kg", scheme="us")
    assert "calc.epinephrine-scheme" in codes("epinephrine-im", weight="50 kg", scheme="who")
    assert "calc.epinephrine-scheme" in codes("epinephrine-im", weight="50 kg")


def test_a_cap_that_binds_is_a_step_of_its_own():
    made = openinfusion.calc("epinephrine-im", weight="80 kg", scheme="us")
    assert [step["operation"] for step in made["steps"]] == [
        "calc.epinephrine-by-weight",
        "calc.epinephrine-cap",
        "calc.epinephrine-volume",
    ]
    assert made["steps"][0]["result"]["value"] == "0.8"


def test_the_rounded_dose_is_what_a_syringe_can_measure_and_never_nothing():
    # hundredths of a millilitre of 1 mg/mL, half up
    made = openinfusion.calc("epinephrine-im", weight="12.5 kg", scheme="us")
    assert made["results"]["dose"] == {"value": "0.125", "unit": "mg", "exact": True, "rounded": "0.13"}
    assert made["results"]["volume"]["rounded"] == "0.13"
    assert "rounded" not in openinfusion.calc("epinephrine-im", weight="0.3 kg", scheme="us")["result"]


def test_a_wish_that_cannot_be_met_takes_no_dose_away():
    assert text("epinephrine-im", weight="20 kg", scheme="us", as_="ug") == "200 ug"
    for wish in ({"as_": "mL"}, {"select": "nothing"}, {"round_to": "1 mg"}, {"round_to": "x"}, {"as_": [1]}):
        made = openinfusion.calc("epinephrine-im", weight="20 kg", scheme="us", **wish)
        assert made["result"] == {"value": "0.2", "unit": "mg", "exact": True}
        assert "calc.left-out" in {one["code"] for one in made["findings"]}


@given(weights, st.sampled_from(["us", "ascia"]))
def test_epinephrine_by_weight_is_the_same_in_pounds_and_grows_until_the_cap(weight, scheme):
    pounds = Fraction(str(weight)) / Fraction("0.45359237")
    dose = dose_of(weight=f"{weight} kg", scheme=scheme)
    near = Decimal(openinfusion.calc("epinephrine-im", weight=f"{float(pounds):.12f} lb", scheme=scheme)["result"]["value"])
    if weight != 30:
        assert abs(near - dose) < Decimal("1e-9")
    assert dose_of(weight=f"{weight + 1} kg", scheme=scheme) >= dose
    assert dose == by_hand(weight, None, scheme)


# lipid
@pytest.mark.parametrize(
    ("weight", "scheme", "bolus", "rate", "maximum"),
    [
        (70, "aagbi", "105", "1050", "840"),  # NHS Lothian, box A: 1.5 mL/kg, 15 mL/kg/h, at most 12 mL/kg; 70 kg 840 mL
        (50, "asra", "75", "750", "600"),  # copies of the checklist: up to 70 kg 1.5 mL/kg and 0.25 mL/kg/min
        (80, "asra", "100", "1000", "960"),  # above it 100 mL, then 250 mL in 15 to 20 min
        (70, "asra", "105", "1050", "840"),
    ],
)
def test_a_published_lipid_dose_comes_out(weight, scheme, bolus, rate, maximum):
    made = openinfusion.calc("lipid-rescue", weight=f"{weight} kg", scheme=scheme)
    assert [made["results"][name]["value"] for name in ("bolus", "rate", "maximum")] == [bolus, rate, maximum]
    assert [made["results"][name]["unit"] for name in ("bolus", "rate", "maximum")] == ["mL", "mL/h", "mL"]
    assert Decimal(made["results"]["doubled_rate"]["value"]) == 2 * Decimal(rate)


def lipid_by_hand(weight, scheme):
    """Millilitres and millilitres a minute, from the tables."""
    if scheme == "asra" and weight > 70:
        return 100, 250 / 15, 12 * weight
    return weight * 3 / 2, weight / 4, 12 * weight


@given(weights, st.sampled_from(["asra", "aagbi"]))
def test_lipid_by_a_second_way(weight, scheme):
    entered = {"weight": f"{weight} kg", "scheme": scheme}
    bolus, a_minute, maximum = lipid_by_hand(weight, scheme)
    assert value("lipid-rescue", **entered) == pytest.approx(bolus)
    assert value("lipid-rescue", **entered, select="rate", as_="mL/min") == pytest.approx(a_minute)
    assert value("lipid-rescue", **entered, select="maximum") == pytest.approx(maximum)


@given(weights)
def test_ten_times_the_weight_is_ten_times_the_lipid_of_the_scheme_by_weight(weight):
    once, ten = (value("lipid-rescue", weight=f"{kilograms} kg", scheme="aagbi") for kilograms in (weight, weight * 10))
    assert ten == pytest.approx(10 * once)


def test_lipid_says_where_the_sources_differ_and_which_scheme_was_taken():
    assert "calc.lipid-boundary" in codes("lipid-rescue", weight="70 kg", scheme="asra")
    assert "calc.lipid-boundary" not in codes("lipid-rescue", weight="70 kg", scheme="aagbi")
    assert "calc.lipid-fastest" in codes("lipid-rescue", weight="71 kg", scheme="asra")
    assert "calc.lipid-scheme" in codes("lipid-rescue", weight="50 kg")


@pytest.mark.parametrize(
    ("entered", "code"),
    [
        ({}, "calc.missing"),
        ({"weight": "70"}, "calc.no-unit"),
        ({"weight": "0 kg"}, "calc.not-positive"),
        ({"weight": "70 mg"}, "calc.other-kind"),
        ({"weight": "70 kg", "scheme": "who"}, "calc.not-a-choice"),
    ],
)
def test_lipid_that_cannot_be_known_is_refused(entered, code):
    assert code in refused("lipid-rescue", **entered)


# naloxone
def test_half_of_the_boluses_run_in_an_hour():
    # Scottish Intensive Care Society: half of the bolus total in an hour; 1 mg in 100 mL are 10 micrograms in a millilitre
    made = openinfusion.calc("naloxone-infusion", bolus="0.8 mg")
    assert made["result"] == {"value": "400", "unit": "ug/h", "exact": True}
    assert made["results"]["volume_rate"] == {"value": "40", "unit": "mL/h", "exact": True}


@given(st.integers(1, 20_000))
def test_naloxone_by_a_second_way_in_any_unit(micrograms):
    entered = {"bolus": f"{micrograms} mcg"}
    assert value("naloxone-infusion", **entered) == pytest.approx(micrograms * 0.5)
    assert value("naloxone-infusion", **entered, select="volume_rate") == pytest.approx(micrograms / 2 / (1000 / 100))
    assert value("naloxone-infusion", bolus=f"{Decimal(micrograms) / 1000} mg") == value("naloxone-infusion", **entered)
    assert value("naloxone-infusion", bolus=f"{micrograms * 10} ug") == pytest.approx(10 * value("naloxone-infusion", **entered))


def test_much_naloxone_without_an_answer_asks_for_another_cause():
    assert "calc.naloxone-rethink" in codes("naloxone-infusion", bolus="10 mg")  # the label: after 10 mg
    assert "calc.naloxone-rethink" not in codes("naloxone-infusion", bolus="9.99 mg")


@pytest.mark.parametrize(
    ("bolus", "code"), [(None, "calc.missing"), ("0 mg", "calc.not-positive"), ("1 mL", "calc.other-kind"), ("400", "calc.no-unit")]
)
def test_naloxone_that_cannot_be_known_is_refused(bolus, code):
    assert code in refused("naloxone-infusion", bolus=bolus)
