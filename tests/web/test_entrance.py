"""Signing in and out, the first sign-in, and the first page of each role."""

from django.test import Client

from openinfusion import config, wiring
from openinfusion.app.access import Role
from tests.web.cast import PASSWORD, Clinic, posted, text_of


def test_a_name_and_its_password_open_the_first_page_of_the_role(clinic: Clinic) -> None:
    client = Client()
    assert client.post("/sign-in", posted(name="paula", password=PASSWORD))["Location"] == "/"
    assert client.get("/")["Location"] == "/decisions"


def test_a_wrong_pair_says_only_that_the_pair_is_wrong(clinic: Clinic) -> None:
    wrong = Client().post("/sign-in", posted(name="paula", password="nonsense"))
    nobody = Client().post("/sign-in", posted(name="nobody", password="nonsense"))
    assert wrong.status_code == nobody.status_code == 401
    assert "do not belong together" in text_of(wrong)
    assert text_of(wrong).replace("paula", "") == text_of(nobody).replace("nobody", "")


def test_sign_in_never_leads_to_another_site(clinic: Clinic) -> None:
    answer = Client().post("/sign-in?next=https://elsewhere.example/", posted(name="paula", password=PASSWORD))
    assert answer["Location"] == "/"


def test_a_one_time_code_sets_a_password_once(clinic: Clinic) -> None:
    code = wiring.users(clinic.clock).create_user("newcomer", Role.PHARMACIST)
    form = posted(code=code, password="four unrelated words here", again="four unrelated words here")
    assert Client().post("/first-sign-in", form).status_code == 302
    again = Client().post("/first-sign-in", form)
    assert again.status_code == 400
    assert "wrong, used, or too old" in text_of(again)
    assert Client().post("/sign-in", posted(name="newcomer", password="four unrelated words here")).status_code == 302


def test_two_different_new_passwords_or_a_weak_one_leave_the_code_usable(clinic: Clinic) -> None:
    code = wiring.users(clinic.clock).create_user("newcomer", Role.NURSE)
    differ = Client().post("/first-sign-in", posted(code=code, password="four unrelated words", again="five unrelated words"))
    assert "The two passwords differ" in text_of(differ)
    weak = Client().post("/first-sign-in", posted(code=code, password="short", again="short"))
    assert weak.status_code == 400
    good = posted(code=code, password="four unrelated words here", again="four unrelated words here")
    assert Client().post("/first-sign-in", good).status_code == 302


def test_signing_out_is_a_post_and_ends_the_session(nurse: Client) -> None:
    assert nurse.get("/sign-out").status_code == 405
    assert nurse.post("/sign-out").status_code == 302
    assert nurse.get("/patients")["Location"].startswith("/sign-in")


def test_somebody_without_a_role_is_told_whom_to_ask(clinic: Clinic) -> None:
    from django.contrib.auth.models import User

    client = Client()
    client.force_login(User.objects.create_user("visitor"))
    answer = client.get("/")
    assert answer.status_code == 403
    assert "Ask your administrator" in text_of(answer)


def test_every_answer_forbids_inline_scripts_foreign_origins_and_caches(nurse: Client) -> None:
    answer = nurse.get("/patients")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.content.decode()
    assert "<style" not in page
    assert "style=" not in page
    assert "onclick" not in page


def test_a_form_without_its_token_is_refused(clinic: Clinic) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in", posted(name="paula", password=PASSWORD)).status_code == 403


def test_a_demonstration_store_says_so_on_every_page(nurse: Client) -> None:
    for address in ("/patients", "/protocols", "/patients/new"):
        assert "NOT FOR CLINICAL USE" in text_of(nurse.get(address))


def test_the_sign_in_page_says_what_the_site_wrote_for_it(clinic: Clinic) -> None:
    file = config.current().sign_in_notice_file
    file.write_text("A new code: extension 555 <b>", encoding="utf-8")
    try:
        answer = Client().get("/sign-in")
    finally:
        file.unlink()
    assert "A new code: extension 555 &lt;b&gt;" in answer.content.decode()
    assert "extension 555" not in text_of(Client().get("/sign-in"))
