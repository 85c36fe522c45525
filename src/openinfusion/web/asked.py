"""What a request asks for: its route, the thing it is about, the command in it. Reads the request only; asks no store."""

import json
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from openinfusion.app.commands import BY_NAME
from openinfusion.core.administration.commands import Command, HandOver, RecordFacts, RecordObservation, Scan

_KINDS = (("patient", "patient"), ("course", "order"), ("session", "session"), ("device", "device"))
_FIXED = {"session-scan": Scan, "facts": RecordFacts, "hand-over": HandOver, "session-score": RecordObservation}


@dataclass(frozen=True, slots=True)
class Asked:
    """The route by its name, and the kind and id of what it is about; both empty for an address that nobody serves."""

    route: str
    kind: str
    id: str


def asked(request: HttpRequest) -> Asked:
    """The route and the resource of a request whose address has been looked up."""
    match = request.resolver_match
    if match is None:
        return Asked("", "", "")
    route = match.view_name or ""
    for name, kind in _KINDS:
        if name in match.kwargs:
            return Asked(route, kind, str(match.kwargs[name]))
    return Asked(route, route, "")


def command_of_request(request: HttpRequest) -> type[Command] | None:
    """The kind of command that is given by this request; None when it gives none, or one that cannot be read."""
    match = request.resolver_match
    if match is None or request.method != "POST":
        return None
    if match.view_name == "session-act":
        return BY_NAME.get(str(match.kwargs["command"]))
    if match.view_name == "api:give_command":
        return _in_body(request)
    return _FIXED.get(match.view_name or "")


def _in_body(request: HttpRequest) -> type[Command] | None:
    try:
        body = json.loads(request.body)
        name = body["command"]["type"]
    except (ValueError, KeyError, TypeError, RecursionError, RequestDataTooBig, UnreadablePostError):
        return None
    return BY_NAME.get(name) if isinstance(name, str) else None
