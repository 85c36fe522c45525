"""The page of kinetic models is that of the model files."""

from pathlib import Path

from openinfusion.app.kinetics_reference import kinetic_models_page
from openinfusion.protocols.kinetics import load_kinetics

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "kinetic-models.md"


def test_the_page_of_kinetic_models_is_current() -> None:
    # Made anew by `python scripts/reference.py`.
    assert PAGE.read_text(encoding="utf-8") == kinetic_models_page()


def test_the_page_names_every_model_every_absent_drug_and_every_document() -> None:
    kinetics, page = load_kinetics(), kinetic_models_page()
    assert all(f"\n## {name}\n" in page for name in kinetics.models)
    assert all(f"\n| {one.drug} |" in page for one in kinetics.absent)
    assert all(f"{source.cite}, " in page for source in kinetics.sources)
