"""The documents hold: links lead somewhere, decisions are numbered without a gap, and the commands they show work."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
PARTS = ("Status:", "**Why.**", "**Decision.**", "**What follows.**")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_relative_link_leads_somewhere(document: Path):
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:", target) and not target.startswith("#")]
    assert [target for target in local if not (document.parent / target).exists()] == []


def test_decisions_are_numbered_without_a_gap():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert [path.name for path in DECISIONS if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_why_what_and_what_follows(decision: Path):
    text = decision.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(decision.name[:4])}. ")
    assert [part for part in PARTS if part not in text] == []


def test_the_index_lists_every_document():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    inside = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md") if path.name != "index.md"]
    assert [path for path in sorted(inside) if f"]({path})" not in index] == []


def commands_in(text: str) -> list[tuple[str, list[str]]]:
    """Each `$ command` of a `console` block, with the output lines shown below it."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    shown = [found for block in blocks for found in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)]
    return [(command, [line for line in output.splitlines() if line.strip()]) for command, output in shown]


def test_commands_are_read_with_the_output_shown_below_them():
    text = "```console\n$ openinfusion one\nfirst\n\nsecond\n$ openinfusion two\n```\n\n```sh\nmake run\n```\n"
    assert commands_in(text) == [("openinfusion one", ["first", "second"]), ("openinfusion two", [])]


def test_every_command_shown_in_a_document_works_as_shown(tmp_path: Path):
    # Output lines that a document shows must appear; a document may leave lines out.
    program = Path(sys.executable).with_name("openinfusion")
    environment = {
        **os.environ,
        "OPENINFUSION_HOME": str(tmp_path),
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "140",
    }
    examples = [(name(document), *example) for document in DOCUMENTS for example in commands_in(document.read_text(encoding="utf-8"))]
    for document, command, shown in examples:
        assert command.startswith("openinfusion "), f"{document}: only openinfusion commands are shown as console examples: {command}"
        answer = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, f"{document}: {command}\n{answer.stderr}"
        printed = {line.strip() for line in answer.stdout.splitlines()}
        assert [line for line in shown if line.strip() not in printed] == [], f"{document}: {command}\n{answer.stdout}"
