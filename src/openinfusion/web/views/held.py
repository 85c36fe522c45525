"""What arrived from devices and belongs nowhere yet: shown as it came, until a person says that it was looked at. It charts nothing and
throws nothing away.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openinfusion import wiring
from openinfusion.app.access import Action
from openinfusion.app.ports import Held, Quarantine
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in

_NO_SESSION = "device-without-session"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One text that waits: what is true, what is safe and what to do, and the text as it came."""

    id: int
    received_at: datetime
    sender: str
    words: str
    body: str


@signed_in(Action.READ_CHART)
@require_http_methods(["GET", "HEAD", "POST"])
def held(request: HttpRequest) -> HttpResponseBase:
    """Everything that waits, oldest first; a post says which of it this person has looked at."""
    quarantine = wiring.quarantine(ports().clock)
    if request.method == "POST":
        text = request.POST.get("id", "")
        if not text.isdecimal():
            raise Malformed("id", "it does not say what was looked at", "the number that the page shows")
        return _seen(request, quarantine, int(text))
    return render(request, "web/held.html", {"waiting": tuple(_told(quarantine.waiting()))})


def _seen(request: HttpRequest, quarantine: Quarantine, identity: int) -> HttpResponseBase:
    """Note who looked at it; who looks at it second is told so."""
    try:
        quarantine.settle(identity, actor_of(request).id)
    except NotFound:
        messages.info(request, _("Somebody has looked at it already."))
    else:
        messages.success(request, _("Marked as looked at. The text stays in the store."))
    return redirect("held")


def _told(waiting: Iterable[Held]) -> Iterator[Waiting]:
    for one in waiting:
        if one.why == _NO_SESSION:
            words = _(
                "A message of %(device)s came, and no open session has this device. It is kept and changed nothing. "
                "Look which patient the device serves and join it to that session."
            ) % {"device": _device_of(one.body)}
        else:
            words = _(
                "What came cannot be read (%(why)s). It is kept as it came and changed nothing. "
                "Look at the device or page it came from, chart by hand, and tell who looks after the gateway."
            ) % {"why": one.why}
        yield Waiting(one.id, one.received_at, one.sender, words, one.body)


def _device_of(body: str) -> str:
    """The name the device gave itself."""
    try:
        told = json.loads(body)
    except ValueError:
        return "?"
    return str(told.get("device", "?")) if isinstance(told, dict) else "?"
