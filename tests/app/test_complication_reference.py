"""The page of complications says what the tables say."""

from pathlib import Path

from openinfusion.app.complication_reference import complications_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "complications.md"


def test_the_page_of_complications_is_current():
    # Made anew by `python scripts/reference.py`.
    assert PAGE.read_text(encoding="utf-8") == complications_page()


def test_the_page_has_a_row_for_each_statement_45_to_69():
    rows = [
        line.split("|")[1] for line in complications_page().splitlines() if line.startswith("| ") and not line.startswith("| statement")
    ]
    told = {int(number) for row in rows for number in row.split(",") if number.strip().isdecimal()}
    assert told == set(range(45, 70))
