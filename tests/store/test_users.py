"""A new user gets a code that opens once, for a while; the password is theirs alone."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate

from openinfusion.app.access import Role
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.store.models import SignInCode
from openinfusion.store.users import CODE_LIVES, StoredUsers
from tests.store.sample_events import NINE, SteppingClock

pytestmark = pytest.mark.usefixtures("store")

PASSWORD = "a long walk by the river"


@pytest.fixture
def users(store):
    return StoredUsers(SteppingClock())


def test_a_code_sets_the_password_once(users):
    code = users.create_user("m.silva", Role.NURSE)
    assert authenticate(username="m.silva", password=PASSWORD) is None
    assert users.redeem(code, PASSWORD) == "m.silva"
    assert authenticate(username="m.silva", password=PASSWORD) is not None
    with pytest.raises(NotFound):
        users.redeem(code, "another long walk by the sea")
    assert users.roles_of("m.silva") == {Role.NURSE}


def test_a_code_is_read_whatever_its_case_and_blanks(users):
    code = users.create_user("m.silva", Role.NURSE)
    assert users.redeem(f" {code.lower().replace('-', ' ')}", PASSWORD) == "m.silva"


def test_a_weak_password_is_refused_and_the_code_stays_usable(users):
    code = users.create_user("m.silva", Role.NURSE)
    for weak in ("short", "q1w2e3r4t5y6", "m.silva12345"):
        with pytest.raises(Malformed):
            users.redeem(code, weak)
    assert users.redeem(code, PASSWORD) == "m.silva"


def test_a_code_runs_out(users):
    code = users.create_user("m.silva", Role.NURSE)
    later = StoredUsers(SteppingClock(NINE + CODE_LIVES + timedelta(minutes=1)))
    with pytest.raises(NotFound):
        later.redeem(code, PASSWORD)


def test_a_new_code_takes_the_place_of_the_lost_one(users):
    lost = users.create_user("m.silva", Role.NURSE)
    fresh = users.new_code("m.silva")
    with pytest.raises(NotFound):
        users.redeem(lost, PASSWORD)
    users.redeem(fresh, PASSWORD)
    with pytest.raises(NotFound):
        users.new_code("nobody")


def test_a_guessed_code_and_an_empty_one_open_nothing(users):
    users.create_user("m.silva", Role.NURSE)
    for guess in ("", "AAAAA-AAAAA-AAAAA-AAAAA"):
        with pytest.raises(NotFound):
            users.redeem(guess, PASSWORD)


def test_only_a_digest_of_the_code_is_kept(users):
    code = users.create_user("m.silva", Role.NURSE)
    assert code not in str(list(SignInCode.objects.values()))
    assert code.replace("-", "") not in str(list(SignInCode.objects.values()))


@pytest.mark.parametrize("name", ["m.silva", "", "two words", "<b>"])
def test_a_name_that_is_taken_or_not_usable_is_refused(users, name):
    users.create_user("m.silva", Role.NURSE)
    with pytest.raises(Malformed):
        users.create_user(name, Role.PRESCRIBER)
    assert users.roles_of("m.silva") == {Role.NURSE}


def test_a_device_is_no_user(users):
    with pytest.raises(Malformed):
        users.create_user("pump-1", Role.DEVICE)
    assert not users.are_there_any()


def test_an_unknown_user_has_no_role(users):
    assert users.roles_of("nobody") == frozenset()
