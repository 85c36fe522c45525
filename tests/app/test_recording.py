"""Recordings are read line by line; nothing that stands in a file is lost, and nothing in it ends the reading."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app.recording import ZERO, read_labels, read_recording
from openinfusion.core.errors import Malformed

HEAD = "time,device,channel,value,unit"


def csv(*lines: str, head: str = HEAD):
    return read_recording("a.csv", "\n".join((head, *lines))).arrivals


def test_rows_of_one_device_at_one_time_are_one_message():
    (one,) = csv("0,mon-1,pulse,72,/min", "0,mon-1,spo2,97,%")
    assert one.body["samples"]["channels"] == {"pulse": {"unit": "/min", "values": ["72"]}, "spo2": {"unit": "%", "values": ["97"]}}
    assert (one.line, one.at) == (2, ZERO)


def test_channels_of_a_pump_are_its_report():
    (one,) = csv("2.5,pump-1,pump.state,infusing,", "2.5,pump-1,pump.rate,125,mL/h", "2.5,pump-1,pump.alarm,,")
    assert one.body["report"] == {"state": "infusing", "rate": {"value": "125", "unit": "mL/h"}, "alarm": ""}
    assert one.at == ZERO + timedelta(seconds=2.5)


def test_a_channel_that_is_told_twice_begins_another_message():
    first, second = csv("0,mon-1,pulse,72,/min", "0,mon-1,pulse,72,/min")
    assert first.body == second.body  # the same words under the same id, as when a gateway sends them again
    other = csv("0,mon-1,pulse,72,/min", "0,mon-1,pulse,73,/min")
    assert len({one.body["message_id"] for one in other}) == 2


def test_an_empty_value_is_an_absent_one():
    (one,) = csv("0,mon-1,pulse,,/min")
    assert one.body["samples"]["channels"]["pulse"]["values"] == [None]


def test_arrivals_never_run_backward_but_messages_keep_their_own_time():
    late = csv("10,mon-1,pulse,72,/min", "4,mon-1,pulse,73,/min")[1]
    assert (late.at, late.body["occurred_at"]) == (ZERO + timedelta(seconds=10), "2000-01-01T00:00:04+00:00")


def test_the_kind_of_a_device_follows_from_what_it_sends():
    recording = read_recording("a.csv", f"{HEAD}\n0,a,pulse,72,/min\n0,b,pump.state,infusing,\n")
    assert recording.devices() == {"a": "monitor", "b": "pump"}


@pytest.mark.parametrize("line", ["soon,mon-1,pulse,72,/min", "2027-03-01T09:00:00,mon-1,pulse,72,/min", "nan,mon-1,pulse,72,/min"])
def test_a_line_without_a_time_is_kept_with_its_reason(line):
    first, bad = csv("5,mon-1,pulse,72,/min", line)
    assert (bad.line, bad.at, bad.body) == (3, first.at, {})
    assert bad.problem


def test_lines_of_json_are_messages_or_commands():
    recording = read_recording(
        "a.ndjson",
        '{"occurred_at": 1, "device": "mon-1", "samples": {"start": 0, "times_ms": [0], "channels": {}}}\n'
        '{"at": 2, "by": "n-amara", "command": {"type": "Pause", "reason": "toilet"}}\n',
    )
    message, command = recording.arrivals
    samples = message.body["samples"]
    assert isinstance(samples, dict)
    assert samples["start"] == "2000-01-01T00:00:00+00:00"
    assert (command.is_command, recording.seconds(command.at)) == (True, Decimal(2))


@pytest.mark.parametrize("line", ["{", "[1]", "null", '{"device": "x"}', "[" * 5000])
def test_a_line_that_is_no_message_is_kept_with_its_reason(line):
    assert read_recording("a.ndjson", f"{line}\n").arrivals[0].problem


@given(st.lists(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.floats())))
def test_no_line_is_lost_whatever_it_holds(objects):
    text = "".join(json.dumps(one) + "\n" for one in objects)
    found = read_recording("a.ndjson", text).arrivals if objects else ()
    assert [one.line for one in found] == list(range(1, len(objects) + 1))


@pytest.mark.parametrize(("name", "text"), [("a.csv", ""), ("a.csv", "time,device\n0,a\n"), ("a.csv", HEAD), ("a.ndjson", "\n")])
def test_a_file_that_is_no_recording_is_refused(name, text):
    with pytest.raises(Malformed):
        read_recording(name, text)


def test_labels_are_in_the_times_of_the_recording():
    one, two = read_labels("l.csv", "at,until,codes,within,early\n10,20,a b,5,2\n30,40,,,\n", ZERO)
    assert (one.codes, one.within, one.early) == (("a", "b"), timedelta(seconds=5), timedelta(seconds=2))
    assert (two.at, two.codes, two.within) == (ZERO + timedelta(seconds=30), (), timedelta(seconds=10))


@pytest.mark.parametrize("text", ["at,until\n1,2\n", "at,until,codes\nx,2,a\n", "at,until,codes\n3,2,a\n"])
def test_labels_that_cannot_be_read_name_their_line(text):
    with pytest.raises(Malformed):
        read_labels("l.csv", text, ZERO)
