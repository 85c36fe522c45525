"""Sessions at the chair for the page tests: a shipped example played up to a minute, and the forms of a session's page as posted."""

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client

from openinfusion.app.bedside import state_of
from openinfusion.app.scenario import Player, Scenario
from openinfusion.cli.scenario import read_scenario
from openinfusion.core.administration.session import SessionState
from openinfusion.core.patient import duration
from tests.web.cast import Clinic, posted, text_of

EXAMPLES = Path(__file__).parents[2] / "examples"


def play(clinic: Clinic, name: str, minutes: float, devices: str = "1") -> str:
    """Play the example until so many minutes after its start, ending at the clinic's present moment; returns the session.

    A device serves one session at a time: a second one takes `devices` with another number.
    """
    text = read_scenario(EXAMPLES / f"{name}.yaml").model_dump_json(by_alias=True)
    written = Scenario.model_validate_json(re.sub(r"\b(pump|monitor)-1\b", rf"\1-{devices}", text))
    end = clinic.clock.now()
    kept = tuple(step for step in written.steps if duration(step.at) <= timedelta(minutes=minutes))
    mine = written.model_copy(
        update={
            "title": f"{written.title} {uuid.uuid4()}",
            "start": end - timedelta(minutes=minutes),
            "steps": kept,
            "patient": written.patient.model_copy(update={"mrn": uuid.uuid4().hex[:8]}),
        }
    )

    def set_clock(at: Any) -> None:
        clinic.clock.at = at

    player = Player(mine, clinic.ports, set_clock)
    wrong = [one for one in player.play() if not one.as_expected]
    assert not wrong, wrong
    clinic.clock.at = end
    return str(player.session)


def state(clinic: Clinic, session: str) -> SessionState:
    """The session as it stands in the record."""
    return state_of(clinic.ports, session)


def give(client: Client, session: str, command: str, **fields: Any) -> Any:
    """Post one command from the page as it is now."""
    answer = client.get(f"/sessions/{session}")
    found = re.search(r'name="seen" value="(\d+)"', answer.content.decode())
    assert found is not None, (answer.status_code, answer.headers)
    return client.post(f"/sessions/{session}/do/{command}", posted(seen=found.group(1), **fields))


def done(client: Client, session: str, command: str, **fields: Any) -> str:
    """Post one command that must be taken; returns the address that follows."""
    answer = give(client, session, command, **fields)
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def shown(client: Client, session: str, stage: str = "") -> str:
    """The words of the session's page, at one stage or where it opens."""
    address = f"/sessions/{session}/at/{stage}" if stage else f"/sessions/{session}"
    answer = client.get(address)
    assert answer.status_code == 200, text_of(answer)
    return text_of(answer)


VITALS = {
    "readings.bp.systolic": "118",
    "readings.bp.systolic.unit": "mm[Hg]",
    "readings.bp.diastolic": "72",
    "readings.bp.diastolic.unit": "mm[Hg]",
    "readings.pulse": "74",
    "readings.pulse.unit": "/min",
    "readings.resp_rate": "14",
    "readings.resp_rate.unit": "/min",
    "readings.spo2": "98",
    "readings.spo2.unit": "%",
    "readings.temp": "36.8",
    "readings.temp.unit": "Cel",
}
