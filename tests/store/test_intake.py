"""Gateways and quarantine on both databases: a token is shown once and never stored, a text is kept as it came and once."""

from datetime import UTC, datetime

import pytest

from openinfusion.core.errors import Malformed, NotFound
from openinfusion.store.intake import StoredGateways, StoredQuarantine
from openinfusion.store.models import GatewayRow

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


class Still:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def gateways(store: str) -> StoredGateways:
    return StoredGateways(Still())


@pytest.fixture
def quarantine(store: str) -> StoredQuarantine:
    return StoredQuarantine(Still())


def test_a_token_opens_its_own_gateway_until_it_is_revoked(gateways: StoredGateways) -> None:
    token = gateways.create("ward-3")
    assert gateways.name_of(token) == "ward-3"
    assert gateways.name_of(token + "x") is None
    gateways.revoke("ward-3")
    assert gateways.name_of(token) is None


def test_no_token_is_stored_in_readable_form(gateways: StoredGateways) -> None:
    token = gateways.create("ward-3")
    assert token not in str(list(GatewayRow.objects.values_list()))


def test_a_gateway_needs_a_name_of_its_own(gateways: StoredGateways) -> None:
    gateways.create("ward-3")
    for name in ("ward-3", " "):
        with pytest.raises(Malformed):
            gateways.create(name)
    with pytest.raises(NotFound):
        gateways.revoke("ward-4")


def test_a_text_is_kept_as_it_came_and_once(quarantine: StoredQuarantine) -> None:
    text = '{"device": "pump-9", \n "x": "µ"}'
    first, again = (
        quarantine.keep("ward-3", "/api/ingest", "no-session", text),
        quarantine.keep("ward-3", "/api/ingest", "no-session", text),
    )
    assert first == again
    (held,) = quarantine.waiting()
    assert quarantine.count() == 1
    assert (held.body, held.sender, held.received_at) == (text, "ward-3", NOW)


def test_what_a_person_has_looked_at_waits_no_more(quarantine: StoredQuarantine) -> None:
    held = quarantine.keep("ward-3", "/api/ingest", "malformed", "{")
    quarantine.settle(held, "nora")
    assert quarantine.waiting() == ()
    assert quarantine.count() == 0
    with pytest.raises(NotFound):
        quarantine.settle(held, "nora")
