"""Every finding that kinetics makes is in its table, with exactly the parameters that its words need."""

import ast
from pathlib import Path

from openinfusion.core.pharmacokinetics import codes
from openinfusion.core.pharmacokinetics.codes import KINETICS_CODES
from openinfusion.core.pharmacokinetics.dose_search import Unreachable

ROOM = Path(codes.__file__).parent
COMPUTED = {f"pk.{why.value}" for why in Unreachable} | {"pk.limits-leave-no-dose", "pk.typical-only"}


def made():
    """The codes and the names of their parameters, as they stand in the source."""
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.startswith("pk."):
                named = {keyword.arg for keyword in node.keywords} if node.func.id in ("refuse", "refused", "lacking") else None
                yield first.value, named


def test_every_finding_of_kinetics_is_in_the_table_with_exactly_its_parameters():
    found = list(made())
    assert {code for code, _ in found} | COMPUTED <= set(KINETICS_CODES)
    wrong = {code: named for code, named in found if named is not None and named != set(KINETICS_CODES[code])}
    assert wrong == {}
