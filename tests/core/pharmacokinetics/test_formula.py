"""The grammar of model files computes what it says and nothing else."""

import math

import numpy as np
import pytest

from openinfusion.core.pharmacokinetics.formula import LONGEST, FormulaError, parse

# Worked by hand, or by the functions of the standard library.
COMPUTED = [
    ("4.5 * (CLCR/120)**0.8", {"CLCR": 60.0}, 4.5 * 0.5**0.8),
    ("1e-9", {}, 1e-9),
    ("-WT + +2", {"WT": 3.0}, -1.0),
    ("2**3**2", {}, 512.0),  # as in mathematics: from the right
    ("exp(log(WT))", {"WT": 71.0}, 71.0),
    ("min(WT, 80, 75)", {"WT": 90.0}, 75.0),
    ("max(1, WT)", {"WT": 0.5}, 1.0),
    ("0.8 if SEX == 1 else 1", {"SEX": 1.0}, 0.8),
    ("2 if not (AGE < 10 or AGE >= 65) and WT != 3 else 5", {"AGE": 40.0, "WT": 70.0}, 2.0),
]


@pytest.mark.parametrize(("text", "values", "expected"), COMPUTED)
def test_a_formula_gives_what_arithmetic_gives(text: str, values: dict[str, float], expected: float):
    found = parse(text)({name: np.array([value, value]) for name, value in values.items()})
    assert np.broadcast_to(found, (2,)) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "WT.real", "WT[0]", "[1]", "lambda: 1", "1; 2",
        "WT = 2", "sin(1)", "exp(1, 2)", "max(1)", "exp", "'7'", "True", "1j",
        "WT ^ 2", "WT // 2", "WT % 2", "1 if WT else 2", "1 < 2",
        "1 if 1 < WT < 2 else 3", "exp(x=1)", "", "9" * 400, "(" * 300, "-" * 80 + "1",
        "1+" * LONGEST + "1", "1 if (y := 2) == 2 else 3",
    ],
)  # fmt: skip
def test_what_is_outside_the_grammar_is_refused_when_it_is_read(text: str):
    with pytest.raises(FormulaError):
        parse(text)


def test_a_formula_names_what_it_needs_and_knows_whether_it_is_a_number():
    assert parse("CL * exp(WT) if AGE > 2 else 3").names == {"CL", "WT", "AGE"}
    assert parse("2 * 3").constant == 6
    assert parse("2 * WT").constant is None


def test_arithmetic_without_an_answer_is_not_a_number_and_no_warning():
    assert math.isnan(float(parse("log(0 - WT)")({"WT": np.array(1.0)})))
    assert math.isinf(float(parse("1 / (WT - 1)")({"WT": np.array(1.0)})))
