"""A foreign code means one thing, in a field that exists, by a document that is named; whatever else does not load."""

from pathlib import Path

import pytest

from openinfusion.core.errors import ProtocolError
from openinfusion.core.patient import Answer
from openinfusion.protocols.code_maps import Use
from openinfusion.protocols.load import Library, load_library, load_reference

HEAD = "schema: openinfusion.codes/1\ngroups:\n  - use: {use}\n    system: http://example.org\n    codes:\n      - {row}\n"
SOURCES = "sources: [{cite: atc, at: x}]"


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def site(folder: Path, use: str, row: str) -> Path:
    (folder / "terms").mkdir()
    (folder / "terms" / "fhir-ours.yaml").write_text(HEAD.format(use=use, row=row), encoding="utf-8")
    return folder


def test_every_shipped_code_has_a_source_and_a_declared_field(library: Library):
    codes = library.reference.codes
    assert codes
    assert all(meaning.sources and meaning.field in library.reference.fields for meaning in codes.values())


def test_only_the_whole_none_known_means_none_known(library: Library):
    none = {code for (use, _, _, code), meaning in library.reference.codes.items() if meaning.value is Answer.NONE_KNOWN}
    # International Patient Summary, map of absence to SNOMED CT (ips-absence) and its first code system (ips-absence-2018)
    assert none == {"716186003", "no-known-allergies", "no-known-allergy"}


def test_a_site_adds_codes(tmp_path: Path):
    codes = load_reference((site(tmp_path, "allergy", "{code: x, field: allergy, value: egg, " + SOURCES + "}"),)).codes
    assert codes[Use.ALLERGY, "", "http://example.org", "x"].value == ("egg",)


@pytest.mark.parametrize(
    ("use", "row", "says"),
    [
        ("allergy", "{code: x, field: nothing, value: egg, " + SOURCES + "}", 'the field "nothing" is not declared'),
        ("allergy", "{code: x, field: allergy, value: plaster, " + SOURCES + "}", "'plaster' is not one of the codes"),
        ("allergy", "{code: x, field: allergy, " + SOURCES + "}", "the value does not fit the use"),
        ("observation", "{code: x, field: weight, value: 71 kg, " + SOURCES + "}", "the value does not fit the use"),
        ("condition", "{code: x, field: weight, value: 71 kg, " + SOURCES + "}", "a code cannot give a number or a day"),
        ("allergy", "{code: x, field: allergy, value: egg}", "without a source"),
        ("allergy", "{code: x, field: allergy, value: egg, sources: [{cite: hearsay, at: x}]}", "stands in no evidence file"),
        ("mood", "{code: x, field: allergy, value: egg, " + SOURCES + "}", "mood"),
    ],
)
def test_a_row_that_does_not_hold_is_refused_at_its_line(use: str, row: str, says: str, tmp_path: Path):
    with pytest.raises(ProtocolError) as refused:
        load_reference((site(tmp_path, use, row),))
    assert any(says in problem and "fhir-ours.yaml:" in problem for problem in refused.value.problems), refused.value.problems


def test_a_site_cannot_change_what_a_code_means(tmp_path: Path):
    row = "{code: '91936005', field: allergy, value: egg, " + SOURCES + "}"
    folder = site(tmp_path, "allergy", row)
    path = folder / "terms" / "fhir-ours.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("http://example.org", "http://snomed.info/sct"), encoding="utf-8")
    with pytest.raises(ProtocolError, match="already means something else"):
        load_reference((folder,))
