"""The site's own policy is read whole or not at all; each figure carries its document, and no sourced minimum is loosened."""

from pathlib import Path

import pytest

from openinfusion.core.errors import ProtocolError
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import load_library
from openinfusion.protocols.policy import jumps_at, policy_at, read_policy

ROW = """  - protocol: iv-infliximab
    rule: during
    figure: {value: "15", unit: min}
    document: Infusion room policy 12, signed 2026-10-01
    at: section 3
"""


def written(folder: Path, rows: str, head: str = "schema: openinfusion.policy/1\nrules:\n") -> Path:
    path = folder / "policy.yaml"
    path.write_text(head + rows, encoding="utf-8")
    return path


def test_a_figure_of_the_site_carries_its_signed_document(tmp_path: Path) -> None:
    figure = read_policy(written(tmp_path, ROW), load_library())["iv-infliximab"]["during"]
    assert figure.quantity == Quantity(15, "min")
    assert [(source.cite, source.at) for source in figure.sources] == [
        ("site-policy", "Infusion room policy 12, signed 2026-10-01, section 3")
    ]


def test_a_site_without_a_policy_has_none(tmp_path: Path) -> None:
    assert policy_at(None, load_library()) == {}
    assert policy_at(tmp_path / "policy.yaml", load_library()) == {}


def _rule(protocol: str, rule: str, value: str, unit: str = "min") -> str:
    head = f'  - protocol: {protocol}\n    rule: {rule}\n    figure: {{value: "{value}", unit: {unit}}}\n'
    return f"{head}    document: Policy 12\n    at: section 3\n"


WRONG = {
    "a protocol that does not exist": (_rule("iv-nothing", "during", "15"), 3, 'there is no protocol "iv-nothing"', "write one of"),
    "a rule that does not exist": (_rule("iv-infliximab", "often", "15"), 3, 'has no rule "often"', "baseline, during, eu-observation"),
    "a row twice": (ROW + ROW, 8, "stands twice", "keep one"),
    "a figure that is no time": (_rule("iv-infliximab", "during", "15", "mL"), 3, "not a time above 0", "min or h"),
    "no time at all": (_rule("iv-infliximab", "during", "0"), 3, "not a time above 0", "min or h"),
    "less than the label": (
        # epi-inflectra, section 3: observation of 1 to 2 hours
        _rule("iv-infliximab", "eu-observation", "30"),
        3,
        "a sourced minimum of 60 min",
        "write a longer time",
    ),
    "a figure without a document": (
        ROW.replace("    document: Infusion room policy 12, signed 2026-10-01\n", ""),
        3,
        "missing",
        "document",
    ),
    "a source of its own": (ROW.replace("unit: min}", "unit: min, sources: [{cite: unsourced, at: x}]}"), 5, "is its document", "remove"),
    "an unknown key": (ROW + "    why: habit\n", 8, '"why" is unknown', "remove"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_policy_may_not_say_is_refused_with_its_line(case: str, tmp_path: Path) -> None:
    rows, line, wrong, write = WRONG[case]
    with pytest.raises(ProtocolError) as refused:
        read_policy(written(tmp_path, rows), load_library())
    (problem,) = refused.value.problems
    assert f"policy.yaml:{line}:" in problem
    assert wrong in problem
    assert write in problem


def test_what_is_watched_before_each_step_is_not_set_by_a_clock(tmp_path: Path) -> None:
    ladder = next(rule for rule in load_library().protocols["iv-rituximab"].protocol.monitoring if rule.moment.value == "before_increase")
    with pytest.raises(ProtocolError, match="follows the ladder"):
        read_policy(written(tmp_path, _rule("iv-rituximab", ladder.id, "15")), load_library())


def test_a_policy_of_another_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"openinfusion\.policy/1"):
        read_policy(written(tmp_path, ROW, "schema: openinfusion.policy/9\nrules:\n"), load_library())


JUMP = """  - observation: pulse
    step: {value: "50", unit: /min}
    within: {value: "2", unit: s}
    document: Alarm policy 4, signed 2026-10-01
    at: section 2
"""
JUMPS = "schema: openinfusion.policy/1\njumps:\n"


def test_a_step_that_no_body_makes_is_the_sites_own_and_names_its_document(tmp_path: Path) -> None:
    library = load_library()
    (jump,) = jumps_at(written(tmp_path, JUMP, JUMPS), library)
    assert (jump.observation, jump.step.quantity, jump.within.quantity) == ("pulse", Quantity(50, "/min"), Quantity(2, "s"))
    assert [source.at for source in jump.step.sources] == ["Alarm policy 4, signed 2026-10-01, section 2"]
    assert jumps_at(written(tmp_path, ROW), library) == jumps_at(None, library) == ()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (JUMP + JUMP, "stands twice"),
        (JUMP.replace('"50"', '"0"'), "the step is not above 0"),
        (JUMP.replace("unit: s}", "unit: mL}"), "within is not a time"),
        (JUMP.replace("    at: section 2\n", ""), "missing"),
    ],
)
def test_a_step_that_cannot_be_meant_is_refused(tmp_path: Path, rows: str, says: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        jumps_at(written(tmp_path, rows, JUMPS), load_library())
    assert says in str(raised.value.problems)
