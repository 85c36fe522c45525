"""Who a patient is stands in the table of identities only. A corrected identity holds at once; no event, plan or payload repeats it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from openinfusion import config, wiring
from openinfusion.app.commands import read_command, write_command
from openinfusion.app.prescribing import amend_patient, facts_of, record_facts
from openinfusion.app.scenario import Player
from openinfusion.cli.scenario import SetClock, read_scenario
from openinfusion.core.administration import commands as c
from openinfusion.core.errors import Malformed
from openinfusion.core.patient import Fact
from openinfusion.core.quantity import Quantity
from tests.app.ward import ANNA, PATIENT, Ward, ward

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def years_of(one: Ward) -> int:
    facts, _ = facts_of(one.ports, str(PATIENT))
    age = facts.value(one.ports.library.reference.fields["age"], one.fakes.clock.now())
    assert isinstance(age, Quantity)
    return int(age.to("a").value)


def test_birth_date_and_sex_are_facts_since_the_day_of_birth():
    facts, _ = facts_of(ward().admitted().ports, str(PATIENT))
    assert facts.get("birth_date") == Fact("birth_date", date(1980, 5, 1), datetime(1980, 5, 1, tzinfo=UTC), "identity")
    assert facts.get("sex") == Fact("sex", "female", datetime(1980, 5, 1, tzinfo=UTC), "identity")


def test_a_patient_whose_sex_was_not_asked_has_no_such_fact():
    one = ward().admitted()
    ports = one.ports
    amend_patient(ports, replace(ports.identities.get(str(PATIENT)), sex=""), one.sent("anna"), ANNA)
    assert facts_of(ports, str(PATIENT))[0].get("sex") is None


def test_a_corrected_birth_date_changes_the_age_at_once_and_moves_the_stream():
    one = ward().admitted()
    ports = one.ports
    before, seq = years_of(one), facts_of(ports, str(PATIENT))[1]
    amend_patient(ports, replace(ports.identities.get(str(PATIENT)), birth_date=date(2020, 5, 1)), one.sent("anna"), ANNA)
    assert before == 46  # 1980-05-01 to 2026-11-25
    assert years_of(one) == 6
    # An order that is being signed on the earlier identity meets a conflict.
    assert facts_of(ports, str(PATIENT))[1] == seq + 1


@pytest.mark.parametrize(("field", "value"), [("birth_date", date(1980, 5, 1)), ("sex", "female")])
def test_a_fact_of_the_identity_is_refused_with_what_to_do(field, value):
    one = ward().admitted()
    fact = Fact(field, value, one.fakes.clock.now(), "anna")
    with pytest.raises(Malformed, match="correct the identity"):
        record_facts(one.ports, str(PATIENT), [fact], one.sent("anna"), ANNA)
    bed = one.ordered().planned(UUID(int=1))
    with pytest.raises(Malformed, match="correct the identity"):
        bed.do(c.RecordFacts((fact,)))


def test_a_body_that_records_a_birth_date_is_malformed():
    body = write_command(c.RecordFacts((Fact("birth_date", date(1980, 5, 1), datetime(2027, 3, 1, 9, tzinfo=UTC)),)))
    with pytest.raises(Malformed, match="correct the identity"):
        read_command(body)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_payload_of_a_whole_therapy_tells_who_the_patient_is(path, sqlite_store):
    from openinfusion.store.models import EventRow

    scenario = read_scenario(path)
    clock = SetClock(scenario.start)
    ports = wiring.ports(config.current(), clock)
    ports = replace(ports, site=replace(ports.site, is_demo=True))
    player = Player(scenario, ports, clock.set)
    assert all(one.as_expected for one in player.play())
    who = scenario.patient
    told = (who.birth_date.isoformat(), who.family_name, who.given_name, who.mrn)
    payloads = [str(row.payload) for row in EventRow.objects.all()]
    assert len(payloads) > 8
    assert [payload for payload in payloads if any(word in payload for word in told)] == []
    assert ports.identities.get(str(player.patient)).mrn == who.mrn
