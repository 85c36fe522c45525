"""The complications of a session: a list to choose from, and each script that is open with its ticks, clocks and calls.

Everything here is a record: it is never refused and waits for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from openinfusion.app import complications as cx
from openinfusion.app.judging import verdicts_of
from openinfusion.app.present import script_step_line
from openinfusion.app.present.complications import call_lines, recognition_line, recognition_lines
from openinfusion.core.administration.checklist import Stage
from openinfusion.core.errors import NotFound
from openinfusion.core.monitoring.response import ANAPHYLAXIS, ScriptStep
from openinfusion.web.chairside import Chairside

STAGES = frozenset({Stage.RUN.value, Stage.OBSERVE.value})
"""Where complications are led."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A script that runs, in words: how it is recognised, its steps, and who is called."""

    led: cx.Led
    recognised_by: Sequence[str]
    steps: Sequence[tuple[ScriptStep, str, str]]
    calls: Sequence[tuple[str, str, object]]

    @property
    def is_anaphylaxis(self) -> bool:
        """Whether the reaction panel leads it."""
        return self.led.entry.code == ANAPHYLAXIS


def complications(chair: Chairside) -> dict[str, Any]:
    """What can be chosen, those of this route first, and what is open. Where the tables are not there, the page goes on without them."""
    try:
        found = cx.entries(chair.ports.library.reference, chair.ports.site.language)
    except NotFound:
        return {"cx_likely": (), "cx_others": (), "cx_open": (), "cx_met": ()}
    likely, others = cx.by_route(found, chair.plan.route)
    scripts = [shown(one, titles(found)) for one in cx.opened(chair.ports, chair.state, found)]
    said = verdicts_of(chair.ports, chair.state)
    met = [(entry, recognition_line(one, entry.wording, gettext)) for entry, one in cx.met(chair.state, found, chair.plan.route, said)]
    return {"cx_likely": likely, "cx_others": others, "cx_open": scripts, "cx_met": met}


def titles(found: Sequence[cx.Entry]) -> dict[str, str]:
    """What each complication is called."""
    return {entry.code: entry.title for entry in found}


def shown(led: cx.Led, called: dict[str, str]) -> Shown:
    """A script in words; a step that goes on with another script names it."""
    entry = led.entry
    row, wording = entry.complication, entry.wording
    return Shown(
        led,
        recognition_lines(row, wording, gettext),
        [(step, script_step_line(step, wording, gettext), called.get(step.goes_on_with, "")) for step in led.running.steps],
        [(call, line, at) for (call, at), line in zip(led.calls, call_lines(row, wording, gettext), strict=True)],
    )
