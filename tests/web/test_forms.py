"""Fields: numbers with a point, days that mean one day, times of the site."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from openinfusion.core.quantity import Quantity
from openinfusion.web.forms import DayField, MomentField, QuantityField
from tests.web.cast import Clinic


@pytest.mark.parametrize("text", ["71,5", "1 000", "1e3", "71.5 kg", "½", "--1", "7.", ".5", "NaN"])
def test_what_is_not_one_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        QuantityField(unit="kg").clean(text)


def test_a_plain_number_is_exact_and_has_the_unit_of_the_field() -> None:
    assert QuantityField(unit="kg").clean(" 71.50 ") == Quantity("71.5", "kg")


@pytest.mark.parametrize("text", ["0", "-3"])
def test_an_amount_that_is_not_above_zero_is_refused_where_it_must_be(text: str) -> None:
    with pytest.raises(ValidationError):
        QuantityField(unit="mL").clean(text)
    assert QuantityField(unit="mL", positive=False).clean(text) == Quantity(text, "mL")


def test_a_day_is_iso_or_counted_from_today(clinic: Clinic) -> None:  # today is 2027-03-01
    read = {text: DayField().clean(text) for text in ("2027-05-31", "T", "t", "T+30", "T-1")}
    assert read == {
        "2027-05-31": date(2027, 5, 31),
        "T": date(2027, 3, 1),
        "t": date(2027, 3, 1),
        "T+30": date(2027, 3, 31),
        "T-1": date(2027, 2, 28),
    }


@pytest.mark.parametrize("text", ["03/04/27", "3.4.2027", "20270531x", "2027-02-30", "tomorrow", "T+"])
def test_a_day_that_could_mean_two_or_none_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        DayField().clean(text)


def test_a_time_is_that_of_the_site_and_a_bare_one_of_today(clinic: Clinic) -> None:
    with timezone.override("Europe/Lisbon"):
        assert MomentField().clean("2027-07-01 14:05") == datetime(2027, 7, 1, 13, 5, tzinfo=UTC)  # WEST is UTC+1
        assert MomentField().clean("9:05") == datetime(2027, 3, 1, 9, 5, tzinfo=UTC)
    assert MomentField().clean("") is None
    with pytest.raises(ValidationError):
        MomentField().clean("25:00")
