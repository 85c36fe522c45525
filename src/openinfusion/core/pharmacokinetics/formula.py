"""The closed arithmetic grammar of model files, compiled once to closures over arrays: names, numbers, + - * / **, exp, log, min, max and
`a if b else c` with comparisons. It evaluates nothing else, whatever a file says.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics.arrays import Array

Values = Mapping[str, Array]
Evaluator = Callable[[Values], Array]
Truth = NDArray[np.bool_]
Condition = Callable[[Values], Truth]

LONGEST: Final = 2000
_DEEPEST: Final = 60

_OPERATORS: Mapping[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Array, Array], Truth]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_OF_ONE: Mapping[str, Callable[[Array], Array]] = {"exp": np.exp, "log": np.log}
_OF_TWO: Mapping[str, Callable[[Array, Array], Array]] = {"min": np.minimum, "max": np.maximum}
FUNCTIONS: Final = frozenset((*_OF_ONE, *_OF_TWO))


class FormulaError(ValueError):
    """Text outside the grammar; the message says what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula: its text, the names it uses, and what computes it."""

    text: str
    names: frozenset[str]
    compute: Evaluator

    def __call__(self, values: Values) -> Array:
        """The value for each patient; infinite or not a number where the arithmetic has no answer. Raises KeyError for an unknown name."""
        with np.errstate(all="ignore"):
            return self.compute(values)

    @property
    def constant(self) -> float | None:
        """The value of a formula without names, else None."""
        return None if self.names else float(self({}))


def parse(text: str) -> Formula:
    """Read a formula; raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"a formula has at most {LONGEST} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as failure:
        raise FormulaError("this is no formula; write for instance 4.5 * (CLCR/120)**0.8") from failure
    names = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)) - FUNCTIONS
    return Formula(text, names, _value(tree, 0))


def _value(node: ast.expr, depth: int) -> Evaluator:
    if depth > _DEEPEST:
        raise FormulaError("a formula is nested too deeply")
    match node:
        case ast.Constant(value=(int() | float()) as number) if not isinstance(number, bool):
            return _number(number)
        case ast.Name(id=name) if name not in FUNCTIONS:
            return lambda values: values[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
            inner = _value(operand, depth + 1)
            return (lambda values: -inner(values)) if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=operator, right=right):
            return _binary(_operator(operator), _value(left, depth + 1), _value(right, depth + 1))
        case ast.Call():
            return _call(node, depth)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _choice(_condition(test, depth + 1), _value(body, depth + 1), _value(orelse, depth + 1))
        case _:
            pass
    raise FormulaError(f"{ast.unparse(node)}: only names, numbers, + - * / **, exp, log, min, max and if-else")


def _number(number: float) -> Evaluator:
    try:
        held = np.asarray(float(number))
    except OverflowError as failure:
        raise FormulaError("a number is too large") from failure
    if not np.isfinite(held):
        raise FormulaError("a number is too large")
    return lambda _: held


def _operator(node: ast.operator) -> Callable[[Array, Array], Array]:
    found = _OPERATORS.get(type(node))
    if found is None:
        hint = "; write ** for a power" if isinstance(node, ast.BitXor) else ""
        raise FormulaError(f"only + - * / ** between two terms{hint}")
    return found


def _binary(operation: Callable[[Array, Array], Array], left: Evaluator, right: Evaluator) -> Evaluator:
    return lambda values: operation(left(values), right(values))


def _call(node: ast.Call, depth: int) -> Evaluator:
    name = node.func.id if isinstance(node.func, ast.Name) and not node.keywords else ""
    terms = [_value(argument, depth + 1) for argument in node.args]
    if name in _OF_ONE and len(terms) == 1:
        of_one, inner = _OF_ONE[name], terms[0]
        return lambda values: of_one(inner(values))
    if name in _OF_TWO and len(terms) >= 2:
        of_two, (first, *rest) = _OF_TWO[name], terms
        for term in rest:
            first = _binary(of_two, first, term)
        return first
    raise FormulaError(f"{ast.unparse(node)}: exp and log take one term, min and max two or more; there is no other function")


def _choice(test: Condition, body: Evaluator, orelse: Evaluator) -> Evaluator:
    return lambda values: np.where(test(values), body(values), orelse(values))


def _condition(node: ast.expr, depth: int) -> Condition:
    match node:
        case ast.BoolOp(op=op, values=parts):
            return _joined(isinstance(op, ast.And), [_condition(part, depth + 1) for part in parts])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _condition(operand, depth + 1)
            return lambda values: ~inner(values)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            return _compared(_COMPARISONS[type(op)], _value(left, depth + 1), _value(right, depth + 1))
        case _:
            pass
    raise FormulaError(f"{ast.unparse(node)}: a condition compares two terms, as in SEX == 1")


def _joined(is_all: bool, parts: list[Condition]) -> Condition:
    together = np.logical_and if is_all else np.logical_or

    def joined(values: Values) -> Truth:
        found = parts[0](values)
        for part in parts[1:]:
            found = together(found, part(values))
        return found

    return joined


def _compared(comparison: Callable[[Array, Array], Truth], left: Evaluator, right: Evaluator) -> Condition:
    return lambda values: comparison(left(values), right(values))
