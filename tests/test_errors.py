"""Every expected failure looks right on every surface: HTTP status, FHIR issue, exit status, and words for a person."""

import inspect
import string

import pytest

from openinfusion.app import present
from openinfusion.app.present.findings import ERRORS
from openinfusion.core import errors
from openinfusion.core.errors import ERROR_TABLE, Code, OpenInfusionError
from openinfusion.core.finding import Finding, Level

FAILURES = tuple(
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, OpenInfusionError) and kind is not OpenInfusionError
)
EXAMPLES: dict[str, object] = {
    "findings": (Finding("start.consent-unknown", Level.MISSING),),
    "stream": "session/1",
    "expected": 3,
    "actual": 4,
    "command_id": "00000000-0000-0000-0000-000000000000",
    "stored_sha256": "0" * 64,
    "at": "weight",
    "why": '"71,5" is not a number',
    "write": "71.5 kg",
    "what": "patient",
    "name": "P-1",
    "action": "sign-order",
    "roles": ("nurse",),
    "problems": ("a.yaml:1: dose: no source; add one",),
    "reason": "the disk is full",
    "where": "core/quantity.py:12",
}
# The statuses of FHIR R4 OperationOutcome.issue.code (value set issue-type) that the table uses.
ISSUES = {
    "business-rule",
    "conflict",
    "duplicate",
    "structure",
    "not-found",
    "forbidden",
    "invalid",
    "transient",
    "exception",
    "processing",
}


def _example(kind: type[OpenInfusionError]) -> OpenInfusionError:
    names = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    return kind(**{name: EXAMPLES[name] for name in names})


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_an_outcome_on_each_surface_and_words(code):
    outcome = ERROR_TABLE[code]
    assert 400 <= outcome.http <= 599
    assert outcome.issue in ISSUES
    assert 1 <= outcome.exit <= 8
    assert ERRORS[code].true
    assert ERRORS[code].safe


def test_the_table_holds_no_code_that_nobody_knows():
    assert set(ERROR_TABLE) == set(Code) == set(ERRORS)


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_every_failure_can_be_said_with_its_own_parameters(kind):
    failure = _example(kind)
    words = present.error(failure)
    assert words.what_is_true
    assert "{" not in words.text
    named = {name for text in ERRORS[failure.code].texts for name in _places(text)}
    assert named <= set(failure.params)


def test_no_code_is_left_without_a_class_or_a_use():
    # An unexpected result is an exit status of `run`, not an exception.
    assert {kind.code for kind in FAILURES} == set(Code) - {Code.UNEXPECTED_RESULT}


def test_a_number_with_a_comma_is_told_what_to_write():
    words = present.error(errors.Malformed("weight", '"71,5" is not a number', "71.5 kg"))
    assert words.text == 'Weight: "71,5" is not a number. Nothing was saved. Write 71.5 kg.'


def test_what_could_not_be_saved_is_said_to_be_not_saved():
    assert present.error(errors.NotSaved("the disk is full")).what_is_true == "NOT saved: the disk is full."
