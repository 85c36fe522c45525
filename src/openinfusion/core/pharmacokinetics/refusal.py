"""How kinetics says no: a refusal carries findings, each with a code of `pk.*`, and nothing was computed."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NoReturn

from openinfusion.core.errors import CommandRefused
from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.quantity import Quantity


def lacking(code: str, /, **params: Param) -> Finding:
    """A finding that keeps a curve, a fit or a dose from being computed."""
    return Finding(code, Level.MISSING, params)


def refused(code: str, /, **params: Param) -> CommandRefused:
    """The refusal with one finding, to be raised."""
    return CommandRefused([lacking(code, **params)])


def refuse(code: str, /, **params: Param) -> NoReturn:
    """Compute nothing and say why; raises CommandRefused with the finding."""
    raise refused(code, **params)


def refuse_all(findings: Sequence[Finding]) -> None:
    """Raise CommandRefused when there is something to refuse for."""
    if findings:
        raise CommandRefused(findings)


def shown(value: float, unit: str) -> Quantity:
    """A float as a quantity of a finding, to twelve significant digits; not a number and infinity have none and become zero."""
    text = f"{value:.12g}" if abs(value) < float("inf") else "0"
    return Quantity(Fraction(text), unit)
