"""Findings have one vocabulary of weight; the heaviest decides; what is missing is never a pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.figure import Source, Tier
from openinfusion.core.finding import Derivation, Finding, Level, Step, Verdict, verdict
from openinfusion.core.quantity import Quantity

ONE = Quantity(1, "mg")


def step(*tiers: Tier) -> Step:
    return Step("dose.flat", (), ONE, tuple(Source(cite=tier.value, at="somewhere", tier=tier) for tier in tiers))


def test_levels_grow_from_information_to_ban() -> None:
    assert [level.value for level in sorted(Level, key=lambda level: level.rank)] == [
        "info",
        "caution",
        "missing",
        "contraindicated",
        "banned",
    ]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], Verdict.NONE),
        ([Level.INFO], Verdict.INFO),
        ([Level.CAUTION, Level.MISSING], Verdict.INCOMPLETE),
        ([Level.MISSING, Level.CONTRAINDICATED], Verdict.CONTRAINDICATED),
        ([Level.INFO, Level.BANNED, Level.MISSING], Verdict.BANNED),
    ],
)
def test_the_heaviest_level_is_the_verdict_and_missing_reads_incomplete(levels: list[Level], expected: Verdict) -> None:
    assert verdict(Finding("any", level) for level in levels) is expected


@given(st.lists(st.sampled_from(list(Level))), st.sampled_from(list(Level)))
def test_one_more_finding_never_lightens_the_verdict(levels: list[Level], more: Level) -> None:
    order = list(Verdict)
    before = verdict(Finding("any", level) for level in levels)
    after = verdict(Finding("any", level) for level in [*levels, more])
    assert order.index(after) >= order.index(before)


def test_a_reason_refers_to_code_and_rule() -> None:
    assert Finding("screen.caution", Level.CAUTION, rule="low-platelets").key == "screen.caution:low-platelets"
    assert Finding("weight.pounds", Level.CAUTION).key == "weight.pounds"


def test_a_derivation_is_as_good_as_its_weakest_sourced_step() -> None:
    assert Derivation().tier is None
    assert Derivation((step(),)).tier is None
    assert Derivation((step(Tier.A), step())).then(step(Tier.D, Tier.B)).tier is Tier.B
