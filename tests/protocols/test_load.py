"""A protocol loads whole or not at all; each problem says file, line, path, what is wrong and what to write; its hash names its content."""

from pathlib import Path
from shutil import copytree

import pytest
import yaml

from openinfusion.core.errors import ERROR_TABLE, ProtocolError
from openinfusion.core.figure import Tier
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import (
    PACKAGE_DATA,
    LoadedProtocol,
    from_canonical,
    load_all,
    load_library,
    load_protocol,
    load_sound,
    sources_of,
)
from openinfusion.protocols.reading import Problems, read_document
from openinfusion.protocols.review import difference
from tests.protocols.conftest import Edit, line_of, problems_of

MAX_DOSE = "figure: {value: 10, unit: mg/kg}"

BROKEN = {
    "a comma in a number": (
        MAX_DOSE,
        "figure: {value: '71,5', unit: mg/kg}",
        '"71,5" is not a plain decimal number',
        "write digits with a point",
    ),
    "an unknown unit": (MAX_DOSE, "figure: {value: 10, unit: U/kg}", 'the unit "U/kg" is not in the closed table', "write a UCUM symbol"),
    "no unit": (MAX_DOSE, "figure: {value: 10}", "a number without a unit", "add `unit:`"),
    "a unit of another kind": (MAX_DOSE, "figure: {value: 10, unit: mL/h}", "of another kind", "write a unit like mg/kg"),
    "a duplicate key": ("legal: labelled", "legal: labelled\nlegal: labelled", 'the key "legal" stands twice', "keep one"),
    "an unknown key": ("legal: labelled", "legl: labelled", 'the key "legl" is unknown here', 'write "legal"'),
    "a word outside a closed set": ("legal: labelled", "legal: approved", '"approved" does not fit', "write 'labelled'"),
    "an undeclared field": (
        "{field: history.demyelinating, is: true}",
        "{field: shoe_size, is: true}",
        '"shoe_size" is not declared',
        "fields.yaml",
    ),
    "an undeclared need": (
        "field: lab.tb_screen_done, before: order",
        "field: lab.tbx, before: order",
        '"lab.tbx" is not declared',
        "fields.yaml",
    ),
    "an undeclared until": ("until: lab.tb_screen_done", "until: lab.tbx", '"lab.tbx" is not declared', "fields.yaml"),
    "a number asked of a yes-no field": (
        "{field: history.demyelinating, is: true}",
        "{field: history.demyelinating, op: '>', value: 3, unit: '1'}",
        'does not fit the field "history.demyelinating" of kind boolean',
        "write `is: true`",
    ),
    "a weight compared in hours": (
        "{field: age, op: <, value: 6, unit: a}",
        "{field: age, op: <, value: 6, unit: kg}",
        'does not fit the field "age"',
        "same kind as a",
    ),
    "a code that the field does not have": (
        "{field: lab.hbv, is: positive}",
        "{field: lab.hbv, is: perhaps}",
        "does not fit",
        "none of its codes",
    ),
    "a set asked like one code": (
        "{field: allergy, any_of: [infliximab, murine-protein]}",
        "{field: allergy, in: [infliximab, murine-protein]}",
        "does not fit",
        "write `any_of`",
    ),
    "an indication that the protocol does not have": (
        "{field: indication, in: [AS]}\n    every",
        "{field: indication, in: [ASX]}\n    every",
        "does not fit",
        "CD, UC",
    ),
    "a condition outside the grammar": (
        "{field: lab.hbv, is: positive}",
        "{lab.hbv: positive}",
        "a condition is {field, op",
        "sources may stand",
    ),
    "a cite that no evidence file holds": (
        "{cite: inflix-jnj, at: 'dosing: no response by week 14 (excerpt)'}",
        "{cite: hearsay, at: 'dosing: no response by week 14 (excerpt)'}",
        'the cite "hearsay" stands in no evidence file',
        "add the document",
    ),
    "a tier beside the cite": (
        "at: 'dosing: no response by week 14 (excerpt)'",
        "at: somewhere, tier: A",
        "the tier of a source comes from",
        "remove it",
    ),
    "a source without a place": ("at: 'dosing: no response by week 14 (excerpt)'", "at: ''", "does not fit", "write"),
    "a rule id twice": ("- id: us-at-least-2-h", "- id: max-dose", 'the id "max-dose" stands twice', "own id"),
    "a limit that supersedes nothing": (
        "- id: us-at-least-2-h",
        "- id: us-at-least-2-h\n    supersedes: [nothing]",
        "no limit has the id nothing",
        "correct",
    ),
    "a product that the drug does not have": (
        "- id: us-at-least-2-h",
        "- id: us-at-least-2-h\n    products: [Soap]",
        "Soap is no product",
        "drug.products",
    ),
    "without what makes a weight doubtful": (
        "screening-general-1, plausibility-1,",
        "screening-general-1,",
        "what makes a weight worth a question is missing",
        "add to `tables:` one of plausibility-1",
    ),
    "a table that does not exist": ("plausibility-1,", "plausibility-99,", 'there is no table "plausibility-99"', "write one of"),
    "a rule with the name of a code": (
        "- id: us-at-least-2-h",
        "- id: live-vaccine",
        'the rule id "live-vaccine" is also a code',
        "give the rule another id",
    ),
    "no general screening": (
        "tables: [screening-general-1, ",
        "tables: [",
        "the rules that every screening asks are missing",
        "screening-general-1",
    ),
    "another id than the folder": ("id: iv-infliximab\n", "id: iv-other\n", "is not the name of the folder", "write id: iv-infliximab"),
    "an alias": (MAX_DOSE, "figure: &ten {value: 10, unit: mg/kg}\n    window: *ten", "an alias", "write the content out"),
    "a tag": (MAX_DOSE, "figure: !!python/object:os.system {value: 10, unit: mg/kg}", "a tag", "write the plain value"),
    "prose in the protocol": (
        "maturity: example",
        "maturity: example\nwording: {en: {max-dose: hello}}",
        "text does not stand in the protocol",
        "wording.en.yaml",
    ),
    "a rate rule of an unknown shape": (
        "- id: standard\n    shape: fixed_duration",
        "- id: standard\n    shape: zigzag",
        "zigzag",
        "fixed_duration",
    ),
    "a missing part": ("  suitability: conditional\n", "", '"suitability" is missing', "add `suitability:`"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_way_of_being_broken_is_refused_in_one_line_of_file_line_path_and_advice(name: str, edit: Edit) -> None:
    old, new, wrong, write = BROKEN[name]
    folder = edit((old, new))
    problems = problems_of(folder)
    assert any(wrong in problem and write in problem for problem in problems), problems
    for problem in problems:
        place, _, advice = problem.removeprefix(str(folder)).partition(": ")
        file, line = place.removeprefix("/").rsplit(":", 1)
        assert (folder / file).exists()
        assert int(line) >= 1
        assert "; " in advice
        assert "\n" not in problem


def test_a_figure_without_a_source_does_not_load(edit: Edit) -> None:
    folder = edit(
        ("    sources: [{cite: iv2-remicade-hcp, at: 'dilution (excerpt)'}]\n  - id: first-three", "  - id: first-three"),
    )
    (problem,) = problems_of(folder)
    line = line_of(folder / "protocol.yaml", "figure: {value: 4, unit: mg/mL}")
    assert problem == (
        f"{folder}/protocol.yaml:{line}: limits[2].figure.sources: a figure without a source; "
        "add sources: [{cite: ..., at: ...}] here or on the rule around it"
    )


def test_all_problems_come_at_once_each_at_its_line(edit: Edit) -> None:
    folder = edit(
        (MAX_DOSE, "figure: {value: ten, unit: mg/kg}"),
        ("legal: labelled", "legal: fine"),
        ("filter: {value: 1.2, unit: um,", "filter: {value: 1.2, unit: furlong,"),
    )
    problems = problems_of(folder)
    assert len(problems) == 3
    for text, problem in (("legal: fine", problems[0]), ("value: ten", problems[1]), ("furlong", problems[2])):
        assert f"protocol.yaml:{line_of(folder / 'protocol.yaml', text)}:" in problem


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong"),
    [
        ("wording.en.yaml", "  max-dose: No dose above this.", "", 'the rule "max-dose" has no sentence'),
        ("wording.en.yaml", "  max-dose: No dose above this.", "  max-dose: ''", "the sentence is empty"),
        ("wording.en.yaml", "  maintenance: Maintenance\n", "  maintenance: Maintenance\n  ghost: Boo\n", 'no rule has the id "ghost"'),
        ("leaflet.en.md", "## companions", "## friends", "the leaflet does not answer this"),
        ("leaflet.en.md", "## companions", "## friends", "this block is unknown"),
        ("leaflet.en.md", "{observation}", "{watching}", "the placeholder {watching} is unknown"),
        ("leaflet.en.md", "## what_it_is", "Hello\n\n## what_it_is", "text before the first block"),
    ],
)
def test_words_must_answer_every_rule_and_question_and_no_other(file: str, old: str, new: str, wrong: str, edit: Edit) -> None:
    assert any(wrong in problem and f"/{file}:" in problem for problem in problems_of(edit((old, new), file=file)))


@pytest.mark.parametrize("file", ["protocol.yaml", "wording.en.yaml", "leaflet.en.md"])
def test_a_missing_file_is_named(file: str, edit: Edit) -> None:
    folder = edit()
    (folder / file).unlink()
    assert any(problem.startswith(f"{folder}/{file}:1: ") and "missing" in problem for problem in problems_of(folder))


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"", "the file is empty"),
        (b"a: [1, 2\nb: 3\n", "not valid YAML"),
        (b"- 1\n", "dict"),
        (b"? [a]\n: 1\n", "a key must be a word"),
    ],
)
def test_a_file_that_is_no_mapping_of_text_is_refused(content: bytes, wrong: str, edit: Edit) -> None:
    folder = edit()
    (folder / "protocol.yaml").write_bytes(content)
    assert any(wrong in problem.lower() or wrong in problem for problem in problems_of(folder))


def test_a_broken_protocol_has_an_exit_status_and_no_stack_trace(edit: Edit) -> None:
    with pytest.raises(ProtocolError) as refused:
        load_protocol(edit((MAX_DOSE, "figure: {value: '71,5', unit: mg/kg}")))
    assert ERROR_TABLE[refused.value.code].exit == 4


def test_a_figure_inherits_the_sources_of_its_rule_and_its_own_win(infliximab: LoadedProtocol) -> None:
    limit = infliximab.protocol.limits[0]
    assert limit.figure.sources == limit.sources
    volume = infliximab.protocol.preparation.final_volume
    assert volume is not None
    assert [source.cite for source in volume.sources] == ["iv2-remicade-hcp", "epi-inflectra"]
    assert volume.tier is Tier.A  # the maker's page; the leaflet copy beside it is tier C


def test_the_tier_of_every_source_is_that_of_the_evidence_file(infliximab: LoadedProtocol) -> None:
    for source in sources_of(infliximab.protocol):
        assert source.tier is infliximab.publications[source.cite].tier


def _reordered(tree: object) -> object:
    match tree:
        case dict():
            return {key: _reordered(tree[key]) for key in reversed(tree)}
        case list():
            return [_reordered(item) for item in tree]
        case _:
            return tree


def test_the_hash_does_not_depend_on_comments_blanks_or_key_order(edit: Edit, infliximab: LoadedProtocol) -> None:
    folder = edit()
    tree = yaml.load((folder / "protocol.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    text = "# another comment\n\n" + yaml.safe_dump(_reordered(tree), sort_keys=False, default_style='"')
    (folder / "protocol.yaml").write_text(text, encoding="utf-8")
    assert load_protocol(folder).content_hash == infliximab.content_hash


CHANGED: dict[str, tuple[str, str, str]] = {
    "a limit": ("protocol.yaml", MAX_DOSE, "figure: {value: 9, unit: mg/kg}"),
    "a source": ("protocol.yaml", "at: 'dosing: no response by week 14 (excerpt)'", "at: 'dosing, page 2'"),
    "a sentence for staff": ("wording.en.yaml", "No dose above this.", "Not more than this."),
    "a leaflet answer": ("leaflet.en.md", "You may have a headache", "You can have a headache"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_every_change_of_content_changes_the_hash(name: str, edit: Edit, infliximab: LoadedProtocol) -> None:
    file, old, new = CHANGED[name]
    changed = load_protocol(edit((old, new), file=file))
    assert changed.content_hash != infliximab.content_hash
    assert len({change.path[:2] for change in difference(infliximab, changed)}) == 1


def test_the_archive_text_reads_back_as_the_same_protocol(infliximab: LoadedProtocol) -> None:
    again = from_canonical(infliximab.canonical)
    assert again.protocol == infliximab.protocol
    assert again.tables == infliximab.tables
    assert again.general_rules == infliximab.general_rules
    assert (again.canonical, again.content_hash) == (infliximab.canonical, infliximab.content_hash)


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(edit: Edit, tmp_path: Path) -> None:
    edit()
    first = load_library((tmp_path,))
    assert load_library((tmp_path,)) is first
    edit((MAX_DOSE, "figure: {value: 8, unit: mg/kg}"))
    changed = load_library((tmp_path,)).protocols["iv-infliximab"].protocol.limits[0].figure.quantity
    assert changed == Quantity(8, "mg/kg")


def _site(tmp_path: Path, folder: str, file: str, text: str) -> Path:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / folder / file).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_site_replaces_a_protocol_and_adds_evidence_fields_and_tables(edit: Edit, tmp_path: Path) -> None:
    edit((MAX_DOSE, "figure: {value: 8, unit: mg/kg, sources: [{cite: our-committee, at: minute 7}]}"))
    _site(
        tmp_path, "evidence", "ours.yaml",
        "schema: openinfusion.evidence/1\nsources:\n  our-committee: {tier: B, seen: full, url: '', title: Our drug committee}\n",
    )  # fmt: skip
    _site(
        tmp_path,
        ".",
        "fields.yaml",
        "schema: openinfusion.fields/1\nfields:\n  our.field: {kind: boolean, supplied_by: check_in, meaning: Ours}\n",
    )
    library = load_library((tmp_path,))
    assert library.protocols["iv-infliximab"].protocol.limits[0].figure.sources[0].cite == "our-committee"
    assert "our.field" in library.reference.fields
    assert set(load_all()) <= set(library.protocols)


@pytest.mark.parametrize(
    ("folder", "file", "text", "wrong"),
    [
        (
            ".",
            "fields.yaml",
            "schema: openinfusion.fields/1\nfields:\n  weight: {kind: boolean, supplied_by: check_in, meaning: W}\n",
            "already declared",
        ),
        (
            ".",
            "fields.yaml",
            "schema: openinfusion.fields/1\nfields:\n  x: {kind: quantity, supplied_by: check_in, meaning: X}\n",
            "without a unit",
        ),
        (
            ".",
            "fields.yaml",
            "schema: openinfusion.fields/1\nfields:\n  x: {kind: boolean, unit: kg, supplied_by: check_in, meaning: X}\n",
            "has no unit",
        ),
        (
            ".",
            "fields.yaml",
            "schema: openinfusion.fields/1\nfields:\n  x: {kind: elapsed, unit: h, supplied_by: computed, meaning: X}\n",
            "`of` names",
        ),
        (
            ".",
            "fields.yaml",
            "schema: openinfusion.fields/1\nfields:\n  x: {kind: elapsed, unit: h, of: y, supplied_by: computed, meaning: X}\n",
            "not declared",
        ),
        (
            "evidence",
            "e.yaml",
            "schema: openinfusion.evidence/1\nsources:\n  atc: {tier: A, seen: full, url: '', title: Other}\n",
            "already another document",
        ),
        (
            "evidence",
            "e.yaml",
            "schema: openinfusion.evidence/1\nsources:\n  x: {tier: Z, seen: full, url: '', title: Other}\n",
            "does not fit",
        ),
        ("tables", "t-1.yaml", "schema: openinfusion.table/1\nname: other-1\nkind: zigzag\n", "zigzag"),
    ],
)
def test_a_site_cannot_change_what_the_package_declares(folder: str, file: str, text: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError) as refused:
        load_library((_site(tmp_path, folder, file, text),))
    assert any(wrong in problem for problem in refused.value.problems), refused.value.problems


def test_a_changed_table_needs_a_new_version(tmp_path: Path) -> None:
    copytree(PACKAGE_DATA / "tables", tmp_path / "tables")
    table = tmp_path / "tables" / "plausibility-1.yaml"
    table.write_text(table.read_text(encoding="utf-8").replace("value: 500, unit: kg", "value: 600, unit: kg"), encoding="utf-8")
    with pytest.raises(ProtocolError, match="new version number"):
        load_library((tmp_path,))


def test_a_broken_protocol_is_left_out_and_named_and_no_older_one_takes_its_place(edit: Edit, tmp_path: Path) -> None:
    edit((MAX_DOSE, "figure: {value: ten, unit: mg/kg}"))
    sound = load_sound((tmp_path,))
    assert set(sound.protocols) == set(load_all()) - {"iv-infliximab"}
    assert len(sound.problems) == 1
    assert "iv-infliximab/protocol.yaml" in sound.problems[0]
    with pytest.raises(ProtocolError) as refused:
        load_library((tmp_path,))
    assert refused.value.problems == sound.problems


def test_broken_shared_files_stop_the_reading(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError):
        load_sound((_site(tmp_path, "evidence", "e.yaml", "schema: wrong\n"),))


def test_figures_that_a_machine_would_misread_stay_text(tmp_path: Path) -> None:
    # safe_load turns 1:30 into 90 and NO into False
    (tmp_path / "x.yaml").write_text("a: 1:30\nb: NO\nc: 010\nd: 1e3\ne: ~\n", encoding="utf-8")
    document = read_document(tmp_path / "x.yaml", Problems())
    assert document is not None
    assert document.tree == {"a": "1:30", "b": "NO", "c": "010", "d": "1e3", "e": "~"}


def test_archived_content_of_another_form_is_named_and_never_half_read(tmp_path):
    text = load_library().protocols["iv-infliximab"].canonical.replace('"generic":', '"generic_name":', 1)
    with pytest.raises(ProtocolError, match="archived content"):
        from_canonical(text)
