"""Nobody else watches: a fault in one session, or in a whole round, never ends the watch."""

import pytest

from openinfusion.app.ports import Document
from openinfusion.web import serving


class Faulty:
    """A watcher that meets a fault which nobody expected."""

    def look(self, session_id: str, seq: int) -> None:
        assert seq == 3
        raise ZeroDivisionError(session_id)


def test_a_fault_in_one_session_leaves_the_others_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    class Standing:
        status = "infusing"

    monkeypatch.setattr(serving, "state_at", lambda house, key, seq: Standing())
    assert serving._looked(None, Document("s-1", "open/s-1", {"seq": 3}, 7), Faulty()) is False  # type: ignore[arg-type] # no port is reached


def test_a_fault_in_a_round_is_told_and_the_next_round_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(*_arguments: object) -> object:
        raise KeyError("table")

    monkeypatch.setattr("openinfusion.web.serving.wiring.ports", lambda configuration: None)
    monkeypatch.setattr("openinfusion.web.serving.monitoring.Watch", unread)
    watch = serving.Watch()
    watch._round()
    assert watch.problem
    watch._round()
    assert watch.seen_at is None
