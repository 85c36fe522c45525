"""An edit of the files never stops a bedside: what was loaded or used stays in use until the edit is sound."""

from pathlib import Path
from shutil import copytree

import pytest

from openinfusion.app.library import FileLibrary
from openinfusion.core.errors import NotFound, ProtocolError
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import PACKAGE_DATA


class Archive:
    """Keeps texts in a dictionary."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def keep(self, content_hash: str, text: str) -> None:
        self.texts.setdefault(content_hash, text)

    def get(self, content_hash: str) -> str:
        if content_hash not in self.texts:
            raise NotFound("protocol content", content_hash)
        return self.texts[content_hash]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A site's own folder with its own infliximab."""
    copytree(PACKAGE_DATA / "iv-infliximab", tmp_path / "iv-infliximab")
    return tmp_path


def spoil(path: Path) -> None:
    path.write_text("schema: [broken\n", encoding="utf-8")


def test_a_session_keeps_its_protocol_when_the_file_breaks(own: Path) -> None:
    archive = Archive()
    library = FileLibrary((own,), archive)
    used = library.entries()["iv-infliximab"]
    archive.keep(used.content_hash, used.canonical)
    spoil(own / "iv-infliximab" / "protocol.yaml")
    assert "iv-infliximab" not in library.entries()
    assert library.of_hash(used.content_hash).protocol == used.protocol


def test_the_other_protocols_stay_in_use_when_one_file_breaks(own: Path) -> None:
    library = FileLibrary((own,), Archive())
    before = set(library.entries())
    spoil(own / "iv-infliximab" / "protocol.yaml")
    assert set(library.entries()) == before - {"iv-infliximab"}


def test_fields_and_tables_stay_as_they_were_when_an_edit_breaks_them(own: Path) -> None:
    library = FileLibrary((own,), Archive())
    before, fields = library.entries(), library.reference.fields
    spoil(own / "fields.yaml")
    assert library.entries() == before
    assert library.reference.fields == fields


def test_a_program_that_starts_on_broken_shared_files_says_so(own: Path) -> None:
    spoil(own / "fields.yaml")
    with pytest.raises(ProtocolError, match="not valid YAML"):
        FileLibrary((own,), Archive()).entries()


POLICY = """schema: openinfusion.policy/1
rules:
  - {protocol: iv-infliximab, rule: during, figure: {value: "10", unit: min}, document: Policy 12, at: section 3}
"""


def every(library: FileLibrary) -> Quantity:
    """How often infliximab is watched during the flow."""
    rule = next(one for one in library.entries()["iv-infliximab"].protocol.monitoring if one.id == "during")
    assert rule.every is not None
    return rule.every.quantity


def test_the_sites_policy_lies_over_the_protocol_and_changes_no_hash(tmp_path: Path) -> None:
    plain = FileLibrary((), Archive())
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    library = FileLibrary((), Archive(), policy)
    content_hash = library.entries()["iv-infliximab"].content_hash
    assert (every(plain), every(library)) == (Quantity(30, "min"), Quantity(10, "min"))
    assert content_hash == plain.entries()["iv-infliximab"].content_hash
    assert library.of_hash(content_hash).protocol == library.entries()["iv-infliximab"].protocol


def test_a_protocol_from_the_archive_stands_under_the_policy_too(own: Path) -> None:
    policy = own / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    archive = Archive()
    library = FileLibrary((own,), archive, policy)
    used = library.entries()["iv-infliximab"]
    archive.keep(used.content_hash, used.canonical)
    spoil(own / "iv-infliximab" / "protocol.yaml")
    assert library.of_hash(used.content_hash).protocol == used.protocol


def test_a_policy_is_read_again_when_it_changes_and_stays_as_it_was_when_an_edit_breaks_it(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    library = FileLibrary((), Archive(), policy)
    assert every(library) == Quantity(30, "min")
    policy.write_text(POLICY, encoding="utf-8")
    assert every(library) == Quantity(10, "min")
    policy.write_text(POLICY.replace("during", "no-such-rule"), encoding="utf-8")
    assert every(library) == Quantity(10, "min")
    assert "policy.yaml:3" in library.problems[0]
    policy.unlink()
    assert every(library) == Quantity(30, "min")
    assert list(library.problems) == []


def test_a_program_that_starts_on_a_broken_policy_says_so(tmp_path: Path) -> None:
    spoil(tmp_path / "policy.yaml")
    with pytest.raises(ProtocolError, match="not valid YAML"):
        FileLibrary((), Archive(), tmp_path / "policy.yaml").entries()


def test_what_was_left_out_is_told(own: Path) -> None:
    library = FileLibrary((own,), Archive())
    assert list(library.problems) == []
    spoil(own / "iv-infliximab" / "protocol.yaml")
    assert any("iv-infliximab/protocol.yaml" in problem for problem in library.problems)


def test_a_hash_that_nobody_kept_is_not_found(own: Path) -> None:
    with pytest.raises(NotFound):
        FileLibrary((own,), Archive()).of_hash("0" * 64)
