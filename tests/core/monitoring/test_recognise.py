"""Only a cited criterion opens a script: every sign that is asked about stays silent alone, and every criterion speaks when it is met."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Seen
from openinfusion.core.complication import Complication, Recognition, Use
from openinfusion.core.criteria import Bound
from openinfusion.core.figure import Tier
from openinfusion.core.monitoring.recognise import Findings, charted, is_met, recognised
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Complications
from openinfusion.protocols.load import load_reference
from tests.core.monitoring.cast import SOURCE, START, figure, running

ROWS = tuple(row for table in load_reference().tables.values() if isinstance(table, Complications) for row in table.complications)
CRITERIA = [(row.code, one) for row in ROWS for one in row.criteria]
ASKED = sorted({(row.code, sign) for row in ROWS for sign in row.asks})


def _seen(*signs: str, **measures: Quantity) -> Findings:
    return Findings(frozenset(signs), {name.replace("__", "."): value for name, value in measures.items()})


@pytest.mark.parametrize(("code", "sign"), ASKED)
def test_a_sign_that_is_only_asked_about_opens_no_script_alone(code, sign):
    assert recognised(ROWS, _seen(sign)) == ()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_the_signs_of_one_list_together_open_at_most_what_a_criterion_names(row):
    # All that one list asks about, found at once: the row itself stays silent unless its own criterion is made of them.
    met = recognised((row,), _seen(*row.asks))
    assert all(one.criterion.all_of or one.criterion.need for one in met)


@pytest.mark.parametrize(
    "signs",
    [
        ("isolated_urticaria",),  # WAO 2020, NIAID 2006: skin alone is no criterion
        ("urticaria",),
        ("vomiting_under_chemotherapy",),
        ("vomiting",),
        ("pinpoint_pupils",),  # West Midlands: unreliable under a regular opioid
        ("drowsy_but_rousable",),
        ("fast_pulse",),  # air embolism: a fast pulse alone never triggers
        ("pain",),
        ("pain_in_spite_of_the_epidural",),
        ("pallor_with_slow_pulse",),
    ],
)
def test_the_near_misses_of_the_sources_stay_silent(signs):
    assert recognised(ROWS, _seen(*signs)) == ()


@pytest.mark.parametrize(("code", "criterion"), CRITERIA, ids=lambda value: value if isinstance(value, str) else value.id)
def test_each_criterion_speaks_when_all_of_it_is_there_and_is_silent_when_one_part_is_missing(code, criterion):
    if criterion.by:
        assert is_met(criterion, Findings(verdicts=frozenset(criterion.by[:1])))
        assert not is_met(criterion, Findings())
        return
    signs = {group[0] for group in criterion.all_of} | set(criterion.signs[: criterion.need])
    measures = {name: _inside(bound) for name, bound in criterion.measures.items()}
    assert is_met(criterion, Findings(frozenset(signs), measures))
    for group in criterion.all_of:
        assert not is_met(criterion, Findings(frozenset(signs) - set(group), measures))
    for name, bound in criterion.measures.items():
        assert not is_met(criterion, Findings(frozenset(signs), {**measures, name: _outside(bound)}))
        assert not is_met(criterion, Findings(frozenset(signs), {key: value for key, value in measures.items() if key != name}))


def _inside(bound: Bound) -> Quantity:
    if bound.least is not None:
        return bound.least.quantity
    if bound.most is not None:
        return bound.most.quantity
    assert bound.below is not None
    return bound.below.quantity.scaled(Fraction("0.99"))


def _outside(bound: Bound) -> Quantity:
    if bound.least is not None:
        return bound.least.quantity.scaled(Fraction("0.99"))
    if bound.most is not None:
        return bound.most.quantity.scaled(Fraction("1.01"))
    assert bound.below is not None
    return bound.below.quantity


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        # Southeast Asian consensus 2023: below 80 % of the baseline; Westmead: profound below 70
        (_seen(bp__systolic_percent_of_baseline=Quantity("79.9", "%")), "cx.epidural_hypotension"),
        (_seen(bp__systolic=Quantity(69, "mm[Hg]")), "cx.epidural_hypotension"),
        # West Midlands: breathing below 8 and unconscious
        (_seen("unconscious", resp_rate=Quantity(7, "/min")), "cx.opioid_toxicity"),
        # ADA 2024: level 1 below 70, also where the meter shows mmol/L it must be the same kind to speak
        (_seen(glucose=Quantity("69", "mg/dL")), "cx.hypoglycaemia"),
        # TACO 2018: three criteria, one pulmonary, within 12 h of a component
        (
            _seen("after_blood_component_within_12_h", "acute_respiratory_distress", "fluid_balance_change", "cardiovascular_change"),
            "cx.pulmonary_oedema",
        ),
        (_seen("line_open", "sudden_hypoxia"), "cx.air_embolism"),
        (_seen("drug_is_vesicant", "swelling"), "cx.extravasation"),
        (_seen("no_straight_leg_raise", time_since_last_dose=Quantity(4, "h")), "cx.epidural_haematoma_abscess"),
        (_seen("immune_globulin_in_the_last_days", "severe_headache", "neck_stiffness"), "cx.sc_headache"),
    ],
)
def test_a_case_of_its_source_opens_its_script(findings, code):
    assert code in {one.complication for one in recognised(ROWS, findings)}


@pytest.mark.parametrize(
    "findings",
    [
        _seen(bp__systolic_percent_of_baseline=Quantity(80, "%")),
        _seen(bp__systolic=Quantity(70, "mm[Hg]")),
        _seen("unconscious", resp_rate=Quantity(8, "/min")),
        _seen(resp_rate=Quantity(7, "/min")),
        _seen(glucose=Quantity(70, "mg/dL")),
        _seen("after_blood_component_within_12_h", "raised_natriuretic_peptide", "fluid_balance_change", "cardiovascular_change"),
        _seen("acute_respiratory_distress", "fluid_balance_change", "cardiovascular_change"),
        _seen("sudden_hypoxia"),
        _seen("line_open"),
        _seen("drug_is_vesicant"),
        _seen("no_straight_leg_raise", time_since_last_dose=Quantity("3.9", "h")),
        _seen("severe_headache", "neck_stiffness", "immune_globulin_months_ago"),
    ],
)
def test_a_case_one_step_beside_its_source_opens_none(findings):
    assert recognised(ROWS, findings) == ()


def test_extravasation_opens_at_any_sign_of_a_leak_of_a_harmful_drug_whatever_the_grade():
    # eviQ 4156: the tissue class of the drug decides, never the grade
    for drug in ("drug_is_vesicant", "drug_is_irritant"):
        for sign in ("sign_of_leak", "no_blood_return", "swelling", "burning", "pain_at_the_vein", "leakage"):
            assert [one.complication for one in recognised(ROWS, _seen(drug, sign))] == ["cx.extravasation"]


def test_another_route_keeps_a_script_out():
    found = _seen("line_open", "sudden_hypoxia")
    assert recognised(ROWS, found, Route.IV)
    assert recognised(ROWS, found, Route.SC) == ()


def test_a_value_of_another_kind_says_nothing():
    assert recognised(ROWS, _seen(glucose=Quantity(3, "mmol/L"))) == ()


@given(signs=st.sets(st.sampled_from(sorted({sign for _, sign in ASKED} | {s for _, one in CRITERIA for g in one.all_of for s in g}))))
def test_more_findings_never_close_a_script(signs):
    opened = {one.criterion.id for one in recognised(ROWS, _seen(*signs))}
    for sign in ("fever", "headache", "line_open"):
        assert opened <= {one.criterion.id for one in recognised(ROWS, _seen(*signs, sign))}


def test_a_criterion_without_a_published_source_or_an_edition_does_not_load():
    weak = SOURCE.model_copy(update={"tier": Tier.U})
    for changed in ({"sources": ()}, {"version": ""}, {"sources": (weak,)}, {"all_of": ()}):
        parts = {"id": "x", "use": Use.ALARM, "version": "2020", "all_of": (("pus",),), "sources": (SOURCE,)}
        assert Recognition.model_validate(parts).use is Use.ALARM
        with pytest.raises(ValidationError):
            Recognition.model_validate({**parts, **changed})


def test_a_list_to_ask_about_holds_no_criterion():
    with pytest.raises(ValidationError):
        Recognition(id="x", use=Use.ASK, signs=("pain",), measures={"pain": Bound(least=figure("4", "{score}"))}, sources=(SOURCE,))


def test_a_sign_that_is_asked_about_and_opens_the_script_alone_does_not_load():
    alarm = {"id": "a", "use": "alarm", "version": "1", "all_of": (("pus", "fever"),), "sources": (SOURCE,)}
    ask = {"id": "b", "use": "ask", "signs": ("fever",), "sources": (SOURCE,)}
    with pytest.raises(ValidationError, match="fever"):
        Complication.model_validate({"code": "cx.x", "routes": ("IV",), "recognise": (alarm, ask), "call": ({"id": "c"},)})


def _charted(**values: Quantity | str | bool) -> Findings:
    names = {name.replace("__", "."): value for name, value in values.items()}
    seen = {code: Seen(Reading(code, value), START, "nora") for code, value in names.items()}
    return charted(running(seen=seen, baseline={"bp.systolic": Reading("bp.systolic", Quantity(120, "mm[Hg]"))}))


@pytest.mark.parametrize(("systolic", "opens"), [("95", True), ("96", False), ("120", False)])
def test_a_charted_pressure_is_held_against_the_own_baseline(systolic, opens):
    # Southeast Asian consensus 2023: below 80 % of the baseline; 80 % of 120 is 96
    found = recognised(ROWS, _charted(bp__systolic=Quantity(systolic, "mm[Hg]")), Route.EPIDURAL)
    assert {one.complication for one in found} == ({"cx.epidural_hypotension"} if opens else set())


def test_what_was_no_reading_and_what_is_no_number_says_nothing():
    assert _charted(bp__systolic=False, symptoms="feels hot", spo2=False) == Findings()


def test_a_yes_is_a_sign_and_a_score_is_known_by_its_scale_too():
    seen = {
        "rash": Seen(Reading("rash", value=True), START, "n"),
        "sedation": Seen(Reading("sedation", Quantity(3, "{score}"), "POSS"), START, "n"),
    }
    found = charted(running(seen=seen))
    assert found.signs == {"rash"}
    # POSS 3: the opioid goes down, watch closely
    assert {one.complication for one in recognised(ROWS, found)} == {"cx.opioid_toxicity"}
