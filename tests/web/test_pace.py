"""Passwords at a pace: a few mistakes cost nothing, then pauses grow, and nobody is ever locked out."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from openinfusion import wiring
from openinfusion.web.pace import FORGET, FREE, KEPT, LONGEST, Pace
from tests.web.cast import PASSWORD, Clinic, SetClock, posted, text_of
from tests.web.ward import give, play

NINE = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The machine's clock, standing."""
    made = SetClock(NINE)
    monkeypatch.setattr(wiring, "CLOCK", made)
    return made


def test_pauses_double_after_the_free_tries_and_never_pass_half_a_minute() -> None:
    pace, now, pauses = Pace(), NINE, []
    for _ in range(12):
        wait = pace.begin("bed-4", "nora", now)
        pauses.append(wait)
        if wait:
            now += timedelta(seconds=wait)
            assert pace.begin("bed-4", "nora", now) == 0
    assert pauses == [0] * FREE + [1, 2, 4, 8, 16, 30, 30, 30, 30]
    assert timedelta(seconds=max(pauses)) == LONGEST


def test_a_try_during_a_pause_does_not_make_it_longer() -> None:
    pace = Pace()
    for _ in range(FREE + 1):
        pace.begin("bed-4", "nora", NINE)
    assert [pace.begin("bed-4", "nora", NINE) for _ in range(5)] == [1] * 5
    assert pace.begin("bed-4", "nora", NINE + timedelta(seconds=1)) == 0


def test_nobody_elsewhere_and_nobody_else_has_to_wait() -> None:
    pace = Pace()
    for _ in range(10):
        pace.begin("bed-4", "nora", NINE)
    assert pace.begin("bed-4", "NORA", NINE) > 0
    assert pace.begin("bed-5", "nora", NINE) == 0
    assert pace.begin("bed-4", "nils", NINE) == 0


def test_the_right_password_and_a_quarter_of_an_hour_wipe_the_slate() -> None:
    pace = Pace()
    for _ in range(FREE):
        pace.begin("bed-4", "nora", NINE)
    pace.right("bed-4", "nora")
    assert [pace.begin("bed-4", "nora", NINE) for _ in range(FREE)] == [0] * FREE
    assert pace.begin("bed-4", "nora", NINE) > 0
    assert [pace.begin("bed-4", "nora", NINE + FORGET) for _ in range(FREE)] == [0] * FREE


def test_many_made_up_names_fill_no_memory() -> None:
    pace = Pace()
    for n in range(KEPT + 10):
        pace.begin("bed-4", f"name {n}", NINE)
    assert len(pace._tries) == KEPT


def test_the_sign_in_page_says_how_long_to_wait_and_then_takes_the_right_password(clinic: Clinic, clock: SetClock) -> None:
    for _ in range(FREE):
        assert Client().post("/sign-in", posted(name="nora", password="wrong")).status_code == 401
    answer = Client().post("/sign-in", posted(name="nora", password=PASSWORD))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert "Wait 1 seconds" in text_of(answer)
    clock.passes(timedelta(seconds=1))
    assert Client().post("/sign-in", posted(name="nora", password=PASSWORD)).status_code == 302


def test_a_name_that_nobody_has_is_answered_like_one_that_somebody_has(clinic: Clinic, clock: SetClock) -> None:
    told = [[Client().post("/sign-in", posted(name=name, password="wrong")).status_code for _ in range(5)] for name in ("nora", "nobody")]
    assert told[0] == told[1] == [401, 401, 401, 429, 429]


def test_a_signature_is_guessed_no_faster_than_a_sign_in(nurse: Client, clinic: Clinic, clock: SetClock) -> None:
    session = play(clinic, "iv-rituximab", 99)
    told = [text_of(give(nurse, session, "EnterCheck", signer="nils", password=f"guess {n}")) for n in range(4)]
    assert "do not belong together" in told[2]
    assert "Nothing was checked now" in told[3]


# How a session ends
def test_a_session_in_which_nobody_asks_for_anything_ends_after_the_sites_time(nurse: Client, clock: SetClock) -> None:
    assert nurse.get("/patients").status_code == 200
    clock.passes(timedelta(minutes=29))
    assert nurse.get("/patients").status_code == 200
    clock.passes(timedelta(minutes=29))
    assert nurse.get("/patients").status_code == 200
    clock.passes(timedelta(minutes=30))
    assert nurse.get("/patients")["Location"].startswith("/sign-in")
    assert nurse.get("/board")["Location"].startswith("/sign-in")


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(nurse: Client, clinic: Clinic, clock: SetClock) -> None:
    session = play(clinic, "iv-rituximab", 99)
    nurse.get(f"/sessions/{session}")
    for _ in range(3):
        clock.passes(timedelta(minutes=10))
        nurse.get(f"/sessions/{session}/panel")
        nurse.get(f"/sessions/{session}", headers={"Sec-Fetch-Mode": "navigate"})
    assert nurse.get(f"/sessions/{session}").status_code == 302


def test_an_idle_session_still_stops_a_flow_and_still_shows_the_wall(nurse: Client, clinic: Clinic, clock: SetClock) -> None:
    session = play(clinic, "iv-rituximab", 99)
    nurse.get("/board")
    clock.passes(timedelta(hours=2))
    assert nurse.get("/board?wall").status_code == 200
    answer = nurse.post(f"/sessions/{session}/do/Stop", posted(reason="feels unwell"))
    assert answer["Location"].startswith(f"/sessions/{session}")
    assert nurse.post(f"/sessions/{session}/do/RaiseRate", posted())["Location"].startswith("/sign-in")


def test_a_new_password_ends_every_other_session_of_that_person(nurse: Client, clinic: Clinic) -> None:
    chosen = "four unrelated words here"
    code = wiring.users().new_code("nora")
    here = Client()
    assert nurse.get("/patients").status_code == 200
    assert here.post("/first-sign-in", posted(code=code, password=chosen, again=chosen)).status_code == 302
    assert here.get("/patients").status_code == 200
    assert nurse.get("/patients")["Location"].startswith("/sign-in")


def test_who_loses_a_role_or_the_account_loses_it_at_once(nurse: Client, clinic: Clinic) -> None:
    from django.contrib.auth.models import User

    user = User.objects.get(username="nora")
    user.groups.clear()
    assert nurse.get("/patients").status_code == 403
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert nurse.get("/patients")["Location"].startswith("/sign-in")


def test_the_cookie_of_a_session_is_for_this_server_only_and_no_script_reads_it(clinic: Clinic) -> None:
    client = Client()
    client.post("/sign-in", posted(name="nora", password=PASSWORD))
    cookie = client.cookies["session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"], cookie["expires"]) == (True, "Strict", "/", "", "")


def test_signing_in_gives_the_session_a_new_key(clinic: Clinic) -> None:
    client = Client()
    client.cookies["session"] = "fixed by somebody else"
    client.post("/sign-in", posted(name="nora", password=PASSWORD))
    assert client.cookies["session"].value != "fixed by somebody else"
