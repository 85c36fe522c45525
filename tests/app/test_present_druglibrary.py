"""What a drug library answers is said in full: the numbers with their units, the line, and what to do; JSON has two parts."""

import pytest

from openinfusion.app import present
from openinfusion.app.present import druglibrary as shown
from openinfusion.app.present.findings import MESSAGES
from openinfusion.core.prescribing.druglibrary import Outcome, check
from openinfusion.core.prescribing.library_codes import LIBRARY_CODES
from openinfusion.core.prescribing.library_order import read
from openinfusion.core.prescribing.librarylint import lint
from tests.core.prescribing.test_druglibrary import DRIP, PRESSOR, library


def test_the_answer_of_an_order_has_a_verdict_and_hits_and_nothing_else():
    assert shown.checked_json(check(library(), read(DRIP))) == {"verdict": "ok", "hits": []}


def test_a_hit_says_both_numbers_with_units_side_level_line_and_which_limit_binds():
    (hard, soft) = check(library(), read({**DRIP, "dose": "3 ug/kg/min"})).hits
    answer = shown.hit_json(hard)
    assert answer == {
        "code": "library.above-hard", "level": "hard", "measure": "dose", "side": "above",
        "value": {"value": "3", "unit": "ug/kg/min"}, "limit": {"value": "2", "unit": "ug/kg/min"}, "binds": True,
        "of": ["dose"], "ordered": {"value": "3", "unit": "ug/kg/min"},
        "drug": "Example pressor", "care_area": "icu", "mode": "continuous", "line": "pressor", "file_line": 7,
        "text": "Example pressor in icu: the dose, 3 mcg/kg/min, is above the hard maximum of 2 mcg/kg/min (line pressor). "
        "Nothing was changed, and nobody can pass this limit. Order at most 2 mcg/kg/min.",
    }  # fmt: skip
    assert (shown.hit_json(soft)["binds"], shown.hit_json(soft)["level"]) == (False, "soft")


def test_what_is_missing_is_named_with_its_parameters():
    (hit,) = check(library(), read({name: value for name, value in DRIP.items() if name != "weight"})).hits
    answer = shown.hit_json(hit)
    assert (answer["level"], answer["params"]) == ("missing", {"field": "weight", "unit": "ug/kg/min"})
    assert "side" not in answer


def test_people_read_the_verdict_first():
    lines = shown.checked_lines(check(library(), read({**DRIP, "dose": "1 ug/kg/min"})))
    assert lines[0] == "Needs decision: a soft limit is passed; going on needs a reason."
    assert lines[2].startswith("  [soft] * ")


def test_every_word_can_be_translated():
    assert set(shown.message_ids()) <= set(present.message_ids())
    said = shown.checked_lines(check(library(), read(DRIP)), lambda text: f"~{text}")
    assert all(line.startswith("~") for line in said)
    assert {one.value for one in Outcome} == {"ok", "soft", "hard"}


@pytest.mark.parametrize("code", sorted(LIBRARY_CODES))
def test_every_code_says_what_is_true_what_is_safe_and_what_to_do(code):
    message = MESSAGES[code]
    assert message.true
    assert message.safe
    assert message.do


def test_a_finding_of_lint_names_its_line():
    ((entry, finding),) = lint(library({**PRESSOR, "dose": {"soft_max": "1 mg/h"}}))
    answer = shown.lint_json(entry, finding)
    assert (answer["code"], answer["line"], answer["file_line"]) == ("library-line.no-hard-maximum", "pressor", 7)
