"""One table says which control commands each status allows; records are possible in all."""

from pathlib import Path

import pytest

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Status
from openinfusion.core.administration.transitions import TRANSITIONS, allowed, possible, table

from .chair import Chair, injected, on_demand, stepped

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "transitions.md"
CONTROLS = {command for command in c.COMMANDS if command.CONTROL}


def test_every_status_has_a_row_and_every_control_command_is_possible_somewhere():
    assert set(TRANSITIONS) == set(Status)
    assert set().union(*TRANSITIONS.values()) == CONTROLS


def test_the_page_of_the_table_is_current():
    assert PAGE.read_text(encoding="utf-8") == table(), "run .venv/bin/python scripts/reference.py"


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.STOPPED, Status.NOT_DONE])
def test_nothing_can_be_ordered_after_the_end(status):
    assert TRANSITIONS[status] == frozenset()


def test_records_are_offered_in_every_status():
    chair = Chair(stepped())
    records = {command for command in c.COMMANDS if not command.CONTROL}
    assert records <= set(allowed(chair.state, chair.protocol))


def test_an_injection_has_no_flow_and_a_flow_no_injection():
    needle, drip = Chair(injected()).prepared().checked_in(), Chair(stepped()).prepared().checked_in()
    assert c.GiveInjection in possible(needle.state, needle.protocol)
    assert c.StartInfusion not in possible(needle.state, needle.protocol)
    assert c.StartInfusion in possible(drip.state, drip.protocol)
    assert c.GiveInjection not in possible(drip.state, drip.protocol)


def test_a_bolus_is_offered_only_by_a_programme_on_demand():
    assert c.RequestBolus in possible(Chair(on_demand()).running().state, on_demand())
    assert c.RequestBolus not in possible(Chair(stepped()).running().state, stepped())


def test_after_a_reaction_only_the_restart_after_a_reaction_is_offered():
    chair = Chair(stepped()).running()
    chair.do(c.ReportReaction())
    offered = possible(chair.state, chair.protocol)
    assert c.ResumeAfterReaction in offered
    assert c.Resume not in offered


@pytest.mark.parametrize("command", [command for command in c.COMMANDS if command.CONTROL])
def test_a_control_command_in_a_status_without_it_is_refused_by_name(command):
    chair = Chair(stepped())
    chair.do(c.MarkNotDone("patient did not come"))
    blank = {
        c.AcceptFindings: c.AcceptFindings({}),
        c.WaivePremedication: c.WaivePremedication("fever", "no"),
        c.PrepareContainer: c.PrepareContainer(chair.bag()),
        c.AssociateDevice: c.AssociateDevice("pump-1", "pump"),
        c.StartInfusion: chair.start(),
        c.GiveInjection: c.GiveInjection("C", "thigh", chair.start().rate),
        c.RaiseRate: c.RaiseRate(chair.start().rate),
        c.Resume: c.Resume(chair.start().rate),
        c.ChangeContainer: c.ChangeContainer("C"),
        c.RequestBolus: c.RequestBolus(),
        c.ResumeAfterReaction: c.ResumeAfterReaction(chair.start().rate),
        c.Discharge: c.Discharge(),
    }
    assert chair.refused(blank[command]) == {"command.not-now"}
