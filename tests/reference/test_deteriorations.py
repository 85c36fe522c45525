"""The watch against the scripted deteriorations: every fifth of the fifty here, all of them in `benchmarks/alarms.py`. None is missed."""

import ast
import sys
from pathlib import Path

import pytest

from openinfusion.app.recording import read_labels, read_recording
from openinfusion.app.replay import Replay
from openinfusion.core.monitoring.scoring import Outcome, Score, score
from tests.app.fakes import fakes
from tests.app.test_replay import scenario
from tests.reference import deteriorations
from tests.reference.deteriorations import Case, quiet


def scored(case: Case) -> Score:
    """A case played on the fakes."""
    held, recording = fakes(), read_recording("case.ndjson", "\n".join(case.lines))
    run = Replay(held.ports, lambda moment: setattr(held.clock, "moment", moment), scenario(case.session), recording)
    run.prepare()
    for _ in run.play():
        pass
    rows = (f"{at},{until},{codes},{within}" for at, until, codes, within in case.labels)
    labels = read_labels("labels.csv", "\n".join(("at,until,codes,within", *rows)), recording.origin)
    return score(labels, run.raised, recording.arrivals[0].at, recording.arrivals[-1].at)


@pytest.mark.parametrize("case", deteriorations.deteriorations()[::5], ids=lambda case: case.name)
def test_a_deterioration_is_told_in_time(case: Case):
    assert [one.outcome for one in scored(case).labels] == [Outcome.CAUGHT]


@pytest.mark.parametrize("artefacts", [False, True])
def test_a_quiet_recording_interrupts_nobody(artefacts: bool):
    assert scored(quiet(11, artefacts=artefacts, seconds=240)).false == ()


def test_there_are_fifty_and_each_has_a_label():
    cases = deteriorations.deteriorations()
    assert len({case.name for case in cases}) == len(cases) == 50
    assert all(case.labels for case in cases)


def test_the_scripts_know_nothing_of_the_program():
    tree = ast.parse(Path(deteriorations.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
