"""A signed order: verified by a pharmacist who did not order, co-signed by a second prescriber, cancelled, and its sessions planned."""

from collections.abc import Callable

from django.test import Client

from openinfusion.app.prescribing import order_of
from openinfusion.core.prescribing.ordering import OrderStatus
from tests.web.cast import (
    PASSWORD,
    Clinic,
    asked_everything,
    plan_session,
    posted,
    record,
    register,
    sign_rituximab,
    text_of,
    verify,
)


def ordered(prescriber: Client) -> tuple[str, str]:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    return patient, sign_rituximab(prescriber, patient)


def test_a_pharmacist_finds_the_order_on_the_first_page_and_verifies_it(prescriber: Client, pharmacist: Client, clinic: Clinic) -> None:
    _, course = ordered(prescriber)
    assert f"/orders/{course}" in pharmacist.get("/pharmacy").content.decode()
    answer = verify(pharmacist, course)
    assert answer.status_code == 302
    assert order_of(clinic.ports, course).verified_by == "fay"
    assert f"/orders/{course}" not in pharmacist.get("/pharmacy").content.decode()


def test_the_order_says_where_the_protocol_sets_no_upper_limit(prescriber: Client, pharmacist: Client, clinic: Clinic) -> None:
    _, course = ordered(prescriber)
    page = text_of(pharmacist.get(f"/orders/{course}"))
    said = clinic.ports.library.entries()["iv-rituximab"].protocol.no_hard_maximum
    assert said
    for one in said:
        assert f"No upper limit of the {one.measure.value.replace('_', ' ')} is set by the protocol." in page


def test_a_verification_needs_the_password_and_the_order_as_it_was_shown(prescriber: Client, pharmacist: Client, clinic: Clinic) -> None:
    _, course = ordered(prescriber)
    wrong = pharmacist.post(f"/orders/{course}/verify", posted(seen="1", password="wrong"))
    assert wrong.status_code == 400
    assert "This is not the password of fay. Nothing was signed." in text_of(wrong)
    stale = pharmacist.post(f"/orders/{course}/verify", posted(seen="0", password=PASSWORD))
    assert stale.status_code == 409
    assert "The order changed after this page was shown" in text_of(stale)
    assert order_of(clinic.ports, course).status is OrderStatus.SIGNED


def test_nobody_verifies_their_own_order(prescriber: Client, clinic: Clinic) -> None:
    from django.contrib.auth.models import Group, User

    _, course = ordered(prescriber)
    User.objects.get(username="paula").groups.add(Group.objects.get(name="pharmacist"))
    assert "Verify this order" not in text_of(prescriber.get(f"/orders/{course}"))
    answer = prescriber.post(f"/orders/{course}/verify", posted(seen="1", password=PASSWORD))
    assert answer.status_code == 422
    assert order_of(clinic.ports, course).status is OrderStatus.SIGNED


def test_the_same_verification_sent_twice_is_one_event(prescriber: Client, pharmacist: Client, clinic: Clinic) -> None:
    _, course = ordered(prescriber)
    form = posted(seen="1", password=PASSWORD)
    assert pharmacist.post(f"/orders/{course}/verify", form).status_code == 302
    assert pharmacist.post(f"/orders/{course}/verify", form).status_code == 302
    assert len(clinic.ports.log.read(f"course/{course}")) == 2  # ordered, verified


def test_a_contraindication_waits_for_a_second_prescriber_with_a_reason(signed_in: Callable[[str], Client], clinic: Clinic) -> None:
    paula, peter, fay = signed_in("paula"), signed_in("peter"), signed_in("fay")
    patient = register(paula)
    asked_everything(paula, patient)
    record(paula, patient, "conditions", history__nyha="4")  # heart failure class IV: contraindicated in autoimmune disease (iv2-ritemvia)
    course = sign_rituximab(paula, patient)
    assert order_of(clinic.ports, course).status is OrderStatus.AWAITS_COSIGNATURE
    assert f"/orders/{course}" in peter.get("/decisions").content.decode()
    assert "waits for a second prescriber A contraindication of this therapy holds" in text_of(peter.get("/decisions"))
    assert "Decided by paula; waits for a second prescriber" in text_of(peter.get(f"/orders/{course}"))
    alone = paula.post(f"/orders/{course}/cosign", posted(seen="1", password=PASSWORD))
    assert "You ordered or co-signed this yourself and cannot also co-sign it. Nothing was signed. Another person" in text_of(alone)
    assert "Co-sign" not in text_of(paula.get(f"/orders/{course}"))
    assert "Verify this order" not in text_of(fay.get(f"/orders/{course}"))
    bare = peter.post(f"/orders/{course}/cosign", posted(seen="1", password=PASSWORD))
    assert bare.status_code == 422
    plan = order_of(clinic.ports, course).plan
    assert plan is not None
    reasons = {f"reason.{finding.key}": "cardiologist agrees" for finding in plan.findings}
    assert peter.post(f"/orders/{course}/cosign", posted(seen="1", password=PASSWORD, **reasons)).status_code == 302
    assert order_of(clinic.ports, course).cosigned_by == "peter"
    decided = text_of(peter.get(f"/orders/{course}"))
    assert "✓ Decided with reasons by paula and peter" in decided
    assert "✖ Stop" not in decided
    assert verify(fay, course).status_code == 302


def test_a_cancelled_order_keeps_its_reason_and_offers_nothing_more(prescriber: Client, pharmacist: Client) -> None:
    _, course = ordered(prescriber)
    assert prescriber.post(f"/orders/{course}/cancel", posted(reason="")).status_code == 400
    assert prescriber.post(f"/orders/{course}/cancel", posted(reason="patient moved away")).status_code == 302
    page = text_of(pharmacist.get(f"/orders/{course}"))
    assert "patient moved away" in page
    assert "Verify this order" not in page


def test_sessions_are_planned_from_a_verified_order_only_and_once(
    prescriber: Client, pharmacist: Client, nurse: Client, clinic: Clinic
) -> None:
    _, course = ordered(prescriber)
    assert nurse.post(f"/orders/{course}/session", posted(number="1")).status_code == 422
    verify(pharmacist, course)
    plan_session(nurse, course)
    assert len(clinic.ports.log.streams("session/")) == 1
    page = nurse.get(f"/orders/{course}").content.decode()
    assert "Plan session 2" in page
    assert "Plan session 1<" not in page


def test_the_order_page_prints_no_menu_but_the_patient_and_the_warning(prescriber: Client) -> None:
    _, course = ordered(prescriber)
    page = prescriber.get(f"/orders/{course}").content.decode()
    assert "NOT FOR CLINICAL USE" in page
    assert 'media="print"' in page


def test_who_may_do_what_with_an_order(prescriber: Client, pharmacist: Client, nurse: Client, administrator: Client) -> None:
    _, course = ordered(prescriber)
    assert nurse.get(f"/orders/{course}").status_code == 200
    assert administrator.get(f"/orders/{course}").status_code == 403
    assert Client().get(f"/orders/{course}").status_code == 302
    for client, step in (
        (nurse, "verify"),
        (nurse, "cosign"),
        (nurse, "cancel"),
        (pharmacist, "cosign"),
        (pharmacist, "cancel"),
        (prescriber, "verify"),
    ):
        assert client.post(f"/orders/{course}/{step}", posted(seen="1", password=PASSWORD, reason="x")).status_code == 403, step
    assert nurse.get("/orders/00000000-0000-4000-8000-000000000000").status_code == 404
