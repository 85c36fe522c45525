"""Solutions: a powder adds its own volume to the diluent, a percentage is grams in a hundred millilitres."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion import calc

hundredths = st.integers(1, 100_000).map(lambda n: Decimal(n) / 100)


def value(made, name=None):
    assert made["status"] == "ok", made["findings"]
    return Decimal((made["result"] if name is None else made["results"][name])["value"])


def codes(made):
    return [one["code"] for one in made["findings"]]


def near(one, other):
    return abs(one - other) <= abs(other) * Decimal("1e-11")


def test_the_powder_adds_its_own_volume_to_the_diluent():
    # A guide to injectable medicines, 12.1: 250 mg with 5 mL, the powder displaces 0.2 mL, make 5.2 mL of 48 mg/mL (48.08)
    made = calc("reconstitution", amount="250 mg", diluent="5 mL", displacement="0.2 mL")
    assert made["results"]["final_volume"]["value"] == "5.2"
    assert made["result"]["unit"] == "mg/mL"
    assert value(made).quantize(Decimal(1)) == 48


def test_the_volume_of_a_dose_is_the_result_where_a_dose_is_given():
    # the same guide: 4.8 mL make 50 mg/mL, and 50 mg are 1 mL
    made = calc("reconstitution", amount="250 mg", diluent="4.8 mL", displacement="0.2 mL", dose="50 mg")
    assert made["result"] == {"value": "1", "unit": "mL", "exact": True, "rounded": "1"}
    assert made["results"]["concentration"]["value"] == "50"


def test_a_displacement_by_mass_is_that_of_the_whole_amount():
    of_all = calc("reconstitution", amount="2 g", diluent="8 mL", displacement="1 mL")
    by_mass = calc("reconstitution", amount="2 g", diluent="8 mL", displacement="0.5 mL/g")
    assert by_mass["results"] == of_all["results"]
    assert len(by_mass["steps"]) == len(of_all["steps"]) + 1


def test_a_stated_concentration_gives_the_volume_and_what_the_powder_displaced():
    # WTCS, Nursing Dosage Calculations: a 1000 mg vial with 4.6 mL holds 200 mg/mL; 300 mg are 1.5 mL
    made = calc("reconstitution", amount="1000 mg", diluent="4.6 mL", concentration="200 mg/mL", dose="300 mg")
    assert (value(made), value(made, "final_volume"), value(made, "displacement")) == (Decimal("1.5"), 5, Decimal("0.4"))


def test_a_concentration_and_a_dose_need_no_more():
    assert value(calc("reconstitution", concentration="200 mg/mL", dose="300 mg")) == Decimal("1.5")


def test_units_of_activity_are_mixed_like_milligrams():
    # MD0904 examination, question 11: 5,000,000 units with 3 mL hold 1,000,000 units/mL; 2,000,000 units are 2 mL
    made = calc("reconstitution", amount="5000000 units", diluent="3 mL", displacement="2 mL", dose="2000000 units")
    assert value(made) == 2
    assert made["results"]["concentration"]["unit"] == "[iU]/mL"


def test_a_dose_of_more_than_the_container_is_noticed_with_both_numbers():
    made = calc("reconstitution", amount="250 mg", diluent="5 mL", displacement="0 mL", dose="500 mg")
    assert value(made) == 10
    found = next(one for one in made["findings"] if one["code"] == "calc.more-than-container")
    assert (found["level"], found["params"]["dose"]["value"], found["params"]["amount"]["value"]) == ("caution", "500", "250")


REFUSED = [
    ({"amount": "250 mg", "diluent": "5 mL"}, "calc.missing-way"),  # the powder's volume is not taken to be nothing
    ({"amount": "250 mg", "displacement": "0.2 mL"}, "calc.missing-way"),
    ({"amount": "250 mg", "diluent": "5 mL", "displacement": "0.2 mL", "concentration": "50 mg/mL"}, "calc.contradictory"),
    ({"amount": "250 mg", "diluent": "5 mL", "displacement": "0.2 mL", "concentration": "50 units/mL"}, "calc.contradictory"),
    ({"amount": "250 mg", "diluent": "5 mL", "concentration": "100 mg/mL"}, "calc.final-volume-below-diluent"),
    ({"amount": "250 mg", "diluent": "5 mL", "displacement": "-0.2 mL"}, "calc.negative"),
    ({"amount": "250 mg", "diluent": "5", "displacement": "0.2 mL"}, "calc.no-unit"),
    ({"amount": "250 mg", "diluent": "5 mg", "displacement": "0.2 mL"}, "calc.other-kind"),
    ({"amount": "0 mg", "diluent": "5 mL", "displacement": "0.2 mL"}, "calc.not-positive"),
    ({"amount": "1,500 mg", "diluent": "5 mL", "displacement": "0.2 mL"}, "calc.comma"),
    ({"amount": "100 units", "diluent": "5 mL", "displacement": "0.2 mL/g"}, "calc.not-of-one-kind"),
    ({"amount": "100 units", "concentration": "5 mg/mL"}, "calc.not-of-one-kind"),
    ({"amount": "250 mg", "diluent": "5 mL", "displacement": "0.2 mL", "dose": "5 units"}, "calc.not-of-one-kind"),
]


@pytest.mark.parametrize(("inputs", "code"), REFUSED)
def test_what_cannot_be_known_of_a_powder_is_refused(inputs, code):
    made = calc("reconstitution", **inputs)
    assert (made["status"], made["result"]) == ("refused", None)
    assert code in codes(made)


def oracle_powder(amount, diluent, displacement, dose):
    """Another way round: how much of the whole is drawn, as a share of what is in the container."""
    with localcontext() as context:
        context.prec = 40
        return (dose / amount) * (diluent + displacement)


@given(hundredths, hundredths, hundredths, hundredths)
def test_the_drawn_share_of_the_container_is_the_share_of_its_amount(amount, diluent, displacement, dose):
    made = calc("reconstitution", amount=f"{amount} mg", diluent=f"{diluent} mL", displacement=f"{displacement} mL", dose=f"{dose} mg")
    assert near(value(made), oracle_powder(amount, diluent, displacement, dose))


@given(hundredths, hundredths, hundredths, hundredths)
def test_a_powder_gives_the_same_in_any_unit(amount, diluent, displacement, dose):
    small = calc("reconstitution", amount=f"{amount} mg", diluent=f"{diluent} mL", displacement=f"{displacement} mL", dose=f"{dose} mg")
    other = calc(
        "reconstitution",
        amount=f"{amount * 1000} ug",
        diluent=f"{diluent / 1000} L",
        displacement=f"{displacement * 1000} uL",
        dose=f"{dose / 1000:f} g",
    )
    assert value(small) == value(other)


@given(hundredths, hundredths, hundredths)
def test_ten_times_the_dose_is_ten_times_the_volume(amount, diluent, dose):
    asked = {"amount": f"{amount} mg", "diluent": f"{diluent} mL", "displacement": "0 mL"}
    assert near(
        value(calc("reconstitution", **asked, dose=f"{dose * 10} mg")), 10 * value(calc("reconstitution", **asked, dose=f"{dose} mg"))
    )


@given(hundredths, hundredths, st.integers(0, 1000))
def test_the_displacement_comes_back_from_the_concentration_that_it_made(amount, diluent, powder):
    displacement = Decimal(powder) / 100
    made = calc("reconstitution", amount=f"{amount} mg", diluent=f"{diluent} mL", displacement=f"{displacement} mL")
    if made["result"]["exact"]:
        back = calc("reconstitution", amount=f"{amount} mg", diluent=f"{diluent} mL", concentration=f"{made['result']['value']} mg/mL")
        assert value(back, "displacement") == displacement


# percent
@pytest.mark.parametrize(
    ("percent", "volume", "grams"),
    [
        ("5", "250 mL", "12.5"),  # MD0913, exercise 18
        ("0.9", "1 L", "9"),  # sodium chloride: 9 g in a litre
        ("50 %", "20 mL", "10"),  # rxtechnotes, parenteral example 2
        ("0.1", "120 mL", "0.12"),  # rxtechnotes, ratio example 3
    ],
)
def test_a_percentage_is_grams_in_a_hundred_millilitres(percent, volume, grams):
    assert calc("percent-solution", percent=percent, volume=volume)["result"] == {"value": grams, "unit": "g", "exact": True}


def test_more_than_a_hundred_percent_is_asked_about():
    assert codes(calc("percent-solution", percent="100", volume="1 mL")) == []
    assert codes(calc("percent-solution", percent="100.1", volume="1 mL")) == ["calc.percent-above-hundred"]


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"percent": "0", "volume": "1 mL"}, "calc.not-positive"),
        ({"percent": "5 mg", "volume": "1 mL"}, "calc.other-kind"),
        ({"percent": "5", "volume": "1 mg"}, "calc.other-kind"),
        ({"percent": "5"}, "calc.missing"),
        ({"percent": "nan", "volume": "1 mL"}, "calc.not-a-number"),
        ({"percent": ".9", "volume": "1 mL"}, "calc.naked-decimal"),
    ],
)
def test_what_cannot_be_known_of_a_percentage_is_refused(inputs, code):
    made = calc("percent-solution", **inputs)
    assert (made["status"], made["result"]) == ("refused", None)
    assert code in codes(made)


@given(hundredths, hundredths)
def test_grams_of_a_percentage_by_a_second_way_in_any_unit(percent, volume):
    made = calc("percent-solution", percent=str(percent), volume=f"{volume} mL")
    assert value(made) == percent / 100 * volume
    assert value(calc("percent-solution", percent=f"{percent} %", volume=f"{volume / 100} dL")) == value(made)
    assert value(calc("percent-solution", percent=str(percent * 10), volume=f"{volume} mL")) == 10 * value(made)
