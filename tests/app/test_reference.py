"""A page of the reference says what the data say."""

from pathlib import Path

from openinfusion.app.reference import alarms_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "alarms.md"


def test_the_page_of_alarms_is_current():
    # Made anew by `python scripts/reference.py`.
    assert PAGE.read_text(encoding="utf-8") == alarms_page()
