"""A drug library is read whole with its lines, an order with what is wrong with it, and a CSV export by its mapping; nothing is guessed."""

from pathlib import Path

import pytest
import yaml

from openinfusion.core.errors import Malformed, ProtocolError
from openinfusion.core.prescribing.druglibrary import Outcome, check
from openinfusion.core.prescribing.library_order import Asked
from openinfusion.core.prescribing.librarylint import lint
from openinfusion.protocols.druglibrary import read_library, read_order, read_order_line, read_sound_library
from openinfusion.protocols.library_csv import imported

EXAMPLES = Path(__file__).parents[2] / "examples" / "drug-library"
HEAD = 'schema: openinfusion.drug-library/1\nname: n\nversion: "1"\ncare_areas: [icu]\nlines:\n'
LINE = "  - {id: a, drug: d, care_area: icu, mode: continuous, dose: {soft_max: 1 mg/h, hard_max: 2 mg/h}}\n"


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str, name: str = "library.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path: Path) -> str:
    with pytest.raises(ProtocolError) as caught:
        read_library(path)
    return "\n".join(caught.value.problems)


def test_the_example_library_is_sound_and_every_line_is_an_example_or_has_its_source():
    library = read_library(EXAMPLES / "library.yaml")
    assert lint(library) == ()
    assert [entry.line.id for entry in library.entries if entry.line.example == (entry.line.source is not None)] == []


def test_each_line_knows_its_place_in_the_file(written):
    library = read_library(written(HEAD + LINE + LINE.replace("id: a", "id: b")))
    assert [entry.at for entry in library.entries] == [6, 7]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("2 mg/h", ""),
        ("2 furlongs", 'the unit "furlongs" is not in the closed table'),
        ('"1,500 mg/h"', '"1,500" is not a plain decimal number'),
        ("NaN mg/h", '"NaN" is not a plain decimal number'),
        ("2 mL/h", "units of different kinds"),
        ("2", "units of different kinds"),
        ("-2 mg/h", "below zero"),
    ],
)
def test_a_wrong_bound_is_named_with_its_line(wrong, said, written):
    path = written(HEAD + LINE.replace("2 mg/h", wrong))
    if not said:
        assert read_library(path).entries
        return
    assert said in problems(path)
    assert f"{path}:6: lines[0].dose" in problems(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("schema: openinfusion.drug-library/1\n", "a library without lines"),
        (HEAD + LINE + LINE, 'the id "a" stands in line 6 too'),
        (HEAD + LINE.replace("area: icu", "area: moon"), 'there is no care area "moon"; write one of icu'),
        (HEAD.replace("library/1", "library/9") + LINE, "does not fit"),
        (HEAD + LINE.replace("mode: continuous", "mode: continuous, more: x"), 'the key "more" is unknown here'),
        (HEAD + LINE.replace("hard_max: 2 mg/h", "soft_max: 2 mg/h"), 'the key "soft_max" stands twice'),
    ],
)
def test_a_file_that_does_not_hold_is_refused_whole(text, said, written):
    assert said in problems(written(text))


def test_lint_goes_on_with_the_lines_that_can_be_read(written):
    sound = read_sound_library(written(HEAD + LINE + LINE.replace("id: a", "id: b").replace("2 mg/h", "2 furlongs")))
    assert [entry.line.id for entry in sound.library.entries] == ["a"]
    assert ":7: lines[1].dose.hard_max: " in sound.problems[0]
    with pytest.raises(ProtocolError):
        read_sound_library(written("lines: ["))


def test_an_order_of_a_file_and_of_a_line_is_the_same():
    library = read_library(EXAMPLES / "library.yaml")
    assert check(library, read_order(EXAMPLES / "order.yaml")).outcome is Outcome.OK
    assert check(library, read_order(EXAMPLES / "order-ten-times.yaml")).outcome is Outcome.SOFT
    line = (EXAMPLES / "orders.jsonl").read_bytes().splitlines()[0]
    asked = read_order_line(line)
    assert isinstance(asked, Asked)
    assert (asked.id, check(library, asked).outcome) == ("1", Outcome.OK)


@pytest.mark.parametrize("text", ["[a, b]", "a: [", "a: 1\na: 2", "just words"])
def test_a_file_that_is_no_order_is_malformed(text, written):
    with pytest.raises(Malformed):
        read_order(written(text, "order.yaml"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "it is not JSON"),
        (b"[1]", "it is no object"),
        (b'{"drug": "a", "drug": "b"}', "the field drug stands twice"),
        (b'{"drug": "\xff"}', "it is not UTF-8"),
        (b"[" * 100_000, "it is not JSON"),
    ],
)
def test_a_line_that_is_no_order_says_why(line, why):
    answer = read_order_line(line)
    assert isinstance(answer, str)
    assert answer.startswith(why)


@pytest.mark.parametrize("number", ["5", "5.0", "NaN", "Infinity", "1e400", "true", "null", "9" * 6000])
def test_bare_numbers_of_json_are_no_amounts(number):
    asked = read_order_line(b'{"drug": "example-pressor", "care_area": "adult-icu", "dose": %s, "weight": "70 kg"}' % number.encode())
    assert isinstance(asked, Asked)
    assert "dose" not in asked.quantities


# CSV
MAPPING = """\
schema: openinfusion.drug-library-mapping/1
name: n
version: "1"
drug: Drug
care_area: Area
mode: {always: continuous}
measures: {dose: {unit: Unit, soft_max: Soft, hard_max: Hard}}
units: {units/h: "[iU]/h"}
empty: ["", "-"]
"""
CSV = "Drug,Area,Unit,Soft,Hard\nOne,ICU,mcg/kg/min,1,2\nTwo,Step down,units/h,0.5,-\n"


def test_an_export_becomes_a_library_with_each_number_as_it_stood(written):
    tree = imported(written(CSV, "export.csv"), written(MAPPING, "mapping.yaml"))
    library = read_library(written(yaml.safe_dump(tree, sort_keys=False)))
    one, two = (entry.line for entry in library.entries)
    assert (one.id, one.care_area, one.dose and [bound.text for bound in one.dose.stated]) == ("one-icu-continuous", "icu", ["1", "2"])
    assert (one.dose and one.dose.unit, two.dose and two.dose.unit, two.care_area) == ("ug/kg/min", "[iU]/h", "step-down")
    assert one.source is not None
    assert (one.source.document, one.source.at) == ("export.csv", "line 2")
    assert [finding.code for _, finding in lint(library)] == ["library-line.no-hard-maximum"]  # an empty cell is no number


def test_the_example_export_is_read_by_its_mapping(written):
    tree = imported(EXAMPLES / "export.csv", EXAMPLES / "mapping.yaml")
    assert len(read_library(written(yaml.safe_dump(tree))).entries) == 3


@pytest.mark.parametrize(
    ("csv", "mapping", "said"),
    [
        (CSV.replace(",1,2", ',"1,500",2'), MAPPING, '2: Soft: "1,500" is not a plain decimal number'),
        (CSV.replace("units/h", "blobs"), MAPPING, '3: Unit: the unit "blobs" is not one that this program knows; add it under units:'),
        (CSV.replace("mcg/kg/min", ""), MAPPING, "2: Unit: the unit is missing"),
        (CSV.replace("One", ""), MAPPING, "2: drug: the drug has no name"),
        (CSV.replace(",Hard", ",Other"), MAPPING, "1: Hard: the column is missing"),
        (CSV.replace(",Soft", ",Hard"), MAPPING, "1: Hard: the column stands several times"),
        (CSV.replace(",1,2", ",1"), MAPPING, "2: file: 4 cells under 5 headings"),
        (CSV.replace("One", '"One'), MAPPING, "this is not valid CSV"),
        ("Drug,Area,Unit,Soft,Hard\n", MAPPING, "no rows below its headings"),
        (CSV, MAPPING.replace("continuous", "sometimes"), '"sometimes" has no meaning in the mapping'),
        (CSV, MAPPING.replace("drug: Drug\n", ""), '"drug" is missing'),
        (CSV, MAPPING + "values: {care_area: {ICU: icu}}\n", '3: care_area: "Step down" has no meaning in the mapping'),
    ],
)  # fmt: skip
def test_what_an_import_cannot_read_is_named_by_line_and_column(csv, mapping, said, written):
    with pytest.raises(ProtocolError) as caught:
        imported(written(csv, "export.csv"), written(mapping, "mapping.yaml"))
    assert said in "\n".join(caught.value.problems)
