"""Run: rate, ladder, volume, vital signs, and every button of a running therapy; and the panel at the head of all stages."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from openinfusion.app.present.calculators import TITLES
from openinfusion.app.scores import fitting, is_of_a_score
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.checklist import observed_until
from openinfusion.core.administration.ladder import changed_at, ladder, next_change, next_rung, progress, steps
from openinfusion.core.administration.parts import Amount, Flow, ScanKind, SegmentKind
from openinfusion.core.administration.rate_gates import last_bolus, raise_rate, request_bolus, resume
from openinfusion.core.administration.records import implausible
from openinfusion.core.administration.session import Seen
from openinfusion.core.administration.volume import AGREEMENT, agree, bounds, delivered, planned_volume
from openinfusion.core.finding import Finding
from openinfusion.core.monitoring.sound import sound
from openinfusion.core.patient import duration
from openinfusion.core.protocol import AlarmLimit, Delivery
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside, Posted, owed_once
from openinfusion.web.charting import charted_now
from openinfusion.web.observing import USUAL, observed, place
from openinfusion.web.placing import places
from openinfusion.web.timeline import timeline
from openinfusion.web.views.stages.choices import sites_of
from openinfusion.web.views.stages.holding import gap_of, injection_holds


@dataclass(frozen=True, slots=True)
class Vital:
    """One value of the strip: the newest with its age, the ones before it, and the limits of the protocol on it."""

    code: str
    seen: Seen
    limits: tuple[AlarmLimit, ...]
    is_old: bool
    is_doubtful: bool


def panel(chair: Chairside) -> dict[str, Any]:
    """What every stage shows of the flow: state words, rate, volume, alarms, what is owed next."""
    state, done = chair.state, progress(chair.state, chair.now)
    given, origin = delivered(state, chair.now)
    share = given.over(done.planned, "1").value if done.planned is not None and done.planned.value > 0 else None
    low, high = bounds(state, chair.now)
    return {
        "words": chair.words,
        "progress": done,
        "given": given,
        "given_from": origin.value,
        "percent": None if share is None else f"{float(min(share, Fraction(1)) * 100):.1f}",
        "bounds": (low, high) if state.amount is Amount.UNCERTAIN else None,
        "pump_says": _pump_against_chart(chair),
        "alarms": chair.alarms,
        "sound": sound(state, chair.now),
        "sound_pause": chair.sound_pause,
        "owed": owed_once(chair.owed),
        "next_at": next_change(state, chair.now),
        "next_rung": next_rung(state),
        "observed_until": observed_until(state, chair.protocol),
        "reaction_open": state.reaction,
    }


def _pump_against_chart(chair: Chairside) -> tuple[Quantity, datetime] | None:
    """The pump's own volume and its time, where it does not bear out what the chart counts: the flow is not confirmed, or the two were
    further apart then than the share of the planned volume within which two readings agree."""
    state = chair.state
    if state.pump is None or state.pump.volume is None or state.pump_at is None or state.settled is not None:
        return None
    counted, _ = delivered(state, state.pump_at)
    planned = planned_volume(state)
    apart = not agree(counted, state.pump.volume, planned.scaled(AGREEMENT) if planned is not None else None)
    return (state.pump.volume, state.pump_at) if apart or not chair.words.confirmed else None


def charts(chair: Chairside) -> dict[str, Any]:
    """The drawing over the clock, the places on the body, and the scores that can be charted."""
    found = charted_now(chair)
    return {"charted": found, "plot": timeline(chair.state, chair.now, found.strips, found.happenings), **places(chair), **offered(chair)}


def offered(chair: Chairside) -> dict[str, Any]:
    """The scores that can be charted for this patient."""
    age, pregnant = chair.context.order.value("age"), chair.context.order.value("pregnant")
    known = age if isinstance(age, Quantity) else None, pregnant if isinstance(pregnant, bool) else None
    found = fitting(chair.plan.route, *known)
    return {"scores": [(one, gettext(TITLES.get(one.calculator, one.calculator))) for one in found]}


def run(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """Everything of a running therapy."""
    del request, posted
    state = chair.state
    following, flows = next_rung(state), state.flow is Flow.RUNNING
    wanted = dict.fromkeys(
        [*(code for one in chair.owed for code in one.codes), *USUAL, *(code for code in state.seen if not is_of_a_score(code))]
    )
    demand = chair.plan.rates.on_demand if chair.plan.rates else None
    return {
        "rungs": ladder(state, chair.now),
        **charts(chair),
        "changed_at": changed_at(state),
        "raise_to": following.rate if following and flows and chair.may(c.RaiseRate) else None,
        "raise_holds": _raise_holds(chair) if following and flows else (),
        "resume_at": state.held_rate if chair.may(c.Resume) else None,
        "resume_holds": _resume_holds(chair),
        "slower": [step.rate for step in steps(state) if state.rate is not None and step.rate < state.rate],
        "vitals": vitals(chair),
        "observations": observed(wanted),
        **_injection(chair),
        "sites": sites_of(chair.protocol, chair.plan.route),
        "containers": [one for one in state.containers.values() if one.code != state.current_container],
        "demand": demand,
        "bolus_from": _bolus_from(chair) if demand else None,
        "bolus_holds": request_bolus(state, chair.context) if demand and chair.may(c.RequestBolus) else (),
        "boluses": [one for one in state.segments if one.kind is SegmentKind.BOLUS],
        "may_run": chair.may(c.Stop),
        "is_resting": state.flow is Flow.PAUSED,
        "is_running": flows,
        "has_flow": state.flow is not Flow.NONE,
        "diary": chair.protocol.home.diary if chair.protocol.home.nurse_present else (),
    }


def _injection(chair: Chairside) -> dict[str, Any]:
    """What is left to inject, from which container, and what holds it back."""
    if chair.protocol.delivery is not Delivery.INJECTION:
        return {"is_injection": False}
    state = chair.state
    container = state.containers.get(state.current_container or state.scanned.get(ScanKind.CONTAINER.value, ""))
    left = progress(state, chair.now).remaining or (container.volume if container else None)
    return {
        "is_injection": chair.may(c.GiveInjection),
        "container": container,
        "volume": left,
        "holding": injection_holds(chair, container),
        "gap": gap_of(chair),
    }


def _raise_holds(chair: Chairside) -> tuple[Finding, ...]:
    following = next_rung(chair.state)
    return raise_rate(chair.state, c.RaiseRate(following.rate), chair.context) if following else ()


def _resume_holds(chair: Chairside) -> tuple[Finding, ...]:
    held = chair.state.held_rate
    if held is None or not chair.may(c.Resume):
        return ()
    return resume(chair.state, c.Resume(held), chair.context)


def _bolus_from(chair: Chairside) -> datetime | None:
    rates = chair.plan.rates
    last = last_bolus(chair.state, chair.context)
    return last + duration(rates.on_demand.lockout) if last and rates and rates.on_demand else None


def vitals(chair: Chairside) -> list[Vital]:
    """The newest value of each observation, those that the protocol watches first, then in the order of the form; older than what is
    owed is old. A whole that its parts have followed (`bp` by `bp.systolic`) is not shown beside them."""
    overdue = {code for one in chair.owed if one.overdue_since is not None for code in one.codes}
    limits = chair.protocol.alarms
    found = []
    for code, seen in chair.state.seen.items():
        if any(other.startswith(f"{code}.") and part.at >= seen.at for other, part in chair.state.seen.items()):
            continue
        ours = tuple(limit for limit in limits if limit.observation == code)
        is_old = code in overdue or code.split(".")[0] in overdue
        found.append(Vital(code, seen, ours, is_old, bool(implausible((seen.reading,), chair.context))))
    return sorted(found, key=lambda one: (not one.limits, place(one.code), one.code))
