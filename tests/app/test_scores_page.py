"""The page on scores names every scale with its edition, and every scale has a calculator that uses its table."""

from pathlib import Path

from openinfusion.app.calculators import calculators, table_of
from openinfusion.core.table import Score
from openinfusion.protocols.load import load_reference

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "scores.md").read_text(encoding="utf-8")
SCORES = {table.name: table for table in load_reference().tables.values() if isinstance(table, Score)}
NAMED_BY_THE_ISSUE = {
    *("news2", "pews", "four-ts", "vip", "phlebitis", "infiltration", "extravasation", "bromage", "hypoglycaemia", "hypotension"),
}


def test_every_scale_is_used_by_a_calculator_and_stands_on_the_page_with_its_edition() -> None:
    rows = {
        f"| `{one.name}` | {table.scale} | {table.edition} |"
        for one in calculators().values()
        for table in map(table_of, one.tables)
        if isinstance(table, Score)
    }
    assert [row for row in rows if row not in PAGE] == []
    assert {name for one in calculators().values() for name in one.tables} >= set(SCORES)


def test_the_scores_that_are_asked_for_are_there() -> None:
    assert set(calculators()) >= NAMED_BY_THE_ISSUE


def test_every_figure_of_a_scale_has_a_source_and_every_scale_names_its_edition() -> None:
    for table in SCORES.values():
        assert table.scale
        assert table.edition
        assert table.sources
        rows = [row.points for parameter in table.parameters for row in parameter.rows]
        figures = [*rows, *(band.lowest for band in table.bands), *(grade.points for grade in table.grades), *table.figures.values()]
        assert [figure for figure in figures if not figure.sources] == [], table.name
