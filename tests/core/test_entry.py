"""What people type is read by the dictionary, and what is not plain is refused with what to write."""

from datetime import UTC, date, datetime

import pytest

from openinfusion.core.entry import read_value
from openinfusion.core.errors import Malformed
from openinfusion.core.patient import Answer, FieldKind, FieldSpec
from openinfusion.core.quantity import Quantity

WEIGHT = FieldSpec("weight", FieldKind.QUANTITY, "nurse", unit="kg")
ALLERGY = FieldSpec("allergy", FieldKind.CODES, "nurse")
SEX = FieldSpec("sex", FieldKind.CODE, "nurse", codes=("female", "male"))
CONSENT = FieldSpec("consent", FieldKind.BOOLEAN, "nurse")
BORN = FieldSpec("birth_date", FieldKind.DAY, "nurse")
LMWH = FieldSpec("last_lmwh_at", FieldKind.MOMENT, "nurse")


def test_a_quantity_is_read_with_its_unit() -> None:
    assert read_value(WEIGHT, "71.5 kg") == Quantity("71.5", "kg")


def test_pounds_stay_pounds_when_they_are_written_out() -> None:
    value = read_value(WEIGHT, "150 lb")
    assert isinstance(value, Quantity)
    assert value.unit == "[lb_av]"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("71,5 kg", "comma"),
        ("71.5", "no unit"),
        ("71.5 mg", "not a unit for this field"),
        ("71.5 stone", "does not"),
        ("many kg", "not a number"),
        ("1e3 kg", "not a number"),
    ],
)
def test_a_doubtful_weight_is_refused_with_what_to_write(text: str, why: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_value(WEIGHT, text)
    said = str(refused.value.params["why"])
    assert why in said or (why == "does not" and "not a unit that this program knows" in said)
    assert "71.5 kg" in str(refused.value.params["write"])


def test_no_known_allergy_and_an_unknown_one_are_different_answers() -> None:
    assert read_value(ALLERGY, "none") is Answer.NONE_KNOWN
    assert read_value(ALLERGY, "unknown") is Answer.UNKNOWN
    assert read_value(ALLERGY, "penicillin, latex") == ("penicillin", "latex")


def test_a_code_outside_the_list_is_refused() -> None:
    with pytest.raises(Malformed):
        read_value(SEX, "f")


def test_yes_and_no_are_read_and_nothing_else() -> None:
    assert read_value(CONSENT, "yes") is True
    assert read_value(CONSENT, "No") is False
    with pytest.raises(Malformed):
        read_value(CONSENT, "maybe")


def test_days_and_moments_are_iso_and_moments_have_a_zone() -> None:
    assert read_value(BORN, "1980-05-01") == date(1980, 5, 1)
    assert read_value(LMWH, "2026-01-15T09:00+01:00") == datetime(2026, 1, 15, 8, tzinfo=UTC)
    for spec, text in ((BORN, "01/05/1980"), (LMWH, "2026-01-15T09:00"), (LMWH, "yesterday")):
        with pytest.raises(Malformed):
            read_value(spec, text)


def test_an_age_is_worked_out_and_never_entered() -> None:
    with pytest.raises(Malformed):
        read_value(FieldSpec("age", FieldKind.AGE, "program"), "46 a")
