"""The page of the reference on the calculators, made from the registry: inputs, units, results, formula, sources, tables, an example."""

from collections.abc import Iterator

from openinfusion.app.calculator_examples import EXAMPLES
from openinfusion.app.calculators import calculation, rooms
from openinfusion.app.present import quantity
from openinfusion.app.present.calculation import calculation_lines
from openinfusion.app.present.calculators import TITLES
from openinfusion.app.present.calculators.labels import heading
from openinfusion.core.calculator import Calculator, Input, InputKind
from openinfusion.core.figure import Source

_HEAD = """# Calculators

Made from the program's own registry by `scripts/reference.py`; a test keeps this page current. Every example is worked out when the page
is made; its values are made up. How they are called, and what is refused, stands in [One calculation, or a file of them](calc.md). The page
Calculators of the program has the same under the same names.

A number is written with its unit: any unit of the same kind will do, the table names the usual one of each. A tier after a source says how
far it can be trusted: A is best, U is unsourced or not read. A source's short name stands in the evidence files beside the protocols.
"""


def calculators_page() -> str:
    """Every calculator, as Markdown for `docs/reference/calculators.md`."""
    return "\n".join([_HEAD, *_contents(), *(line for room, held in rooms().items() for line in _room(room, held))])


def _contents() -> Iterator[str]:
    for room, held in rooms().items():
        yield f"- {heading(room)}: " + ", ".join(f"[{one.name}](#{one.name})" for one in held)
    yield ""


def _room(room: str, held: tuple[Calculator, ...]) -> Iterator[str]:
    yield f"## {heading(room)}"
    yield ""
    for one in held:
        yield from _calculator(one)


def _calculator(one: Calculator) -> Iterator[str]:
    yield f"### {one.name}"
    yield ""
    yield f"{TITLES[one.name]}: `{one.formula}`"
    yield ""
    yield "| input | how it is written | |"
    yield "|---|---|---|"
    alone = {name for group in one.ways for way in group for name in way}
    yield from (f"| `{asked.name}` | {_written(asked)} | {_bounds(asked, is_of_way=asked.name in alone)} |" for asked in one.inputs)
    yield ""
    for group in one.ways:
        yield "One of these whole: " + "; ".join(" + ".join(f"`{name}`" for name in way) for way in group) + "."
        yield ""
    yield "Gives " + ", ".join(f"`{given.name}` ({given.unit})" for given in one.results) + "."
    yield ""
    yield (
        f"Sources: {'; '.join(_source(source) for source in one.sources)}."
        if one.sources
        else "Sources: none needed; it follows from the units."
    )
    if one.tables:
        yield "Tables: " + ", ".join(f"`{name}`" for name in one.tables) + "."
    yield ""
    yield from _example(one.name)


def _written(asked: Input) -> str:
    match asked.kind:
        case InputKind.QUANTITY:
            return ", ".join(f"`{symbol}`" for symbol in asked.units)
        case InputKind.CHOICE:
            return " \\| ".join(f"`{word}`" for word in asked.choices)
        case InputKind.TRUTH:
            return "`yes` \\| `no`"
        case InputKind.TIME:
            return "`HH:MM` or an ISO date-time"
        case InputKind.GROUP:
            if asked.is_list and asked.choices:
                return "words with commas: " + ", ".join(f"`{word}`" for word in asked.choices)
            return "values with commas" if asked.is_list else "an object of named values"
        case InputKind.WORD:
            return "a word of its table"


def _bounds(asked: Input, *, is_of_way: bool) -> str:
    said = [] if asked.is_required or is_of_way else ["may be left out"]
    if asked.kind is InputKind.CHOICE and not asked.is_required and not asked.has_no_default:
        said.append(f"`{asked.choices[0]}` is taken then, and told")
    if asked.least is not None:
        said.append(f"from {quantity(asked.least)}")
    if asked.most is not None:
        said.append(f"up to {quantity(asked.most)}")
    if asked.is_whole:
        said.append("a whole number")
    if asked.assumed:
        said.append("may come as a bare number")
    return "; ".join(said)


def _source(source: Source) -> str:
    return f"`{source.cite}`, {source.at} ({source.tier.value})"


def _example(name: str) -> Iterator[str]:
    values = EXAMPLES[name]
    yield "```text"
    yield f"openinfusion calc {name} " + " ".join(f'{key}="{value}"' for key, value in values.items())
    yield ""
    yield from calculation_lines(calculation(name, values))
    yield "```"
    yield ""
