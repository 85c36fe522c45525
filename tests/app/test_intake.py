"""Messages of devices: read strictly, stored many in one COMMIT, acknowledged only when their own COMMIT is done."""

import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app.intake import SampleGate, read_message
from openinfusion.app.ports import SampleBlock
from openinfusion.core.errors import Malformed, NotSaved

AT = "2027-03-01T09:31:04Z"
HEAD: dict[str, Any] = {"message_id": "5b0f7c0e-8a9c-4d0e-9a60-6f4f2f0d9d11", "device": "pump-7", "device_seq": 1, "occurred_at": AT}
SAMPLES = {"start": AT, "times_ms": [0, 1000], "channels": {"pulse": {"unit": "/min", "values": ["72", None]}}}


def block(n: int) -> SampleBlock:
    return SampleBlock(f"monitor-{n}", "one", datetime(2027, 3, 1, tzinfo=UTC), (0,), {"pulse": ("/min", ("72",))})


class Disk:
    """A sample store whose first COMMIT takes until the test lets it go."""

    def __init__(self, *, broken: bool = False) -> None:
        self.commits: list[int] = []
        self.began, self.go_on, self.broken = threading.Event(), threading.Event(), broken

    def append(self, blocks: Iterable[SampleBlock]) -> tuple[str, ...]:
        held = tuple(blocks)
        self.commits.append(len(held))
        if len(self.commits) == 1:
            self.began.set()
            assert self.go_on.wait(10)
        if self.broken:
            raise NotSaved("disk full")
        return tuple(one.device_id for one in held)


def sent_at_once(disk: Disk, many: int) -> list[str | NotSaved]:
    """The answers of one early sender and of many that come while its COMMIT runs."""
    gate, answers = SampleGate(), dict[int, str | NotSaved]()

    def send(n: int) -> None:
        try:
            answers[n] = gate.store(disk.append, block(n))
        except NotSaved as failure:
            answers[n] = failure

    threads = [threading.Thread(target=send, args=(n,)) for n in range(many + 1)]
    threads[0].start()
    assert disk.began.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(gate._waiting) < many:
        threading.Event().wait(0.001)
    disk.go_on.set()
    for thread in threads:
        thread.join(10)
    return [answers[n] for n in range(many + 1)]


def test_what_arrives_while_one_commit_runs_goes_together_into_the_next() -> None:
    disk = Disk()
    assert sent_at_once(disk, 20) == [f"monitor-{n}" for n in range(21)]
    assert disk.commits == [1, 20]


def test_when_a_commit_fails_each_of_its_senders_is_told_that_nothing_was_saved() -> None:
    answers = sent_at_once(Disk(broken=True), 5)
    assert all(isinstance(one, NotSaved) for one in answers)


def test_a_quantity_of_a_reading_needs_no_type_and_a_lost_channel_is_false() -> None:
    readings: list[Any] = [{"code": "pulse", "value": {"value": "72", "unit": "/min"}}, {"code": "spo2", "value": False}]
    message = read_message({**HEAD, "readings": readings})
    assert [one.code for one in message.readings] == ["pulse", "spo2"]
    assert message.readings[1].value is False


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({}, "message"),
        ({"report": {"state": "running"}, "samples": SAMPLES}, "message"),
        ({"report": {"state": "running", "rate": 12}}, "message"),
        ({"report": {"state": "running"}, "device": " "}, "device"),
        ({"report": {"state": "running"}, "occurred_at": "2027-03-01T09:31:04"}, "message"),
        ({"samples": {**SAMPLES, "times_ms": [0, 10_001]}}, "samples.times_ms"),
        ({"samples": {**SAMPLES, "times_ms": []}}, "samples.times_ms"),
        ({"samples": {**SAMPLES, "times_ms": [0]}}, "samples.channels.pulse"),
    ],
)
def test_what_cannot_be_read_names_its_place_and_what_to_write(changes: dict[str, Any], at: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_message({**HEAD, **changes})
    assert refused.value.params["at"] == at
    assert refused.value.params["write"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(JSON, st.sampled_from(["report", "readings", "samples", "device", "occurred_at", "message_id", "sent_at"]))
def test_whatever_is_sent_is_read_or_refused_and_nothing_else(value: Any, field: str) -> None:
    body = {**HEAD, "report": {"state": "running"}}
    if field in ("readings", "samples"):
        del body["report"]
    with suppress(Malformed):
        read_message({**body, field: value})


@given(JSON)
def test_a_body_that_is_no_message_is_refused(value: Any) -> None:
    with pytest.raises(Malformed):
        read_message(value)
