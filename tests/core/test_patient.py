"""Facts carry the moment at which they were true; unknown, not asked and too old are all no value, and never a pass."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.patient import Answer, Fact, FactValue, FieldKind, FieldSpec, PatientFacts, duration, elapsed, seconds
from openinfusion.core.quantity import Quantity, UnitError

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
WEIGHT = FieldSpec("weight", FieldKind.QUANTITY, "check_in", "kg", maximum_age=Quantity(30, "d"))
AGE = FieldSpec("age", FieldKind.AGE, "computed", "a")
SINCE = FieldSpec("time_since_last_dose", FieldKind.ELAPSED, "computed", "wk", of="last_dose_at")


def fact(name: str, value: FactValue, days_ago: int = 0) -> Fact:
    return Fact(name, value, NOW - timedelta(days=days_ago))


def test_a_fact_that_was_never_asked_has_no_value() -> None:
    assert PatientFacts().value(WEIGHT, NOW) is None
    assert PatientFacts().get("weight") is None


def test_asked_and_not_known_is_no_value_but_a_fact() -> None:
    facts = PatientFacts.of([fact("weight", Answer.UNKNOWN)])
    assert facts.value(WEIGHT, NOW) is None
    assert facts.get("weight") is not None


@pytest.mark.parametrize(("days", "usable"), [(0, True), (30, True), (31, False)])
def test_a_weight_holds_as_long_as_its_field_allows_and_not_longer(days: int, usable: bool) -> None:
    facts = PatientFacts.of([fact("weight", Quantity(71, "kg"), days)])
    assert (facts.value(WEIGHT, NOW) is not None) is usable
    assert facts.is_stale(WEIGHT, NOW) is not usable


@given(st.lists(st.integers(0, 400), min_size=1), st.randoms())
def test_the_newest_fact_wins_whatever_the_order_of_arrival(ages: list[int], random: Random) -> None:
    facts = [fact("weight", Quantity(age, "kg"), age) for age in ages]
    random.shuffle(facts)
    assert PatientFacts.of(facts).facts["weight"].value == Quantity(min(ages), "kg")


def test_a_fact_of_the_order_replaces_an_older_and_a_newer_one() -> None:
    facts = PatientFacts.of([fact("weight", Quantity(71, "kg"))]).having(fact("weight", Quantity(72, "kg"), 10))
    assert facts.facts["weight"].value == Quantity(72, "kg")


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(2015, 3, 1), datetime(2027, 3, 1, tzinfo=UTC), 12),  # on the birthday the year is complete
        (date(2016, 2, 29), datetime(2027, 3, 1, tzinfo=UTC), 11),  # born on a leap day: counted from 1 March in a common year
        (date(2016, 2, 29), datetime(2028, 2, 29, tzinfo=UTC), 12),
    ],
)
def test_an_age_is_whole_years_on_the_birthday(born: date, today: datetime, years: int) -> None:
    facts = PatientFacts.of([Fact("birth_date", born, today)])
    assert facts.value(AGE, today) == Quantity(years, "a")


@given(st.dates(date(1920, 1, 1), date(2027, 2, 28)), st.integers(0, 120))
def test_an_age_limit_is_crossed_on_the_birthday_and_never_before(born: date, limit: int) -> None:
    age = elapsed(born, NOW)
    assert age is not None
    had = sum(1 for year in range(born.year + 1, NOW.year + 1) if (NOW.year, NOW.month, NOW.day) >= (year, born.month, born.day))
    assert (age >= Quantity(limit, "a")) is (had >= limit)


def test_the_time_since_a_moment_is_exact() -> None:
    facts = PatientFacts.of([Fact("last_dose_at", NOW - timedelta(weeks=17), NOW)])
    assert facts.value(SINCE, NOW) == Quantity(17, "wk")
    assert elapsed("not a moment", NOW) is None


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)))
def test_spans_convert_without_loss(span: timedelta) -> None:
    assert duration(seconds(span)) == span


def test_only_a_time_is_a_duration() -> None:
    assert duration(Quantity(Fraction(1, 2), "h")) == timedelta(minutes=30)
    with pytest.raises(UnitError):
        duration(Quantity(5, "mL"))
