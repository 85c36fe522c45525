"""Headers that hold for every answer, the page for an expected failure, and the end of a session that nobody uses any more. No stack trace,
no patient data in a header, no log."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from openinfusion import config, wiring
from openinfusion.app.access import EMERGENCY
from openinfusion.core.errors import OpenInfusionError
from openinfusion.web.asked import command_of_request
from openinfusion.web.house import one_library
from openinfusion.web.problems import problem_page

CONTENT_SECURITY_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


class ClinicMiddleware:
    """Adds the content security policy, forbids caches to keep a page, gives one page one library; makes a page of an OpenInfusionError."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the view, with the headers."""
        with one_library():
            answer = self.get_response(request)
        answer.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of an expected failure; anything else stays an error of the server."""
        return problem_page(request, exception) if isinstance(exception, OpenInfusionError) else None


class IdleMiddleware:
    """Ends a session in which no person asked for anything for the site's time; the view then answers as to anybody.

    What a page asks for by itself keeps no session alive. The board for the wall, which names nobody, stays; an emergency command is taken.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._longest = timedelta(minutes=config.current().idle_minutes)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the view."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """End the session when it was idle too long, else note that it is used, at most once a minute."""
        del view, args, kwargs
        if not request.user.is_authenticated:
            return
        now, last = wiring.CLOCK.now(), _last_used(request)
        if last is not None and now - last >= self._longest:
            if not (_is_wall(request) or command_of_request(request) in EMERGENCY):
                logout(request)
        elif last is None or (now - last >= _NOTED_EVERY and _is_by_a_person(request)):
            request.session[_USED] = now.isoformat()


_USED = "used_at"
_NOTED_EVERY = timedelta(minutes=1)
_BY_SCRIPT = ("session-panel", "session-chart", "live-board", "live-session")


def _last_used(request: HttpRequest) -> datetime | None:
    text = request.session.get(_USED)
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _route(request: HttpRequest) -> str:
    return (request.resolver_match.view_name if request.resolver_match else "") or ""


def _is_wall(request: HttpRequest) -> bool:
    return _route(request) in ("board", "live-board") and "wall" in request.GET


def _is_by_a_person(request: HttpRequest) -> bool:
    """A browser says when a person moved it to a page; where it says nothing, the addresses that only scripts ask for are known."""
    if _route(request) in _BY_SCRIPT or _is_wall(request):
        return False
    return "Sec-Fetch-Mode" not in request.headers or "Sec-Fetch-User" in request.headers
