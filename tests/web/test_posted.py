"""From a posted form to a command: the shape follows the command, what cannot be read names its field, nothing is guessed."""

from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Access, CheckValues, Container, GivenDrug, Reading
from openinfusion.core.errors import Malformed
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from openinfusion.web.posted import FormRefused, command_of


def form(text: str) -> QueryDict:
    return QueryDict(text)


def test_a_rate_is_a_number_and_the_unit_that_the_page_gave() -> None:
    assert command_of("RaiseRate", form("rate=50&rate.unit=mL/h")) == c.RaiseRate(Quantity(50, "mL/h"))


def test_a_drug_that_is_dosed_by_its_own_label_may_be_charted_without_a_dose() -> None:
    posted = form("id=give-paracetamol&given.drug=acetaminophen&given.dose=&given.dose.unit=mg&given.route=PO")
    assert command_of("RecordPremedication", posted) == c.RecordPremedication("give-paracetamol", GivenDrug("acetaminophen", None, "PO"))


def test_an_access_is_read_from_dotted_names_and_empty_fields_keep_their_default() -> None:
    posted = form(
        "access.device=peripheral-cannula&access.site=left+forearm&access.route=IV&access.line=&access.attempts=2&access.blood_return=yes"
    )
    assert command_of("RecordAccess", posted) == c.RecordAccess(
        Access("peripheral-cannula", "left forearm", Route.IV, attempts=2, blood_return=True)
    )


def test_readings_are_numbers_where_a_unit_was_given_and_words_elsewhere() -> None:
    posted = form("readings.pulse=72&readings.pulse.unit=/min&readings.consciousness=alert&readings.pain=&readings.pain.unit={score}")
    read = command_of("RecordObservation", posted)
    assert read == c.RecordObservation((Reading("pulse", Quantity(72, "/min")), Reading("consciousness", "alert")))


def test_reasons_are_kept_by_their_key_and_empty_ones_left_out() -> None:
    posted = form("reasons.screen.caution:low-platelets=checked&reasons.weight.changed=")
    assert command_of("AcceptFindings", posted) == c.AcceptFindings({"screen.caution:low-platelets": "checked"})


def test_several_sites_are_a_list() -> None:
    posted = form("container_code=C-1&rate=40&rate.unit=mL/h&sites=abdomen-left&sites=&sites=abdomen-right")
    assert command_of("StartInfusion", posted) == c.StartInfusion("C-1", Quantity(40, "mL/h"), ("abdomen-left", "abdomen-right"))


def test_values_of_a_check_that_the_delivery_does_not_have_stay_none() -> None:
    posted = form(
        "values.patient_code=P-1&values.container_code=C-1&values.drug=rituximab&values.dose=1000&values.dose.unit=mg&values.expiry=2028-01-31&values.appearance_good=no"
    )
    assert command_of("EnterCheck", posted) == c.EnterCheck(
        CheckValues("P-1", "C-1", "rituximab", Quantity(1000, "mg"), date(2028, 1, 31), appearance_good=False)
    )


def test_a_moment_is_read_in_the_zone_of_the_site() -> None:
    text = (
        "container.code=C-1&container.drug=x&container.amount=5&container.amount.unit=mg&container.volume=10&container.volume.unit=mL&container.route=IM"
        "&container.lot=L&container.expiry=2028-01-31&container.prepared_by=fay&container.prepared_at=2027-03-01T09:00"
    )
    read = command_of("PrepareContainer", form(text))
    expected = Container(
        "C-1", "x", Quantity(5, "mg"), Quantity(10, "mL"), Route.IM, "L", date(2028, 1, 31), "fay", datetime(2027, 3, 1, 9, tzinfo=UTC)
    )
    assert read == c.PrepareContainer(expected)


@pytest.mark.parametrize(
    ("name", "text", "field", "says"),
    [
        ("RaiseRate", "rate=50,5&rate.unit=mL/h", "rate", "Write digits and a point"),
        ("RaiseRate", "rate=50&rate.unit=furlong", "rate", "unit"),
        ("RaiseRate", "rate.unit=mL/h", "rate", "empty"),
        ("RecordConsent", "given=perhaps&version=1", "given", "Choose"),
        ("GradeReaction", "grade=two&scale=CTCAE", "grade", "digits"),
        ("RecordAccess", "access.device=x&access.site=y&access.route=EAR", "access.route", "Choose"),
        (
            "EnterCheck",
            "values.patient_code=P&values.container_code=C&values.drug=x&values.dose=1&values.dose.unit=mg&values.expiry=31/01/28&values.appearance_good=yes",
            "values.expiry",
            "year-month-day",
        ),
    ],
)
def test_what_cannot_be_read_names_its_field_and_says_what_to_write(name: str, text: str, field: str, says: str) -> None:
    with pytest.raises(FormRefused) as refused:
        command_of(name, form(text))
    assert says in refused.value.problems[field]


def test_an_unknown_command_is_malformed() -> None:
    with pytest.raises(Malformed):
        command_of("EatLunch", form(""))


@given(st.sampled_from([command.__name__ for command in c.COMMANDS]), st.text(max_size=60))
def test_any_text_gives_a_command_a_named_problem_or_malformed(name: str, text: str) -> None:
    try:
        command_of(name, QueryDict(text.encode("utf-8", "ignore")))
    except (FormRefused, Malformed):
        return
