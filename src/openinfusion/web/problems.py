"""The page of an expected failure: what is true, what is safe now, what to do. Words come from the presenter, status from the table."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from openinfusion.app import present
from openinfusion.core.errors import ERROR_TABLE, OpenInfusionError


def problem_page(request: HttpRequest, error: OpenInfusionError) -> HttpResponse:
    """A whole page for a failure that no form can show beside its fields."""
    outcome = ERROR_TABLE[error.code]
    answer = render(request, "web/problem.html", {"words": present.error(error, gettext), "code": error.code.value}, status=outcome.http)
    if outcome.http == 503:
        answer.headers["Retry-After"] = "5"
    return answer
