"""A log line says what the program did and where it failed, and nothing that a person typed."""

import json
import logging
import sys

from openinfusion.store.logline import JsonLine


def line(message, *arguments, error=None, **extra):
    record = logging.LogRecord("openinfusion.web", logging.ERROR, __file__, 1, message, arguments, error)
    record.__dict__.update(extra)
    return json.loads(JsonLine().format(record))


def test_arguments_and_unlisted_values_stay_out_of_the_line():
    found = line("not found: %s", "/patients?name=Smith", command_id="c-1", patient="Smith", count=3)
    assert found["event"] == "not found: %s"
    assert (found["level"], found["logger"], found["command_id"], found["count"]) == ("error", "openinfusion.web", "c-1", 3)
    assert "Smith" not in json.dumps(found)


def test_an_exception_shows_its_type_and_place_but_not_its_text():
    try:
        raise ValueError("Smith, born 1975-02-03")
    except ValueError:
        found = line("request failed", error=sys.exc_info())
    assert found["exception"] == "ValueError"
    assert "test_logline.py" in found["where"][-1]
    assert "Smith" not in json.dumps(found)


def test_a_line_break_in_a_value_does_not_begin_a_second_line():
    assert "\n" not in JsonLine().format(logging.LogRecord("a", logging.INFO, __file__, 1, "one\ntwo", (), None))
