"""In an emergency there is exactly one dose for everybody, at most half a milligram, and its basis stands beside it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration.parts import GivenDrug
from openinfusion.core.administration.session import Given, Reaction
from openinfusion.core.monitoring.response import DoseBasis, EmergencyDose, emergency_dose, respond
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import EpinephrineDoses, ResponseScript
from openinfusion.protocols.load import load_all
from tests.core.monitoring.cast import START, after, running, shipped_table

HALF_MILLIGRAM = Quantity("0.5", "mg")


def _table() -> EpinephrineDoses:
    table = shipped_table("epinephrine-im-1")
    assert isinstance(table, EpinephrineDoses)
    return table


def _script() -> ResponseScript:
    table = shipped_table("anaphylaxis-response-1")
    assert isinstance(table, ResponseScript)
    return table


TABLE = _table()
SCHEMES = tuple(scheme.id for scheme in TABLE.schemes)


def _dose(scheme: str, kilograms: str | None = None, years: str | None = None) -> EmergencyDose:
    weight = Quantity(kilograms, "kg") if kilograms else None
    return emergency_dose(TABLE, scheme, weight, Quantity(years, "a") if years else None)


@pytest.mark.parametrize("scheme", [*SCHEMES, "unheard-of", ""])
def test_every_weight_and_age_and_scheme_gives_exactly_one_dose_of_at_most_half_a_milligram(scheme):
    # safety.md 6.4: 1 to 150 kg and unknown x every age and unknown x every scheme
    weights = [None, *(Quantity(kilograms, "kg") for kilograms in range(1, 151))]
    ages = [
        None,
        *(Quantity(months, "mo") for months in (0, 1, 5, 6, 7, 11)),
        *(Quantity(years, "a") for years in (*range(1, 18), 40, 110)),
    ]
    for weight in weights:
        for age in ages:
            found = emergency_dose(TABLE, scheme, weight, age)
            assert Quantity(0, "mg") < found.dose <= HALF_MILLIGRAM
            assert found.volume.times(TABLE.concentration.quantity, "mg") == found.dose
            assert found.sources
            assert (found.basis is DoseBasis.ADULT) == (weight is None and age is None)


@given(
    kilograms=st.one_of(st.none(), st.decimals(min_value="-5", max_value="600", places=3)),
    months=st.one_of(st.none(), st.integers(min_value=-12, max_value=1400)),
    scheme=st.sampled_from(SCHEMES),
)
def test_odd_weights_and_ages_never_leave_anybody_without_a_dose(kilograms, months, scheme):
    weight = None if kilograms is None else Quantity(str(kilograms), "kg")
    age = None if months is None else Quantity(months, "mo")
    assert Quantity(0, "mg") < emergency_dose(TABLE, scheme, weight, age).dose <= HALF_MILLIGRAM


@given(st.integers(min_value=1, max_value=150), st.integers(min_value=0, max_value=149), st.sampled_from(SCHEMES))
def test_by_weight_the_dose_never_falls_as_the_weight_rises(lighter, more, scheme):
    light, heavy = _dose(scheme, str(lighter)), _dose(scheme, str(lighter + more))
    assert light.dose <= heavy.dose


@pytest.mark.parametrize(
    ("scheme", "kilograms", "years", "milligrams", "basis"),
    [
        ("us", "20", "5", "0.2", DoseBasis.WEIGHT),  # 0.01 mg/kg
        ("us", "29.9", None, "0.3", DoseBasis.WEIGHT),  # 0.299 mg, measured as 0.30 mL of 1 mg/mL
        ("us", "30", None, "0.3", DoseBasis.WEIGHT),
        ("us", "45", None, "0.45", DoseBasis.WEIGHT),  # from 30 kg up to 0.5 mg
        ("us", "80", None, "0.5", DoseBasis.WEIGHT),
        ("us", None, "8", "0.3", DoseBasis.AGE_OF_OTHER_SCHEME),  # rcuk row 6 to 12 years: 300 micrograms
        ("ascia", None, "40", "0.5", DoseBasis.AGE_OF_OTHER_SCHEME),
        ("ascia", "10", "1", "0.1", DoseBasis.WEIGHT),
        ("rcuk", "80", "8", "0.3", DoseBasis.AGE),  # rcuk goes by age where the age is known
        ("rcuk", None, "0.25", "0.15", DoseBasis.AGE),  # under 6 months 100 to 150 micrograms: the upper end
        ("rcuk", "20", None, "0.2", DoseBasis.WEIGHT),
        ("rcuk", None, "12", "0.5", DoseBasis.AGE),
        ("us", None, None, "0.5", DoseBasis.ADULT),
    ],
)
def test_the_rule_of_each_scheme(scheme, kilograms, years, milligrams, basis):
    found = _dose(scheme, kilograms, years)
    assert (found.dose, found.basis, found.scheme) == (Quantity(milligrams, "mg"), basis, scheme)


def test_a_weight_in_pounds_gives_the_dose_of_its_kilograms():
    assert emergency_dose(TABLE, "ascia", Quantity(44, "[lb_av]"), None).exact == Quantity(44, "[lb_av]").to("kg").times(
        Quantity("0.01", "mg/kg"), "mg"
    )


def test_a_dose_too_small_for_the_syringe_stays_exact():
    found = _dose("ascia", "0.3")
    assert found.dose == found.exact == Quantity("0.003", "mg")


def _given(*minutes: float) -> tuple[Given, ...]:
    drug = GivenDrug("epinephrine", Quantity("0.5", "mg"), "IM")
    return tuple(Given(drug, after(minute), "nurse") for minute in minutes)


def test_the_script_shows_its_steps_in_order_with_the_dose_and_what_was_ticked():
    dose = _dose("us", "80")
    state = running(reactions=(Reaction(START, None, emergency_at=after(1)),), steps={"anaphylaxis-response-1/stop-allergen": after(2)})
    script = respond(_script(), dose, state, Quantity(80, "kg"))
    assert [step.n for step in script.steps] == sorted(step.n for step in script.steps)
    assert (script.opened_at, script.steps[0].ticked_at) == (after(1), after(2))
    by_id = {step.id: step for step in script.steps}
    assert by_id["epinephrine"].dose == dose
    assert by_id["fluid"].amounts["bolus"] == Quantity(1600, "mL")  # 20 mL/kg x 80 kg
    assert by_id["refractory"].per_standing_order


def test_the_next_dose_is_due_after_the_schemes_interval():
    dose = _dose("us", "80")
    script = respond(_script(), dose, running(emergency_drugs=_given(3)), None)
    assert (script.repeat_at, script.repeat_latest_at) == (after(8), after(13))  # US label: 5 to 10 min
    by_id = {step.id: step for step in script.steps}
    assert (by_id["epinephrine"].due_at, by_id["epinephrine-again"].due_at) == (None, after(8))
    assert by_id["fluid"].amounts["bolus"] == Quantity(20, "mL/kg")


@pytest.mark.parametrize(("doses", "refractory"), [((), False), ((1,), False), ((1, 6), True)])
def test_after_two_doses_more_help_is_called_for(doses, refractory):
    assert respond(_script(), _dose("rcuk", "80"), running(emergency_drugs=_given(*doses)), None).is_refractory is refractory


@pytest.mark.parametrize("name", sorted(load_all()))
def test_every_response_that_an_alarm_of_a_protocol_names_has_a_script_there(name):
    loaded = load_all()[name]
    scripts = {table.complication for table in loaded.tables.values() if isinstance(table, ResponseScript)}
    assert {limit.response for limit in loaded.protocol.alarms} <= scripts
    assert "cx.anaphylaxis" in scripts


def test_a_script_without_a_computed_dose_shows_its_figures_and_starts_no_clock():
    table = shipped_table("epidural-hypotension-response-1")
    assert isinstance(table, ResponseScript)
    script = respond(table, None, running(), Quantity(70, "kg"))
    by_id = {step.id: step for step in script.steps}
    assert by_id["phenylephrine"].per_standing_order
    assert by_id["phenylephrine"].amounts["bolus_to"] == Quantity(100, "ug")  # Southeast Asian consensus 2023: 50 to 100 micrograms
    assert all(step.dose is None and step.due_at is None for step in script.steps)


def test_other_drugs_start_no_clock():
    other = replace(_given(3)[0], given=GivenDrug("chlorphenamine", None, "IV"))
    assert respond(_script(), _dose("us"), running(emergency_drugs=(other,)), None).repeat_at is None


def test_before_any_dose_there_is_no_repeat():
    script = respond(_script(), _dose("us"), running(), None)
    assert (script.repeat_at, script.doses_given, script.opened_at) == (None, (), None)
    assert _dose("us").repeat_after == Quantity(5, "min")
