"""Arithmetic as a person writes it down, worked exactly: numbers, + - * / **, brackets and sqrt(). Anything else is refused."""

import ast
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import isqrt
from operator import add, mul, sub, truediv

_DIGITS = 40
_OPERATIONS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: add,
    ast.Sub: sub,
    ast.Mult: mul,
    ast.Div: truediv,
}


class NotArithmetic(ValueError):
    """The text holds something else than arithmetic on numbers."""


def by_hand(text: str) -> Fraction:
    """The exact value of an arithmetic text, a root to forty decimals. Raises NotArithmetic."""
    return _value(ast.parse(text, mode="eval").body)


def rounded(value: Fraction, step: str) -> Fraction:
    """The multiple of a step that is nearest, half up, as `0.1` or `1`."""
    size = Fraction(step)
    return (value / size + Fraction(1, 2)).__floor__() * size


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Fraction(str(number))
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
            return _value(left) ** power
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id="sqrt"), args=[inside], keywords=[]):
            return _root(_value(inside))
        case _:
            raise NotArithmetic(ast.unparse(node))


def _root(value: Fraction) -> Fraction:
    return Fraction(isqrt(value.numerator * 10 ** (2 * _DIGITS) // value.denominator), 10**_DIGITS)
