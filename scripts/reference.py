"""Write the pages made from the program itself: `.venv/bin/python scripts/reference.py`."""  # noqa: INP001 - a script, not a package

from collections.abc import Callable, Mapping
from pathlib import Path

from openinfusion.app.calculator_reference import calculators_page
from openinfusion.app.complication_reference import complications_page
from openinfusion.app.kinetic_benefits import benefit_pictures, benefits_page
from openinfusion.app.kinetics_reference import kinetic_models_page
from openinfusion.app.reference import alarms_page
from openinfusion.core.administration import transitions

PAGES: Mapping[str, Callable[[], str]] = {
    "transitions.md": transitions.table,
    "alarms.md": alarms_page,
    "calculators.md": calculators_page,
    "complications.md": complications_page,
    "kinetic-models.md": kinetic_models_page,
}


def write(folder: Path) -> None:
    """Write every page into a folder."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


def explain(folder: Path) -> None:
    """Write the worked explanations and their pictures into a folder."""
    (folder / "four-benefits-of-infusion.md").write_text(benefits_page(), encoding="utf-8")
    for name, picture in benefit_pictures().items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parents[1] / "docs" / "reference")
    explain(Path(__file__).parents[1] / "docs" / "explanation")
