"""The page of an expected failure: what is true, what is safe now, what to do. Words come from the presenter, status from the table."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openinfusion.core.errors import ERROR_TABLE, OpenInfusionError
from openinfusion.web.wording import error_words


def problem_page(request: HttpRequest, error: OpenInfusionError) -> HttpResponse:
    """A whole page for a failure that no form can show beside its fields."""
    outcome = ERROR_TABLE[error.code]
    answer = render(request, "web/problem.html", {"words": error_words(error), "code": error.code.value}, status=outcome.http)
    if outcome.http == 503:
        answer.headers["Retry-After"] = "5"
    return answer
