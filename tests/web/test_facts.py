"""Forms for facts: what cannot be read comes back with what to write; everything else is recorded, with the time at which it was true."""

from datetime import UTC, datetime, timedelta

from django.test import Client

from openinfusion.app.prescribing import facts_of
from openinfusion.core.patient import Answer
from openinfusion.core.quantity import Quantity
from tests.web.cast import Clinic, posted, record, register, text_of


def test_a_comma_in_a_number_is_refused_and_nothing_is_recorded(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    answer = nurse.post(f"/patients/{patient}/facts/body", posted(weight="71,5", weight__unit="kg", height="170"))
    assert answer.status_code == 400
    assert "“71,5” cannot be read as one number. Write digits and a point" in text_of(answer)
    assert 'value="71,5"' in answer.content.decode()
    assert 'value="170"' in answer.content.decode()
    assert 'href="#id_weight"' in answer.content.decode()
    assert facts_of(clinic.ports, patient)[0].get("height") is None


def test_a_weight_is_in_kilograms_unless_pounds_are_chosen(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    record(nurse, patient, "body", weight="71.5", weight__unit="kg")
    fact = facts_of(clinic.ports, patient)[0].get("weight")
    assert fact is not None
    assert fact.value == Quantity("71.5", "kg")
    assert fact.by == "nora"
    clinic.clock.passes(timedelta(hours=1))
    record(nurse, patient, "body", weight="158", weight__unit="[lb_av]")
    fact = facts_of(clinic.ports, patient)[0].get("weight")
    assert fact is not None
    assert isinstance(fact.value, Quantity)
    assert fact.value.unit == "[lb_av]"


def test_the_banner_shows_a_weight_with_its_time_and_change(nurse: Client) -> None:
    patient = register(nurse)
    record(nurse, patient, "body", weight="80", weight__unit="kg", at="2027-02-20T08:00")
    record(nurse, patient, "body", weight="72", weight__unit="kg")
    assert "72 kg (2027-03-01 09:00, -10%)" in text_of(nurse.get(f"/patients/{patient}"))  # 72 is 90 % of 80


def test_a_fact_keeps_the_time_at_which_it_was_true_and_who_said_so(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    record(nurse, patient, "laboratory", lab__platelets="210", at="2027-02-27T07:15")
    fact = facts_of(clinic.ports, patient)[0].get("lab.platelets")
    assert fact is not None
    assert fact.value == Quantity(210, "10*9/L")
    assert fact.at == datetime(2027, 2, 27, 7, 15, tzinfo=UTC)


def test_a_time_that_has_not_come_is_refused(nurse: Client) -> None:
    patient = register(nurse)
    answer = nurse.post(f"/patients/{patient}/facts/laboratory", posted(lab__platelets="210", at="2027-03-02T07:15"))
    assert "lies in the future" in text_of(answer)


def test_yes_no_and_asked_but_not_known_are_three_answers(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    record(nurse, patient, "conditions", history__cardiac="no", history__lung_disease="yes", history__vte="unknown")
    facts, _ = facts_of(clinic.ports, patient)
    held = {name: fact.value for name in ("history.cardiac", "history.lung_disease", "history.vte") if (fact := facts.get(name))}
    assert held == {"history.cardiac": False, "history.lung_disease": True, "history.vte": Answer.UNKNOWN}
    assert facts.get("history.hypertension") is None
    assert "Blood clots in the past asked, not known" in text_of(nurse.get(f"/patients/{patient}"))


def test_none_known_and_a_ticked_substance_contradict_each_other(nurse: Client) -> None:
    patient = register(nurse)
    answer = nurse.post(f"/patients/{patient}/facts/allergies", posted(allergy="none", allergy__these=["latex"]))
    assert answer.status_code == 400
    assert "Keep one of them" in text_of(answer)


def test_an_empty_form_says_so(nurse: Client) -> None:
    patient = register(nurse)
    answer = nurse.post(f"/patients/{patient}/facts/body", posted(weight__unit="kg"))
    assert "Nothing is filled in" in text_of(answer)


def test_the_same_form_sent_twice_is_one_event(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    form = posted(weight="71.5", weight__unit="kg")
    nurse.post(f"/patients/{patient}/facts/body", form)
    nurse.post(f"/patients/{patient}/facts/body", form)
    assert len(clinic.ports.log.read(f"patient/{patient}")) == 2  # registration and one weight


def test_a_used_form_with_another_content_is_refused_with_what_to_do(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    form = posted(weight="71.5", weight__unit="kg")
    nurse.post(f"/patients/{patient}/facts/body", form)
    answer = nurse.post(f"/patients/{patient}/facts/body", {**form, "weight": "72"})
    assert answer.status_code == 409
    assert "The first one stands" in text_of(answer)
    assert len(clinic.ports.log.read(f"patient/{patient}")) == 2


def test_every_field_of_the_dictionary_is_asked_in_one_place_at_most(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    pages = [
        nurse.get(f"/patients/{patient}/facts/{subject}").content.decode()
        for subject in ("allergies", "body", "conditions", "medicines", "laboratory", "access", "therapy")
    ]
    for name in clinic.ports.library.reference.fields:
        assert sum(f'name="{name}"' in page for page in pages) <= 1, name


def test_an_unknown_subject_is_not_found(nurse: Client) -> None:
    assert nurse.get(f"/patients/{register(nurse)}/facts/horoscope").status_code == 404
