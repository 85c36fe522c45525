"""The reaction panel: stop, signs, grade, the protocol's action and ceiling, the emergency path with its one dose and its clocks, resume.

Nothing here waits for a rule except the restart.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from openinfusion.app import monitoring, reactions
from openinfusion.app.present import emergency_dose_line, script_step_line
from openinfusion.app.present import reactions as words
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.rate_gates import resume_after_reaction
from openinfusion.core.errors import NotFound
from openinfusion.core.finding import Finding
from openinfusion.core.monitoring.classify import Met
from openinfusion.core.monitoring.observation import was_observed
from openinfusion.core.monitoring.response import EPINEPHRINE
from openinfusion.core.protocol import Moment
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside, Posted
from openinfusion.web.observing import USUAL, observed
from openinfusion.web.views.stages.choices import EXPOSURES, GRADES, RESPONSES, SCALES, SIGNS, TREATMENTS
from openinfusion.web.views.stages.run import vitals


def reaction(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """The last reaction of the session as it stands, with the script that runs."""
    del request
    state = chair.state
    last = state.reactions[-1] if state.reactions else None
    restart = _restart_rate(chair)
    vital = [code for rule in chair.protocol.monitoring if rule.moment in (Moment.BEFORE_INCREASE, Moment.DURING) for code in rule.what]
    return {
        "last": last,
        "rules": chair.protocol.reactions,
        "signs": SIGNS,
        "exposures": EXPOSURES,
        "treatments": TREATMENTS,
        "responses": RESPONSES,
        "grades": GRADES,
        "scales": SCALES,
        "observations": observed(vital or USUAL),
        "vitals": vitals(chair),
        "restart": restart,
        "restart_holds": _restart_holds(chair, restart, posted),
        "fresh": last is not None and last.resolved_at is not None and all(was_observed(state, one, last.resolved_at) for one in vital),
        "needs_second": chair.protocol.double_check.required,
        "may_resume": chair.may(c.ResumeAfterReaction),
        **_emergency(chair),
        **_judged(chair),
    }


def _judged(chair: Chairside) -> dict[str, Any]:
    """The classifiers side by side. Where their tables are not there, the page goes on without them."""
    try:
        found = reactions.judgement(chair.ports, chair.state, chair.protocol, chair.context.reaction_defaults)
    except NotFound:
        found = None
    if found is None:
        return {"judged": None}
    rules, terms = chair.wording, chair.terms
    standards = [
        (words.standard(name), words.met_word(met, gettext), met.value, [words.because(one, rules, terms, gettext) for one in held], held)
        for name, met, held in found.standards
    ]
    graded = [(one, words.graded(one, rules, terms, gettext)) for one in found.grades if one.grade is not None]
    return {"judged": found, "standards": standards, "graded": graded, "is_met": found.met is Met.YES, "is_open": found.met is Met.OPEN}


def _restart_rate(chair: Chairside) -> Quantity | None:
    """The rate of a restart: the ceiling of the protocol's rule, else what ran before."""
    state = chair.state
    last = state.reactions[-1] if state.reactions else None
    if last is None:
        return None
    return last.ceiling if last.ceiling is not None else state.held_rate


_ASKED_WITH_THE_RESTART = frozenset({"reaction.second-missing"})


def _restart_holds(chair: Chairside, restart: Quantity | None, posted: Posted) -> tuple[Finding, ...]:
    if restart is None or not chair.may(c.ResumeAfterReaction):
        return ()
    wanted = c.ResumeAfterReaction(restart, posted.data.get("second", ""))
    found = resume_after_reaction(chair.state, wanted, chair.context)
    return tuple(one for one in found if one.code not in _ASKED_WITH_THE_RESTART)


def _emergency(chair: Chairside) -> dict[str, Any]:
    """The one dose and the script. Where the tables are not there, the page still gives the emergency path without them."""
    try:
        dose, script = monitoring.emergency(chair.ports, chair.state)
    except NotFound:
        return {"dose": None, "script": None, "script_steps": ()}
    return {
        "dose": dose,
        "dose_line": emergency_dose_line(dose, gettext),
        "script": script,
        "script_steps": [(step, script_step_line(step, chair.wording, gettext)) for step in script.steps],
        "epinephrine": EPINEPHRINE,
    }
