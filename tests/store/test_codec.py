"""Every event comes back as it went in, an unknown one is named, and no event can carry a person's identity."""

import dataclasses
import importlib
import pkgutil
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any, ClassVar, get_args, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion.core
from openinfusion.core.canonical import canonical
from openinfusion.core.errors import Malformed, StoreUnsafe
from openinfusion.core.event import Event
from openinfusion.core.figure import Source, Tier
from openinfusion.core.finding import Finding, Level
from openinfusion.core.forms import FormError
from openinfusion.core.quantity import Quantity
from openinfusion.store.codec import Codec, UnknownEvent
from openinfusion.store.kinds import CODEC


@dataclass(frozen=True, slots=True)
class Everything(Event):
    KIND: ClassVar[str] = "everything"
    text: str
    count: int
    truth: bool
    moment: datetime
    day: date
    id: UUID
    level: Level
    amount: Quantity
    share: Fraction
    words: tuple[str, ...]
    pair: tuple[str, int]
    named: dict[str, Quantity]
    findings: tuple[Finding, ...]
    perhaps: Quantity | None = None
    either: str | datetime | Quantity | tuple[str, ...] | bool = ""


@dataclass(frozen=True, slots=True)
class Second(Event):
    KIND: ClassVar[str] = "lifted"
    VERSION: ClassVar[int] = 3
    text: str
    place: str


amounts = st.builds(Quantity, st.fractions(), st.sampled_from(["mg", "mL/h", "kg", "[iU]"]))
texts = st.text(st.characters(exclude_categories=["Cs"]))
moments = st.datetimes(timezones=st.just(UTC))
sources = st.builds(Source, cite=texts, at=st.text("abc", min_size=1), tier=st.sampled_from(Tier))
params = texts | st.integers() | st.booleans() | amounts | moments | st.dates() | st.lists(texts).map(tuple) | st.none()
findings = st.builds(
    Finding,
    texts,
    st.sampled_from(Level),
    st.dictionaries(texts, params, max_size=3),
    st.lists(sources, max_size=2).map(tuple),
    texts,
    texts,
)
events = st.builds(
    Everything,
    texts, st.integers(), st.booleans(), moments, st.dates(), st.uuids(), st.sampled_from(Level), amounts, st.fractions(),
    st.lists(texts, max_size=3).map(tuple), st.tuples(texts, st.integers()),
    st.dictionaries(texts, amounts, max_size=2), st.lists(findings, max_size=2).map(tuple),
    st.none() | amounts, texts | moments | amounts | st.lists(texts, max_size=2).map(tuple) | st.booleans(),
)  # fmt: skip

EVERYTHING = Codec((Everything,), {})


@given(events)
def test_an_event_comes_back_as_it_went_in_and_its_text_is_the_same_again(event):
    text = EVERYTHING.encode(event)
    back = EVERYTHING.decode("everything", 1, text)
    assert back == event
    assert EVERYTHING.encode(back) == text


def test_the_text_is_canonical_sorted_and_without_blanks():
    assert canonical({"b": 1, "a": ["ü", None, True]}) == '{"a":["ü",null,true],"b":1}'
    with pytest.raises(TypeError):
        canonical({"dose": object()})  # type: ignore[dict-item]  # what a caller must not do


def test_a_moment_is_stored_in_utc_whatever_zone_it_came_in():
    @dataclass(frozen=True, slots=True)
    class At(Event):
        KIND: ClassVar[str] = "at"
        moment: datetime

    local = datetime(2027, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    codec = Codec((At,), {})
    assert codec.encode(At(local)) == '{"moment":"2027-03-01T05:00:00.000000Z"}'
    with pytest.raises(FormError, match="without time zone"):
        codec.encode(At(datetime(2027, 3, 1)))  # noqa: DTZ001 - naive on purpose


def test_a_value_of_another_type_is_refused_and_its_place_named():
    wrong: Any = 5
    with pytest.raises(FormError, match="text: str expected, found int"):
        Codec((Second,), {}).encode(Second(wrong, "x"))


def test_a_float_has_no_stored_form():
    @dataclass(frozen=True, slots=True)
    class Rough(Event):
        KIND: ClassVar[str] = "rough"
        dose: float

    with pytest.raises(TypeError, match="no stored form for <class 'float'>"):
        Codec((Rough,), {}).encode(Rough(0.1))


def test_an_unknown_kind_or_version_names_both_and_is_never_skipped():
    for kind, version in (("unheard-of", 1), ("everything", 2)):
        with pytest.raises(UnknownEvent) as refused:
            EVERYTHING.decode(kind, version, "{}")
        assert (refused.value.kind, refused.value.version) == (kind, version)
        assert isinstance(refused.value, StoreUnsafe)
        assert refused.value.problems == (f"event kind {kind!r} version {version} is not known to this program",)


def test_a_payload_that_does_not_fit_names_kind_version_and_field():
    for text, why in (
        ('{"text":"a"}', "place: missing"),
        ('{"text":"a","place":1}', "place: str expected, found int"),
        ('{"text":"a","place":"b","x":1}', "unknown: x"),
    ):
        with pytest.raises(Malformed) as refused:
            Codec((Second,), {}).decode("lifted", 3, text)
        assert refused.value.params["at"] == "event lifted version 3"
        assert refused.value.params["why"] == why


def test_an_old_version_is_lifted_step_by_step_and_one_without_a_lift_is_refused():
    lifts = {("lifted", 1): lambda old: {"text": old["words"]}, ("lifted", 2): lambda old: {**old, "place": "not recorded"}}
    codec = Codec((Second,), lifts)
    assert codec.decode("lifted", 1, '{"words":"a"}') == Second("a", "not recorded")
    assert codec.decode("lifted", 2, '{"text":"b"}') == Second("b", "not recorded")
    assert codec.versions == (("lifted", 1), ("lifted", 2), ("lifted", 3))
    with pytest.raises(UnknownEvent):
        Codec((Second,), {}).decode("lifted", 2, "{}")


def test_two_classes_of_one_kind_and_an_unregistered_class_are_mistakes():
    @dataclass(frozen=True, slots=True)
    class Twin(Event):
        KIND: ClassVar[str] = "everything"

    with pytest.raises(TypeError, match="belongs to Everything and Twin"):
        Codec((Everything, Twin), {})
    with pytest.raises(TypeError, match="Second is not registered"):
        EVERYTHING.encode(Second("a", "b"))


def test_every_event_class_of_the_core_is_registered():
    for module in pkgutil.walk_packages(openinfusion.core.__path__, "openinfusion.core."):
        importlib.import_module(module.name)
    defined = {cls for cls in Event.__subclasses__() if cls.__module__.startswith("openinfusion.")}
    assert {cls.KIND for cls in defined} == {cls.KIND for cls in CODEC.classes}


# --- no identity in the record -------------------------------------------------------------------------------------------------------

IDENTITY = re.compile(r"(^|_)(name|names|surname|birth|birthday|born|dob|mrn|phone|telephone|address|email|contact|ssn|nhs)(_|$)")


def _fields(hint, seen):
    """All (class, field) pairs below a type."""
    for argument in get_args(hint):
        yield from _fields(argument, seen)
    if not isinstance(hint, type) or hint in seen:
        return
    seen.add(hint)
    names = [item.name for item in dataclasses.fields(hint)] if dataclasses.is_dataclass(hint) else list(getattr(hint, "model_fields", ()))
    hints = get_type_hints(hint) if names else {}
    for name in names:
        yield hint.__name__, name
        yield from _fields(hints[name], seen)


@pytest.mark.parametrize("cls", CODEC.classes, ids=lambda cls: cls.KIND)
def test_no_event_has_a_field_for_a_persons_identity(cls):
    found = [f"{owner}.{name}" for owner, name in _fields(cls, set()) if IDENTITY.search(name)]
    assert found == []


def test_the_search_for_identity_would_find_one():
    @dataclass(frozen=True, slots=True)
    class Person:
        family_name: str

    @dataclass(frozen=True, slots=True)
    class Leaky(Event):
        KIND: ClassVar[str] = "leaky"
        people: tuple[Person | None, ...]

    assert ("Person", "family_name") in set(_fields(Leaky, set()))
    assert IDENTITY.search("family_name")
    assert IDENTITY.search("birth_date")
    assert not IDENTITY.search("rename")
