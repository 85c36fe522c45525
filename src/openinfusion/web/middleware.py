"""Headers that hold for every answer, and the page for an expected failure. No stack trace, no patient data in a header, no log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from openinfusion.core.errors import OpenInfusionError
from openinfusion.web.problems import problem_page

CONTENT_SECURITY_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


class ClinicMiddleware:
    """Adds the content security policy and forbids caches to keep a page; turns an OpenInfusionError into its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the view, with the headers."""
        answer = self.get_response(request)
        answer.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of an expected failure; anything else stays an error of the server."""
        return problem_page(request, exception) if isinstance(exception, OpenInfusionError) else None
