"""What each stage of a session page shows: one function for each, from the session at its chair to the values of its template."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

from openinfusion.core.administration.checklist import Stage
from openinfusion.web.chairside import Chairside, Posted
from openinfusion.web.views.stages import after, before, complication, reaction, run

REACTION = "reaction"
Shows = Callable[[Chairside, HttpRequest, Posted], dict[str, Any]]

_STAGES: Mapping[str, Shows] = {
    Stage.CHECK_IN: before.check_in,
    Stage.SCREEN: before.screen,
    Stage.ACCESS: before.access,
    Stage.PREMEDICATE: before.premedicate,
    Stage.VERIFY: before.verify,
    Stage.RUN: run.run,
    Stage.OBSERVE: after.observe,
    Stage.DISCHARGE: after.discharge,
    REACTION: reaction.reaction,
}


def shown_stage(chair: Chairside) -> str:
    """Where a session opens: at the reaction while one is open, else at the stage that has work to do."""
    return REACTION if chair.state.reaction is not None else chair.stage.value


def stage_context(which: str, chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """The values of one stage's template, with those of the panel that all of them carry."""
    led = complication.complications(chair) if which in complication.STAGES else {}
    return {**run.panel(chair), **led, **_STAGES[which](chair, request, posted)}
