"""Makes a drug library of a pump library's CSV export, by a mapping that says which column is what. No number is changed and none is filled
in: what a column does not say is not in the library."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from openinfusion.core.prescribing.library_order import Measured
from openinfusion.core.quantity import NumberError, number
from openinfusion.core.spelling import spelled
from openinfusion.protocols.druglibrary import SCHEMA
from openinfusion.protocols.reading import Problems, Tree, parse, read_document, read_text

_BOUNDS = ("hard_min", "soft_min", "soft_max", "hard_max")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Fixed(_Strict):
    """A value that no column holds: the same for every row."""

    always: str = Field(min_length=1)


Cell = str | _Fixed
"""A column's heading, or a fixed value."""


class _MeasureColumns(_Strict):
    unit: Cell
    hard_min: str = ""
    soft_min: str = ""
    soft_max: str = ""
    hard_max: str = ""


class _StandardColumns(_Strict):
    amount: str
    amount_unit: Cell
    volume: str
    volume_unit: Cell


class Mapped(_Strict):
    """What each column of a CSV file is. `values` and `units` say what its words mean here; `empty` are texts that stand for nothing."""

    schema_: Literal["openinfusion.drug-library-mapping/1"] = Field(alias="schema")
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    drug: Cell
    care_area: Cell
    mode: Cell
    use: Cell | None = None
    advisory: Cell | None = None
    id: Cell | None = None
    standard: _StandardColumns | None = None
    measures: Mapping[Measured, _MeasureColumns] = Field(min_length=1)
    values: Mapping[Literal["care_area", "mode"], Mapping[str, str]] = Field(default_factory=dict)
    units: Mapping[str, str] = Field(default_factory=dict)
    empty: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the export with its line in the file."""

    cells: Mapping[str, str]
    line: int
    mapped: Mapped
    path: Path
    problems: Problems

    def text(self, cell: Cell | None) -> str:
        """What stands there, without blanks around it; nothing for a text that stands for nothing."""
        if cell is None:
            return ""
        said = cell.always if isinstance(cell, _Fixed) else self.cells[cell].strip()
        return "" if said in self.mapped.empty else said

    def wrong(self, where: str, wrong: str, write: str) -> None:
        """Note a problem of this row."""
        self.problems.at(self.path, self.line, where, wrong, write)


def imported(path: Path, mapping: Path) -> dict[str, Tree]:
    """The library of a CSV file as a tree for YAML; raises ProtocolError with every problem, its line and its column."""
    problems = Problems()
    mapped = _mapping(mapping, problems)
    text = read_text(path, problems)
    problems.settle()
    if mapped is None or text is None:
        raise AssertionError("what is not read leaves a problem")
    rows = tuple(_rows(text.removeprefix("\ufeff"), path, mapped, problems))
    problems.settle()
    used: set[str] = set()
    lines: list[Tree] = [_line(row, used) for row in rows]
    if not lines:
        problems.at(path, 1, "", "the file has no rows below its headings", "export the library again")
    problems.settle()
    areas: list[Tree] = list(dict.fromkeys(str(line["care_area"]) for line in lines if isinstance(line, dict)))
    return {"schema": SCHEMA, "name": mapped.name, "version": mapped.version, "care_areas": areas, "lines": lines}


def _mapping(path: Path, problems: Problems) -> Mapped | None:
    document = read_document(path, problems)
    return None if document is None else parse(Mapped, document.tree, document, problems)


def _rows(text: str, path: Path, mapped: Mapped, problems: Problems) -> Iterator[_Row]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=mapped.delimiter, strict=True)
    try:
        heads = [head.strip() for head in next(reader, [])]
        wanted = dict.fromkeys(_columns(mapped))
        for column in wanted:
            if heads.count(column) != 1:
                stands = "stands several times" if column in heads else "is missing"
                problems.at(path, 1, column, f"the column {stands}", f"correct the mapping; the headings are {', '.join(heads) or 'none'}")
        if problems.found:
            return
        for cells in reader:
            if len(cells) == len(heads):
                yield _Row(dict(zip(heads, cells, strict=True)), reader.line_num, mapped, path, problems)
            elif cells:
                problems.at(path, reader.line_num, "", f"{len(cells)} cells under {len(heads)} headings", "correct this row or its quotes")
    except csv.Error as error:
        problems.at(path, reader.line_num, "", f"this is not valid CSV ({error})", "check quotes and delimiter near this line")


def _columns(mapped: Mapped) -> Iterator[str]:
    """Every column that the mapping names."""
    cells: list[Cell | None] = [mapped.drug, mapped.care_area, mapped.mode, mapped.use, mapped.advisory, mapped.id]
    for columns in mapped.measures.values():
        cells += [columns.unit, *(getattr(columns, bound) for bound in _BOUNDS)]
    if mapped.standard is not None:
        cells += [mapped.standard.amount, mapped.standard.amount_unit, mapped.standard.volume, mapped.standard.volume_unit]
    return (cell for cell in cells if isinstance(cell, str) and cell)


def _line(row: _Row, used: set[str]) -> Tree:
    mapped = row.mapped
    area, mode = _meant(row, "care_area", mapped.care_area), _meant(row, "mode", mapped.mode)
    drug = row.text(mapped.drug)
    if not drug:
        row.wrong("drug", "the drug has no name", "enter it in the export, or remove the row")
    line: dict[str, Tree] = {"id": _id(row, (drug, area, mode), used), "drug": drug, "care_area": area, "mode": mode}
    for name, cell in (("use", mapped.use), ("advisory", mapped.advisory)):
        if said := row.text(cell):
            line[name] = said
    if standard := _standard(row):
        line["standard"] = standard
    for measure, columns in mapped.measures.items():
        if bounds := _bounds(row, columns):
            line[measure.value] = bounds
    line["source"] = {"document": row.path.name, "at": f"line {row.line}"}
    return line


def _meant(row: _Row, name: Literal["care_area", "mode"], cell: Cell) -> str:
    """What a word of the export is called here; a word that the mapping should translate and does not is a problem."""
    said, words = row.text(cell), row.mapped.values.get(name, {})
    if said in words:
        return words[said]
    if words or (name == "mode" and said not in ("continuous", "intermittent")):
        row.wrong(name, f'"{said}" has no meaning in the mapping', f"add it under values: {name}:")
    elif not said:
        row.wrong(name, "the cell is empty", "enter it in the export, or add it under values:")
    return _code(said) if name == "care_area" else said


def _code(text: str) -> str:
    """A text as a code: letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def _id(row: _Row, parts: tuple[str, ...], used: set[str]) -> str:
    """The export's own id, else one made of drug, area and mode, with a number where it repeats."""
    base = row.text(row.mapped.id) or "-".join(code for part in parts if (code := _code(part))) or f"line-{row.line}"
    name, n = base, 1
    while name in used:
        name, n = f"{base}-{n + 1}", n + 1
    used.add(name)
    return name


def _standard(row: _Row) -> Tree:
    columns = row.mapped.standard
    if columns is None or not (row.text(columns.amount) or row.text(columns.volume)):
        return ""
    amount = _quantity(row, columns.amount, _unit(row, columns.amount_unit))
    return {"amount": amount, "volume": _quantity(row, columns.volume, _unit(row, columns.volume_unit))}


def _bounds(row: _Row, columns: _MeasureColumns) -> dict[str, Tree]:
    heads = {bound: str(getattr(columns, bound)) for bound in _BOUNDS}
    said = {bound: head for bound, head in heads.items() if head and row.text(head)}
    if not said:
        return {}
    symbol = _unit(row, columns.unit)
    return {bound: _quantity(row, head, symbol) for bound, head in said.items()}


def _unit(row: _Row, cell: Cell) -> str:
    """The UCUM symbol of a unit cell: by the mapping, else as people spell it; "units" of a drug are units of its activity."""
    said = row.text(cell)
    symbol = spelled(f"1 {row.mapped.units.get(said, said)}", is_activity=True).symbol
    if not symbol:
        where = cell if isinstance(cell, str) else "unit"
        row.wrong(where, f'the unit "{said}" is not one that this program knows' if said else "the unit is missing", "add it under units:")
    return symbol


def _quantity(row: _Row, column: str, symbol: str) -> Tree:
    said = row.text(column)
    try:
        number(said)
    except NumberError:
        row.wrong(column, f'"{said}" is not a plain decimal number', "write digits with a point and no blanks, or list it under empty:")
    return f"{said} {symbol}"
