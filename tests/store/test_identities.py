"""Finding the right patient, and noticing that two may be the same. All people here are invented."""

from dataclasses import replace
from datetime import date

import pytest

from openinfusion.app.ports import Contact, Identity
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.store.identities import StoredIdentities
from openinfusion.store.models import IdentityHistoryRow
from tests.store.sample_events import SteppingClock

pytestmark = pytest.mark.usefixtures("store")

ANNA = Identity(
    "p1",
    "Müller-Lüdenscheid",
    "Anna",
    date(1980, 5, 1),
    "female",
    "M100",
    "+351 912 345 678",
    "pt",
    Contact("Otto", "912 000 111", "spouse"),
)
JOHN = Identity("p2", "Smith", "John", date(1975, 2, 3), "male", "M200", "020 7946 0000")
JANE = Identity("p3", "Smithers", "Jane", date(1991, 7, 9), "female", "M300")
SMILLA = Identity("p4", "Olsen", "Smilla", date(1980, 5, 1), "female", "")


@pytest.fixture
def identities(store):
    stored = StoredIdentities(SteppingClock())
    for identity in (ANNA, JOHN, JANE, SMILLA):
        stored.register(identity)
    return stored


def found(identities, text, limit=20):
    return [identity.patient_id for identity in identities.search(text, limit)]


@pytest.mark.parametrize(
    ("text", "patients"),
    [
        ("smi", ["p2", "p3", "p4"]),  # family names first, then given names
        ("SMITH", ["p2", "p3"]),
        ("smi ja", ["p3"]),
        ("Smith, John", ["p2"]),
        ("muller lud", ["p1"]),
        ("Müller-L anna", ["p1"]),
        ("M200", ["p2"]),
        ("m200", ["p2"]),
        ("1980-05-01", ["p1", "p4"]),
        ("912345678", ["p1"]),
        ("0207 946 0000", ["p2"]),
        ("", []),
        ("   ", []),
        ("nobody", []),
        ("%", []),
        ("'; DROP TABLE identity; --", []),
    ],
)
def test_searching(identities, text, patients):
    assert found(identities, text) == patients


def test_a_search_stops_at_its_limit(identities):
    assert found(identities, "smi", limit=2) == ["p2", "p3"]


def test_an_identity_is_read_back_whole(identities):
    assert identities.get("p1") == ANNA
    assert identities.many(["p1", "p9", "p2"]) == {"p1": ANNA, "p2": JOHN}
    with pytest.raises(NotFound):
        identities.get("p9")


def test_an_mrn_belongs_to_one_patient_but_several_may_have_none(identities):
    with pytest.raises(Malformed):
        identities.register(replace(JOHN, patient_id="p9"))
    with pytest.raises(Malformed):
        identities.amend(replace(JANE, mrn="M200"))
    assert identities.get("p3") == JANE
    identities.register(replace(SMILLA, patient_id="p10"))


def test_amending_keeps_what_was_there_before(identities):
    married = replace(JANE, family_name="Carter")
    identities.amend(married)
    assert identities.get("p3") == married
    assert found(identities, "carter") == ["p3"]
    earlier = IdentityHistoryRow.objects.get(patient_id="p3")
    assert (earlier.family_name, earlier.mrn) == ("Smithers", "M300")
    assert earlier.replaced_at > earlier.written_at
    with pytest.raises(NotFound):
        identities.amend(replace(JANE, patient_id="p9", mrn="M999"))


@pytest.mark.parametrize(
    ("new", "like"),
    [
        (Identity("n", "Jones", "Ann", date(2000, 1, 1), "female", "M200"), ["p2"]),  # the same MRN
        (Identity("n", "Smyth", "John", date(1975, 2, 3), "male", ""), ["p2"]),  # the same birth date and a like name
        (Identity("n", "John", "Smith", date(1975, 2, 3), "male", ""), ["p2"]),  # the same birth date, names the wrong way round
        (Identity("n", "SMITH", "Jöhn", date(1960, 1, 1), "male", ""), ["p2"]),  # the same full name
        (Identity("n", "Olsen", "Smilla", date(1980, 5, 1), "female", ""), ["p4"]),
        (Identity("n", "Berg", "Kari", date(1980, 5, 1), "female", ""), []),  # only the birth date
        (Identity("n", "Smith", "Peter", date(1960, 1, 1), "male", ""), []),  # only the family name
    ],
)
def test_noticing_that_two_may_be_the_same(identities, new, like):
    assert [identity.patient_id for identity in identities.alike(new)] == like


def test_a_patient_is_not_like_themselves(identities):
    assert identities.alike(JOHN) == ()
