"""The patient's leaflet: the questions people ask before a therapy, answered from their own order. What is unknown, the team tells them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from openinfusion.app import present
from openinfusion.app.present import Translate, plain, readable
from openinfusion.core.leaflet import Filled, fill
from openinfusion.core.prescribing.order import Plan, PlannedSession
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.texts import BLOCKS

HEADINGS: Mapping[str, str] = {
    "what_it_is": "What is it?",
    "food_and_medicines": "May I eat, and take my other medicines?",
    "companions": "May somebody come with me?",
    "pain": "Will it hurt?",
    "allergic_reaction": "What if I have an allergic reaction?",
    "sessions": "How many times do I need it?",
    "side_effects_at_home": "What should I watch for at home?",
    "home_training": "Do I need training for home?",
    "measuring": "How do I measure the medicine?",
    "what_to_expect": "What happens on the day?",
    "call_now": "When must I call at once?",
}
"""The heading of each block."""

TOLD_BY_TEAM: Mapping[str, str] = {
    "bolus": "how much one press gives",
    "dose": "your dose",
    "drug": "the name of your medicine",
    "duration": "how long it takes",
    "interval": "the time from one session to the next",
    "lockout": "how long the button rests",
    "observation": "how long we watch you afterwards",
    "premedication": "the medicines that you get before",
    "rate": "the rate to set",
    "sessions": "how many sessions you need",
    "sites": "how many places are used",
    "volume": "how much fluid it is",
}
"""What the team tells a patient where the order does not say it yet."""

_SENTENCE = "Your team will tell you: {what}."
_OPEN_COURSE = frozenset({"course.number-open", "course.phase-not-chosen", "course.no-such-phase"})
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


@dataclass(frozen=True, slots=True)
class Block:
    """One question with its answer. `missing` names the figures that the order does not hold yet."""

    question: str
    heading: str
    paragraphs: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def text(self) -> str:
        """The answer as plain paragraphs."""
        return "\n\n".join(self.paragraphs)


def blocks(protocol: Protocol, plan: Plan | None, language: str = "en", translate: Translate = plain) -> tuple[Block, ...]:
    """The leaflet of a protocol in a language, else in English, filled from a plan; without a plan every figure is left to the team."""
    return _blocks(protocol, values(protocol, plan, translate), language, translate)


def html(protocol: Protocol, plan: Plan | None, language: str = "en", translate: Translate = plain) -> str:
    """The same as HTML that is safe to print: markup of the leaflet's own text only, none from the order."""
    from markdown_it import MarkdownIt

    render = MarkdownIt("commonmark", {"html": False}).disable(["image", "link"]).render
    inert = {name: None if text is None else _MARKUP.sub(r"\\\1", text) for name, text in values(protocol, plan, translate).items()}
    made = _blocks(protocol, inert, language, translate)
    return "".join(f'<section id="{block.question}">\n{render(f"## {block.heading}")}{render(block.text)}</section>\n' for block in made)


def _blocks(protocol: Protocol, filled: Mapping[str, str | None], language: str, translate: Translate) -> tuple[Block, ...]:
    texts = protocol.leaflet.get(language) or protocol.leaflet.get("en", {})
    return tuple(_block(fill(name, texts[name], filled), translate) for name in BLOCKS if name in texts)


def _block(filled: Filled, translate: Translate) -> Block:
    paragraphs = filled.paragraphs
    if filled.missing:
        what = ", ".join(translate(TOLD_BY_TEAM[name]) for name in filled.missing)
        paragraphs = (*paragraphs, translate(_SENTENCE).format(what=what))
    return Block(filled.name, translate(HEADINGS[filled.name]), paragraphs, filled.missing)


def values(protocol: Protocol, plan: Plan | None, translate: Translate = plain) -> Mapping[str, str | None]:
    """The words for every place of a leaflet, None where the order does not say."""
    drug = readable(protocol.drug.generic)
    if plan is None:
        return {**dict.fromkeys(TOLD_BY_TEAM), "drug": drug}
    rates, dose = plan.rates, plan.dose
    demand = rates.on_demand if rates is not None else None
    volume = rates.volume if rates is not None and rates.volume is not None else dose.volume if dose is not None else None
    return {
        "drug": f"{drug} ({plan.choice.product})" if plan.choice.product else drug,
        "dose": _amount(dose.amount if dose is not None else None, translate),
        "volume": _amount(volume, translate),
        "duration": _time(rates.duration if rates is not None else None, translate),
        "rate": _amount(rates.steps[0].rate if rates is not None and rates.steps else None, translate),
        "sites": _amount(Quantity(rates.sites, "{site}") if rates is not None and rates.sites else None, translate),
        "bolus": _amount(demand.bolus if demand is not None else None, translate),
        "lockout": _time(demand.lockout if demand is not None else None, translate),
        "observation": _time(plan.observation, translate),
        "premedication": _premedication(plan, translate),
        "sessions": _sessions(protocol, plan, translate),
        "interval": _interval(plan.course, translate),
    }


def _amount(amount: Quantity | None, translate: Translate) -> str | None:
    return None if amount is None else present.quantity(amount, translate)


def _time(span: Quantity | None, translate: Translate) -> str | None:
    return None if span is None else present.duration_text(span, translate)


def _premedication(plan: Plan, translate: Translate) -> str | None:
    given = [
        " ".join(part for part in (readable(one.drug), _amount(one.dose, translate)) if part is not None) for one in plan.premedication
    ]
    return ", ".join(given) or None


def _sessions(protocol: Protocol, plan: Plan, translate: Translate) -> str | None:
    """How many sessions, where the course has an end; an endless or undecided one has no number."""
    if not plan.course or any(found.code in _OPEN_COURSE for found in plan.findings):
        return None
    last = next((phase for phase in protocol.schedule if phase.id == plan.course[-1].phase), None)
    if last is None or last.kind in ("continuous", "prescribed") or (last.kind == "sessions" and last.sessions is None):
        return None
    return present.quantity(Quantity(len(plan.course), "{session}"), translate)


def _interval(course: tuple[PlannedSession, ...], translate: Translate) -> str | None:
    """The time between sessions; several in a row where it changes."""
    days: list[date] = [one.on for one in course]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    steps = [gap for n, gap in enumerate(gaps) if n == 0 or gap != gaps[n - 1]]
    if not steps:
        return None
    return translate(", then ").join(_days(gap, translate) for gap in steps)


def _days(gap: timedelta, translate: Translate) -> str:
    weeks, left = divmod(gap.days, 7)
    return present.quantity(Quantity(weeks, "wk") if not left else Quantity(gap.days, "d"), translate)
