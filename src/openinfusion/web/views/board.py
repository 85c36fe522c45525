"""The floor board: a card for each open session, HIGH alarm first, then by what is due next. Shows; every state and clock is the core's.

A card is worked out once for each change of its session and kept, so that a hundred of them cost a look at one list.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from openinfusion import wiring
from openinfusion.app import monitoring
from openinfusion.app.access import Action
from openinfusion.app.handover import carer_of
from openinfusion.app.ports import Document, Identity, Ports
from openinfusion.app.present import StateWords, Words
from openinfusion.app.screens import silent
from openinfusion.core.administration.checklist import observed_until
from openinfusion.core.administration.ladder import next_change, next_rung, progress
from openinfusion.core.administration.parts import Confirmation, Flow, OpenMatter, Status
from openinfusion.core.administration.session import Alarm, SessionState
from openinfusion.core.errors import NotFound, OpenInfusionError
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.monitoring.sound import Sound, sound
from openinfusion.core.prescribing.order import RateStep
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Priority
from openinfusion.protocols.load import LoadedProtocol
from openinfusion.web.chairside import alarms_of, confirm_within, lasting, owed_once, sound_test_every, terms_of, words_of
from openinfusion.web.folding import state_at
from openinfusion.web.house import ports
from openinfusion.web.people import signed_in

_MOST = 1000
_SOON = timedelta(minutes=10)
_FRESH = timedelta(minutes=5)
_DRIFTS = timedelta(minutes=1)
"""How long a card stands when nothing happens and nothing becomes due; shorter while a step waits, because the end it estimates moves."""

_KEPT = 4000
INCHES = ("32", "43", "55", "65", "75", "86")
"""The diagonals of wall displays for which the type is as large as 4 m ask."""

USUAL_INCH = "55"


@dataclass(frozen=True, slots=True)
class Card:
    """One session on the board. `place` is its order: alarms first, then by the next thing that is due; `html` is its drawing."""

    session: str
    seq: int
    place: tuple[int, str]
    state: SessionState
    next_at: datetime | None
    html: SafeString
    stands_until: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A card that was drawn, after which event of its session, and whose name stands on it."""

    card: Card
    seq: int
    identity: Identity | None


@dataclass(frozen=True, slots=True)
class Look:
    """For whom, in which language and when a card is shown."""

    is_wall: bool
    language: str | None
    now: datetime


_cards: OrderedDict[tuple[str, bool, str | None], Kept] = OrderedDict()
_drawing = tuple(threading.Lock() for _ in range(64))


@dataclass(frozen=True, slots=True)
class Sums:
    """The line over the board."""

    running: int
    due_soon: int
    without_stop: int
    alarms: int


@signed_in(Action.READ_CHART)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """All open sessions; with `?wall` in large type and without full names."""
    house, is_wall = ports(), "wall" in request.GET
    found = cards(house, is_wall=is_wall)
    at_work = [card for card in found if card.state.status is not Status.PLANNED]
    expected = [card for card in found if card.state.status is Status.PLANNED]
    now = house.clock.now()
    shown = {
        "cards": _joined(at_work),
        "expected": _joined(expected),
        "sums": sums(at_work, now),
        "held": 0 if is_wall else wiring.quarantine(house.clock).count(),
        "is_wall": is_wall,
        "inch": _inch(request.GET.get("inch", "")) if is_wall else "",
        "inches": INCHES,
        "silent": silent(house),
        "now": now,
        "sound_test_every": sound_test_every(house),
    }
    return render(request, "web/board.html", shown)


def _inch(text: str) -> str:
    return text if text in INCHES else USUAL_INCH


def _joined(found: Iterable[Card]) -> SafeString:
    """The drawings of cards, one after the other, in one piece for the page."""
    return mark_safe("".join(card.html for card in found))  # noqa: S308 - each was made by a template of this package


def cards(house: Ports, *, is_wall: bool) -> list[Card]:
    """The cards of all open sessions in their order."""
    rows = house.models.listed("sessions", "open/", _MOST)
    names = house.identities.many([str(row.content["patient"]) for row in rows])
    found = _cards_of(house, rows, names, is_wall=is_wall)
    return sorted(found, key=lambda card: card.place)


def cards_of(house: Ports, sessions: Sequence[str], *, is_wall: bool) -> list[Card]:
    """The cards of these sessions as they stand; those that are closed or not known have none."""
    rows = [row for row in house.models.many("sessions", sessions).values() if row.content.get("open")]
    names = house.identities.many([str(row.content["patient"]) for row in rows])
    return _cards_of(house, rows, names, is_wall=is_wall)


def sums(found: Iterable[Card], now: datetime) -> Sums:
    """How many run, how many have something due soon, how many flows have no confirmed end, how many alarms nobody has seen."""
    held = list(found)
    unseen = [one for card in held for one in lasting(card.state) if one.acknowledged_at is None]
    return Sums(
        running=sum(card.state.flow is Flow.RUNNING for card in held),
        due_soon=sum(card.next_at is not None and card.next_at - now <= _SOON for card in held),
        without_stop=sum(card.state.flow is Flow.STOPPED and card.state.stop_confirmed_at is None for card in held),
        alarms=len(unseen),
    )


def _cards_of(house: Ports, rows: Iterable[Document], names: Mapping[str, Identity], *, is_wall: bool) -> list[Card]:
    now, language = house.clock.now(), get_language()
    return [_card(house, row, names.get(str(row.content["patient"])), Look(is_wall, language, now)) for row in rows]


def _card(house: Ports, row: Document, identity: Identity | None, look: Look) -> Card:
    """The card as it was drawn before while it stands. Whoever needs one that is being drawn waits for it: two would take twice as long."""
    held = _kept(row, identity, look)
    if held is not None:
        return held
    with _drawing[hash(row.key) % len(_drawing)]:
        held = _kept(row, identity, look)
        if held is not None:
            return held
        try:
            held = _drawn(house, row, identity, is_wall=look.is_wall, now=look.now)
        except (OpenInfusionError, ValueError):
            return _unreadable(row, identity, is_wall=look.is_wall)
        _keep(row, look, Kept(held, _seq(row), identity))
    return held


def _kept(row: Document, identity: Identity | None, look: Look) -> Card | None:
    kept = _cards.get((row.key, look.is_wall, look.language))
    if kept is None or kept.seq != _seq(row) or kept.identity != identity or kept.card.stands_until <= look.now:
        return None
    return kept.card


def _seq(row: Document) -> int:
    return int(str(row.content["seq"]))


def _keep(row: Document, look: Look, kept: Kept) -> None:
    _cards[row.key, look.is_wall, look.language] = kept
    while len(_cards) > _KEPT:
        _cards.popitem(last=False)


def _unreadable(row: Document, identity: Identity | None, *, is_wall: bool) -> Card:
    """A session that cannot be read hides no other: its card stands first and says so."""
    context = {"session": row.key, "identity": identity, "short_name": _short(identity), "is_wall": is_wall}
    html = mark_safe(render_to_string("web/board/unreadable.html", context))  # noqa: S308 - made by a template of this package
    return Card(row.key, _seq(row), (0, ""), SessionState(status=Status.ARRIVED), None, html, datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card says."""

    words: StateWords
    alarms: tuple[tuple[Alarm, Words], ...]
    owed: tuple[Due, ...]
    rung: RateStep | None
    change_at: datetime | None
    ends_at: datetime | None
    observe_until: datetime | None
    rate: Quantity | None
    look: str
    confirm_within: timedelta
    sound: Sound


def _drawn(house: Ports, row: Document, identity: Identity | None, *, is_wall: bool, now: datetime) -> Card:
    state = state_at(house, row.key, _seq(row))
    if state.plan is None:
        raise NotFound("session", row.key)
    loaded = house.library.of_hash(state.plan.content_hash)
    shown = _shown(house, state, loaded, now)
    next_at = min((at for at in _dues(shown) if at is not None), default=None)
    context = {
        "session": row.key,
        "state": state,
        "plan": state.plan,
        "protocol": loaded.protocol,
        "shown": shown,
        "identity": identity,
        "short_name": _short(identity),
        "terms": terms_of(house, loaded),
        "carer": carer_of(state),
        "is_wall": is_wall,
        "now": now,
        "next_at": next_at,
        "place": _place(state, next_at),
    }
    # The template escapes every value it shows.
    template = "web/board/wall_card.html" if is_wall else "web/board/card.html"
    html = mark_safe(render_to_string(template, context))  # noqa: S308 - made by a template of this package
    return Card(row.key, state.seq, _place(state, next_at), state, next_at, html, _stands_until(state, shown, now))


def _stands_until(state: SessionState, shown: Shown, now: datetime) -> datetime:
    """When the words of a card change although nothing happens: something comes due, or nobody confirmed an order in time."""
    unconfirmed = state.ordered_at + shown.confirm_within if state.ordered_at is not None else None
    waits = shown.change_at is not None and shown.change_at <= now
    moments = (now + (_DRIFTS if waits else _FRESH), unconfirmed, shown.sound.paused_until, *_dues(shown))
    return min(at for at in moments if at is not None and at > now)


def _shown(house: Ports, state: SessionState, loaded: LoadedProtocol, now: datetime) -> Shown:
    protocol: Protocol = loaded.protocol
    watched = state.status not in (Status.PLANNED, Status.COMPLETED, Status.STOPPED, Status.NOT_DONE)
    until = observed_until(state, protocol)
    return Shown(
        words=words_of(house, state, now),
        alarms=alarms_of(house, state, loaded),
        owed=owed_once(monitoring.owed(house, state)) if watched else (),
        rung=next_rung(state),
        change_at=next_change(state, now),
        ends_at=progress(state, now).ends_at,
        observe_until=until if state.status is Status.OBSERVING else None,
        rate=state.rate or state.held_rate,
        look=_look(state),
        confirm_within=confirm_within(house),
        sound=sound(state, now),
    )


def _look(state: SessionState) -> str:
    """The look of a card; its words say the same."""
    if OpenMatter.REACTION in state.open:
        return "reaction"
    if state.delivery is not Confirmation.CONFIRMED:
        return "unconfirmed"
    return state.flow.value if state.flow is not Flow.NONE else state.status.value


def _dues(shown: Shown) -> tuple[datetime | None, ...]:
    return (shown.change_at, shown.observe_until, shown.ends_at, *(one.at for one in shown.owed))


_PRIORITIES = [priority.value for priority in Priority]


def _place(state: SessionState, next_at: datetime | None) -> tuple[int, str]:
    """HIGH alarm that nobody has seen, HIGH, open reaction, other alarms, all the rest; within these by what is due next."""
    held = lasting(state)
    worst = held[0] if held else None
    if worst is not None and worst.priority == _PRIORITIES[0]:
        rank = 0 if worst.acknowledged_at is None else 1
    elif OpenMatter.REACTION in state.open:
        rank = 2
    elif worst is not None and worst.acknowledged_at is None:
        rank = 3
    else:
        rank = 4
    return rank, "~" if next_at is None else next_at.isoformat()


def _short(identity: Identity | None) -> str:
    """A name for a wall that everybody sees: two letters of each name."""
    return "–" if identity is None else f"{identity.family_name[:2]}. {identity.given_name[:2]}."
