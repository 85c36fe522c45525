"""What every page knows without asking its view: who is signed in, whether this is a demo store, and the menu of that person."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from openinfusion.app.access import Action, Role, may
from openinfusion.core.administration.parts import Actor
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the menu."""

    text: str
    url: str
    is_here: bool


_MENU: tuple[tuple[str, object, Action | Role], ...] = (
    ("decisions", _("My decisions"), Role.PRESCRIBER),
    ("pharmacy", _("Pharmacy"), Role.PHARMACIST),
    ("board", _("Floor board"), Action.READ_CHART),
    ("patients", _("Patients"), Action.READ_CHART),
    ("protocols", _("Protocols"), Action.READ_PROTOCOL),
    ("calculators", _("Calculators"), Action.CALCULATE),
    ("complications", _("Complications"), Action.READ_PROTOCOL),
    ("kinetics", _("Kinetics"), Action.READ_PROTOCOL),
    ("users", _("Users"), Action.MANAGE_USERS),
)


def clinic(request: HttpRequest) -> dict[str, object]:
    """`actor`, `roles`, `is_demo_store` and `menu` for the templates."""
    actor = actor_of(request) if hasattr(request, "user") else Actor("", frozenset())
    return {"actor": actor, "roles": sorted(actor.roles), "is_demo_store": ports().site.is_demo, "menu": menu(actor, request.path)}


def menu(actor: Actor, path: str) -> tuple[MenuEntry, ...]:
    """The pages that this person may open, in the order of the menu."""
    entries = []
    for name, text, needs in _MENU:
        allowed = needs.value in actor.roles if isinstance(needs, Role) else may(actor, needs)
        url = _reversed(name) if allowed else ""
        if url:
            entries.append(MenuEntry(str(text), url, path.startswith(url)))
    return tuple(entries)


def _reversed(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
