"""Every script of every complication: in order, for every weight and age, each drug with a dose of its sources or by the standing order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from openinfusion.core.monitoring.response import EmergencyDose, emergency_dose, respond
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Complications, EpinephrineDoses, ResponseScript, ResponseStep
from openinfusion.protocols.load import load_reference
from tests.core.monitoring.cast import SOURCE, after, running, shipped_table

TABLES = tuple(load_reference().tables.values())
SCRIPTS = {table.complication: table for table in TABLES if isinstance(table, ResponseScript)}
ROWS = tuple(row for table in TABLES if isinstance(table, Complications) for row in table.complications)
WEIGHTS = [None, *(Quantity(kilograms, "kg") for kilograms in range(1, 151))]
AGES = [None, *(Quantity(months, "mo") for months in (0, 1, 6, 11)), *(Quantity(years, "a") for years in (1, 2, 6, 12, 17, 18, 65, 110))]


def _dose(weight: Quantity | None, age: Quantity | None, scheme: str = "rcuk") -> EmergencyDose:
    table = shipped_table("epinephrine-im-1")
    assert isinstance(table, EpinephrineDoses)
    return emergency_dose(table, scheme, weight, age)


def test_every_complication_has_one_script_and_every_script_one_complication():
    codes = [row.code for row in ROWS]
    assert len(set(codes)) == len(codes)
    assert set(codes) == set(SCRIPTS)


@pytest.mark.parametrize("code", sorted(SCRIPTS))
def test_steps_stand_in_order_without_a_gap_and_go_on_only_with_complications_that_exist(code):
    steps = SCRIPTS[code].steps
    assert sorted({step.n for step in steps}) == list(range(1, max(step.n for step in steps) + 1))
    assert [step.n for step in steps] == sorted(step.n for step in steps)
    assert {step.goes_on_with for step in steps if step.goes_on_with} <= set(SCRIPTS) - {code}
    assert len({step.id for step in steps}) == len(steps)


@pytest.mark.parametrize("code", sorted(SCRIPTS))
def test_for_every_weight_and_age_each_step_has_its_dose_or_the_standing_order(code):
    by_age = any(step.dose_from is not None for step in SCRIPTS[code].steps)
    for weight in WEIGHTS:
        for age in AGES if by_age else AGES[:1]:
            script = respond(SCRIPTS[code], _dose(weight, age), running(), weight)
            assert script.steps
            for step in script.steps:
                assert all(amount.value >= 0 for amount in step.amounts.values())
                assert weight is None or not any("/kg" in amount.unit for amount in step.amounts.values())
                assert step.dose is None or Quantity(0, "mg") < step.dose.dose <= Quantity("0.5", "mg")


@pytest.mark.parametrize("code", sorted(SCRIPTS))
def test_a_step_that_gives_a_drug_names_a_dose_with_its_source_or_the_standing_order(code):
    for step in SCRIPTS[code].steps:
        if step.gives is not None:
            assert step.figures or step.dose_from or step.per_standing_order
        assert all(figure.sources and figure.tier.may_be_active for figure in step.figures.values())


def test_a_drug_without_a_dose_does_not_load():
    with pytest.raises(ValidationError, match="per_standing_order"):
        ResponseStep(id="x", n=1, gives="diuretic", sources=(SOURCE,))


@pytest.mark.parametrize(
    ("kilograms", "step", "amounts"),
    [
        # AAGBI: 1.5 mL/kg, then 15 mL/kg/h, doubled to 30, at most 12 mL/kg
        ("70", "last-lipid-aagbi", {"bolus": "105 mL", "infusion": "1050 mL/h", "infusion_doubled": "2100 mL/h", "most_in_all": "840 mL"}),
        # ASRA from 70 kg: 100 mL, then 200 to 250 mL, at most 12 mL/kg
        ("70", "last-lipid-asra-heavy", {"bolus": "100 mL", "then_from": "200 mL", "then_to": "250 mL", "most_in_all": "840 mL"}),
        # ASRA below 70 kg: 1.5 mL/kg, then 0.25 mL/kg/min
        ("20", "last-lipid-asra-light", {"bolus": "30 mL", "infusion": "5 mL/min", "most_in_all": "240 mL"}),
    ],
)
def test_lipid_is_worked_out_for_the_patient_by_each_scheme(kilograms, step, amounts):
    script = respond(SCRIPTS["cx.last"], None, running(), Quantity(kilograms, "kg"))
    found = next(one for one in script.steps if one.id == step)
    assert found.amounts == {name: Quantity(*text.split()) for name, text in amounts.items()}
    assert found.per_standing_order  # which scheme is the site's own choice


@pytest.mark.parametrize(("kilograms", "heavy"), [("69.9", False), ("70", True), ("120", True)])
def test_only_the_step_for_this_body_mass_is_shown_and_both_while_it_is_unknown(kilograms, heavy):
    shown = {step.id for step in respond(SCRIPTS["cx.last"], None, running(), Quantity(kilograms, "kg")).steps}
    assert ("last-lipid-asra-heavy" in shown, "last-lipid-asra-light" in shown) == (heavy, not heavy)
    unknown = {step.id for step in respond(SCRIPTS["cx.last"], None, running(), None).steps}
    assert {"last-lipid-asra-heavy", "last-lipid-asra-light"} <= unknown


@given(st.decimals(min_value="0.3", max_value="400", places=1))
def test_lipid_grows_with_the_body_and_never_passes_its_maximum(kilograms):
    weight = Quantity(str(kilograms), "kg")
    step = next(one for one in respond(SCRIPTS["cx.last"], None, running(), weight).steps if one.id == "last-lipid-aagbi")
    assert step.amounts["bolus"] < step.amounts["most_in_all"] == Quantity(12, "mL/kg").times(weight, "mL")


def test_a_script_is_open_since_its_complication_was_charted_and_earlier_ticks_are_over():
    script = SCRIPTS["cx.hypoglycaemia"]
    name = f"{script.name}/hypoglycaemia-carbohydrate"
    state = running(complications_at={"cx.hypoglycaemia": after(30)}, steps={name: after(2)})
    again = respond(script, None, state, None)
    assert (again.opened_at, again.steps[0].ticked_at) == (after(30), None)
    ticked = respond(script, None, running(complications_at={"cx.hypoglycaemia": after(30)}, steps={name: after(31)}), None)
    assert ticked.steps[0].ticked_at == after(31)
    assert ticked.steps[0].due_at == after(46)  # ADA: measure again after 15 min


def test_the_time_within_which_a_step_is_best_done_runs_from_the_opening_until_it_is_ticked():
    # POGO: dexrazoxane is started within 6 h
    script = SCRIPTS["cx.extravasation"]
    opened = running(complications_at={"cx.extravasation": after(0)})
    step = next(one for one in respond(script, None, opened, None).steps if one.id == "extravasation-anthracycline")
    assert (step.latest_at, step.per_standing_order, step.amounts) == (after(360), True, {})
    done = running(complications_at={"cx.extravasation": after(0)}, steps={f"{script.name}/{step.id}": after(90)})
    assert next(one for one in respond(script, None, done, None).steps if one.id == step.id).latest_at is None


def test_anaphylaxis_is_opened_by_charting_it_as_well():
    assert respond(SCRIPTS["cx.anaphylaxis"], None, running(complications_at={"cx.anaphylaxis": after(4)}), None).opened_at == after(4)
