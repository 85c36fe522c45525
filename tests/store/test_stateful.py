"""Any sequence of appends, retries, conflicts and reused ids leaves the record as a plain dictionary would have it, and every chain
whole."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from openinfusion.core.errors import Conflict, IdReused
from openinfusion.store import verify
from tests.databases import copied_sqlite_store
from tests.store.sample_events import LineOpened, a_log, command

STREAMS = st.sampled_from(["session/1", "session/2", "patient/9"])


class RecordMachine(RuleBasedStateMachine):
    sent = Bundle("sent")
    fresh_store: Callable[[], str]

    @initialize()
    def start(self):
        self.fresh_store()
        self.log, self.model, self.commands = a_log(), {}, {}

    def _lines(self, stream):
        return self.model.get(stream, [])

    @rule(target=sent, streams=st.lists(STREAMS, min_size=1, max_size=3), text=st.text("ab", max_size=3), guard=st.booleans())
    def append(self, streams, text, guard):
        envelope = command(uuid4(), body=text)
        guards = {stream: len(self._lines(stream)) for stream in streams} if guard else {}
        receipt = self.log.append(envelope, [(stream, LineOpened(text)) for stream in streams], guards)
        for stream in streams:
            self.model.setdefault(stream, []).append(text)
        self.commands[envelope.command_id] = (envelope, streams, text, receipt.events)
        assert not receipt.repeated
        return envelope.command_id

    @rule(command_id=sent)
    def retry(self, command_id):
        envelope, streams, text, events = self.commands[command_id]
        receipt = self.log.append(envelope, [(stream, LineOpened(text)) for stream in streams], {"session/1": 99})
        assert receipt.repeated
        assert receipt.events == events

    @rule(command_id=sent, stream=STREAMS)
    def other_body_under_the_same_id(self, command_id, stream):
        with pytest.raises(IdReused):
            self.log.append(command(command_id, body="another"), [(stream, LineOpened("x"))], {})

    @rule(stream=STREAMS, away=st.sampled_from([-1, 1, 5]))
    def stale_view(self, stream, away):
        with pytest.raises(Conflict):
            self.log.append(command(), [(stream, LineOpened("x"))], {stream: len(self._lines(stream)) + away})

    @invariant()
    def record_is_as_the_model_has_it(self):
        for stream in ("session/1", "session/2", "patient/9"):
            stored = self.log.read(stream)
            assert [recorded.event for recorded in stored] == [LineOpened(text) for text in self._lines(stream)]
            assert [recorded.seq for recorded in stored] == list(range(1, len(stored) + 1))
        feed = self.log.feed(0)
        assert len(feed) == sum(map(len, self.model.values()))
        assert [recorded.id for recorded in feed] == sorted(recorded.id for recorded in feed)
        assert verify.walk().broken is None


def test_the_record_behaves_like_a_dictionary_of_lists(sqlite_store, sqlite_template, tmp_path):
    RecordMachine.fresh_store = staticmethod(copied_sqlite_store(sqlite_template, tmp_path))
    run_state_machine_as_test(RecordMachine, settings=settings(max_examples=25, stateful_step_count=20, deadline=None))
