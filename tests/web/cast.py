"""What the page tests share: forms as a browser posts them, the words of a page, and a patient registered through the pages."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from openinfusion.app.ports import Ports

PASSWORD = "correct horse battery"
CAST = {
    "nora": "nurse",
    "nils": "nurse",
    "paula": "prescriber",
    "peter": "prescriber",
    "fay": "pharmacist",
    "anna": "administrator",
}


NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


class SetClock:
    """A clock that stands until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def passes(self, span: timedelta) -> None:
        self.at += span


@dataclass
class Clinic:
    """The store behind the pages, and its clock."""

    ports: Ports
    clock: SetClock


def posted(**fields: object) -> dict[str, object]:
    """A form as a browser posts it, with a command id of its own unless one is given. `__` in a name stands for a dot."""
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return {"command_id": str(uuid.uuid4()), **named}


def text_of(answer: Any) -> str:
    """The words of a page, without markup, on one line."""
    html = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", html)
    for code, char in (("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&#x27;", "'"), ("&quot;", '"')):
        plain = plain.replace(code, char)
    return " ".join(plain.split())


PERSON = {
    "family_name": "Example",
    "given_name": "Erika",
    "birth_date": "1980-05-31",
    "sex": "female",
    "mrn": "MRN-1",
    "phone": "555 0100",
    "language": "en",
    "contact_name": "Otto Example",
    "contact_phone": "555 0101",
    "contact_relation": "husband",
}


def register(client: Client, **changes: object) -> str:
    """Register a patient through the page; returns the id."""
    answer = client.post("/patients/new", posted(**{**PERSON, **changes}))
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"]).rsplit("/", 1)[1]


def record(client: Client, patient: str, subject: str, **fields: object) -> Any:
    """Record facts of one subject through the page."""
    answer = client.post(f"/patients/{patient}/facts/{subject}", posted(**fields))
    assert answer.status_code == 302, text_of(answer)
    return answer


def asked_everything(client: Client, patient: str) -> None:
    """Record the facts that an order of rituximab for rheumatoid arthritis asks about, all of them harmless."""
    record(client, patient, "allergies", allergy="none")
    record(client, patient, "body", weight="71.5", weight__unit="kg", height="170")
    harmless_values = {
        "lab.hbsag_antihbc_done": "yes",
        "lab.hbv": "negative",
        "lab.neutrophils": "4.1",
        "lab.platelets": "210",
        "lab.lymphocytes": "1.8",
    }
    record(client, patient, "laboratory", **harmless_values)
    page = client.get(f"/patients/{patient}/facts/conditions").content.decode()
    harmless = dict.fromkeys(re.findall(r'type="radio" name="([^"]+)" value="no"', page), "no")
    coded = dict.fromkeys(re.findall(r'type="radio" name="([^"]+)" value="none"', page), "none")
    answer = client.post(f"/patients/{patient}/facts/conditions", posted(history__nyha="0", **harmless, **coded))
    assert answer.status_code == 302, text_of(answer)
    record(client, patient, "medicines", concurrent="none")


RITUXIMAB_RA = {"indication": "RA", "product": "Truxima", "start_on": "2027-03-02", "infusion_number": "1", "final_volume": "500"}


def seen_in(answer: Any) -> str:
    """The digest of the plan that a page showed."""
    found = re.search(r'name="seen" value="([^"]*)"', answer.content.decode())
    assert found is not None, text_of(answer)
    return found.group(1)


def sign_rituximab(client: Client, patient: str, **changes: object) -> str:
    """Order rituximab through the page, with a reason for all that asks for one; returns the course."""
    return order_through(client, patient, "iv-rituximab", {**RITUXIMAB_RA, **changes})


def order_through(client: Client, patient: str, protocol: str, choices: dict[str, Any]) -> str:
    """Order a therapy through the page, with a reason for all that asks for one; returns the course."""
    address = f"/patients/{patient}/order/{protocol}"
    form = posted(**choices)
    read = client.post(address, {**form, "do": "plan"})
    reasons = dict.fromkeys(re.findall(r'name="(reason\.[^"]+)"', read.content.decode()), "weighed and accepted")
    answer = client.post(address, {**form, **reasons, "do": "sign", "seen": seen_in(read), "password": PASSWORD})
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"]).rsplit("/", 1)[1]


def verify(client: Client, course: str) -> Any:
    """Verify an order through the page."""
    form = re.search(
        r'action="/orders/[^"]+/verify".*?name="seen" value="(\d+)"', client.get(f"/orders/{course}").content.decode(), re.DOTALL
    )
    assert form is not None
    return client.post(f"/orders/{course}/verify", posted(seen=form.group(1), password=PASSWORD))


def plan_session(client: Client, course: str, number: int = 1) -> None:
    """Plan one session of a verified order through the page."""
    answer = client.post(f"/orders/{course}/session", posted(number=str(number)))
    assert answer.status_code == 302, text_of(answer)
