"""Each code of a finding stands in the table with the names of its parameters, so that no finding is without words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from openinfusion.core.codes import CODES, OPERATIONS

CORE = Path(__file__).parents[2] / "src" / "openinfusion" / "core"


def written(name: str) -> Iterator[tuple[Path, int, str]]:
    """File, line and first argument of each call of a name with literal text in the core."""
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=called), args=[ast.Constant(value=str(code)), *_]) if called == name:
                    yield path, node.lineno, code


@pytest.mark.parametrize(("name", "table"), [("Finding", CODES), ("Step", OPERATIONS)])
def test_every_code_written_in_the_core_is_in_its_table(name, table):
    missing = [f"{path.name}:{line}: {code}" for path, line, code in written(name) if code not in table]
    assert missing == []


def test_codes_are_an_area_and_a_reason_in_small_letters():
    assert all(code.count(".") == 1 and code == code.lower() and "_" not in code for code in (*CODES, *OPERATIONS))
