"""The calculators for everybody who asks: a page, a line of a file, a program. Finds the tables that one needs; computes nothing itself."""

from collections.abc import Mapping
from functools import cache, lru_cache

from openinfusion.core.calculation import ROUNDING, Calculation, Entered, calculate
from openinfusion.core.calculator import Calculator, lacking
from openinfusion.core.calculators import CALCULATORS, ROOMS
from openinfusion.core.figure import Figure
from openinfusion.core.table import AnyTable, Figures
from openinfusion.protocols.load import load_reference


def calculation(name: str, entered: Mapping[str, Entered]) -> Calculation:
    """Work out one calculation; an unknown calculator is a finding too. Raises ProtocolError when the package's tables do not hold."""
    calculator = CALCULATORS.get(name)
    if calculator is None:
        return Calculation(name, None, {}, (), (lacking("calc.unknown", name=name),), ())
    return calculate(calculator, entered, _figures(calculator.tables), _tables(calculator.tables))


def unreadable(why: str) -> Calculation:
    """What stands for a line of a batch that is no calculation."""
    return Calculation("", None, {}, (), (lacking("calc.line-unreadable", why=why),), ())


def calculators() -> Mapping[str, Calculator]:
    """All calculators by name."""
    return CALCULATORS


@cache
def rooms() -> Mapping[str, tuple[Calculator, ...]]:
    """The calculators by the room that they stand in, without rooms that have none."""
    return {room.__name__.rpartition(".")[2]: tuple(room.CALCULATORS) for room in ROOMS if room.CALCULATORS}


def table_of(name: str) -> AnyTable:
    """A table by its name; raises KeyError."""
    return _held()[name]


def figures_of(name: str) -> Mapping[str, Figure]:
    """The figures of one table, empty for a table of another kind; raises KeyError."""
    table = table_of(name)
    return table.figures if isinstance(table, Figures) else {}


@lru_cache
def _tables(names: tuple[str, ...]) -> Mapping[str, AnyTable]:
    """The rounding table and the named ones, by name."""
    held = _held()
    return {name: held[name] for name in dict.fromkeys((ROUNDING, *names))}


@lru_cache
def _figures(names: tuple[str, ...]) -> Mapping[str, Figure]:
    """The figures of the same tables, as `table-name/figure-name`."""
    wanted = [table for table in _tables(names).values() if isinstance(table, Figures)]
    return {f"{table.name}/{name}": figure for table in wanted for name, figure in table.figures.items()}


@cache
def _held() -> Mapping[str, AnyTable]:
    return load_reference().tables
