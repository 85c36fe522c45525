"""A second reading of units and numbers for the rooms that dose: decimals and a table of its own, nothing of the program's."""

from collections.abc import Iterable
from decimal import Decimal, localcontext
from functools import cache

from hypothesis import strategies as st

MASS = {"ng": Decimal("0.000001"), "ug": Decimal("0.001"), "mcg": Decimal("0.001"), "mg": Decimal(1), "g": Decimal(1000)}
ACTIVITY = {"m[iU]": Decimal("0.001"), "[iU]": Decimal(1), "k[iU]": Decimal(1000), "units": Decimal(1)}
SUBSTANCE = {"umol": Decimal("0.001"), "mmol": Decimal(1), "mol": Decimal(1000)}
EQUIVALENTS = {"meq": Decimal(1), "mEq": Decimal(1)}
FLUID = {"mL": Decimal(1), "L": Decimal(1000)}
BODY = {"kg": Decimal(1), "lb": Decimal("0.45359237"), "m2": Decimal(1)}
IN_HOURS = {"h": Decimal(1), "d": Decimal(24)}
KINDS = (MASS, ACTIVITY, SUBSTANCE, EQUIVALENTS)
_FACTORS = {symbol: factor for kind in (*KINDS, FLUID, BODY) for symbol, factor in kind.items()}


def number(text: str) -> Decimal:
    """ "5 mcg/kg/min" as a bare number of mg, units, mmol, mEq or mL, for a kg, in an hour."""
    value, _, symbols = text.partition(" ")
    head, *below = symbols.split("/")
    with localcontext(prec=40):
        made = Decimal(value) * _FACTORS[head]
        for symbol in below:
            made = made * 60 if symbol == "min" else made / (IN_HOURS[symbol] if symbol in IN_HOURS else _FACTORS[symbol])
        return made


def texts(symbols: Iterable[str], tail: str = "", most: int = 5000) -> st.SearchStrategy[str]:
    """A value above zero with few digits, one of these units and a tail, such as "5 mcg" + "/kg/min"."""
    return _texts(tuple(sorted(symbols)), tail, most)


@cache
def _texts(symbols: tuple[str, ...], tail: str, most: int) -> st.SearchStrategy[str]:
    thousandths = st.integers(1, most * 1000)
    return st.builds(
        lambda count, symbol: f"{count / 1000:.3f}".rstrip("0").rstrip(".") + f" {symbol}{tail}", thousandths, st.sampled_from(symbols)
    )
