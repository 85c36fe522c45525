"""Complications to look up, and drills. A drill lives in the address of its page alone: no patient is read, and nothing is stored."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from openinfusion.app import complications as cx
from openinfusion.app.access import Action
from openinfusion.app.present.complications import call_lines, recognition_lines
from openinfusion.core.errors import NotFound
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import NumberError, Quantity, UnitError
from openinfusion.web.house import ports
from openinfusion.web.people import signed_in
from openinfusion.web.views.stages.complication import shown, titles


@signed_in(Action.READ_PROTOCOL)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Every complication, or those of a route or with some words: what it is, how it is recognised, the first step, whom to call."""
    house = ports()
    asked, route = request.GET.get("q", "").strip(), request.GET.get("route", "")
    found = cx.entries(house.library.reference, house.site.language)
    rows = [_row(entry) for entry in sorted(found, key=lambda one: one.title) if _is_of(entry, route) and _has(entry, asked)]
    return render(request, "web/complications.html", {"rows": rows, "asked": asked, "route": route, "routes": tuple(Route)})


def _row(entry: cx.Entry) -> tuple[cx.Entry, tuple[str, ...], tuple[str, ...]]:
    row = entry.complication
    return entry, recognition_lines(row, entry.wording, gettext), call_lines(row, entry.wording, gettext)


def _is_of(entry: cx.Entry, route: str) -> bool:
    return route not in set(Route) or Route(route) in entry.complication.routes


def _has(entry: cx.Entry, asked: str) -> bool:
    """Whether every word stands in the title, the code, or what is asked about."""
    text = " ".join((entry.title, entry.code, *entry.complication.asks)).replace("_", " ").lower()
    return all(word in text for word in asked.lower().split())


@signed_in(Action.READ_PROTOCOL)
@require_GET
def drill(request: HttpRequest, complication: str) -> HttpResponseBase:
    """A script to practise with, for a made-up body. A tick leads to the same page with one more tick in its address."""
    house = ports()
    now, found = house.clock.now(), cx.entries(house.library.reference, house.site.language)
    try:
        entry = cx.entry_of(found, complication)
    except NotFound:
        raise Http404 from None
    ticks = dict(_ticks(request.GET.getlist("tick"), now))
    opened_at = _moment(request.GET.get("opened", ""), now)
    if opened_at is None or request.GET.get("do"):
        done = {**ticks, **dict.fromkeys(request.GET.getlist("do"), now)}
        return HttpResponseRedirect(f"{request.path}?{urlencode(_address(request, opened_at or now, done.items()))}")
    body = _amount(request.GET.get("weight", ""), "kg"), _amount(request.GET.get("age", ""), "a")
    led = cx.drill(house, entry, opened_at, ticks, body)
    kept = _address(request, opened_at, ticks.items())
    return render(
        request,
        "web/drill.html",
        {
            "one": shown(led, titles(found)),
            "now": now,
            "kept": kept,
            "body": [pair for pair in kept if pair[0] in _BODY],
            "ticks": [pair for pair in kept if pair[0] not in _BODY],
            "again": reverse("complication-drill", args=[complication]),
        },
    )


_BODY = ("weight", "age")


def _address(request: HttpRequest, opened_at: datetime, ticks: Iterable[tuple[str, datetime]]) -> list[tuple[str, str]]:
    """What the page of a drill keeps: the made-up body, since when it is open, and every tick."""
    body = [(name, request.GET.get(name, "")) for name in _BODY]
    return [*body, ("opened", opened_at.isoformat()), *(("tick", f"{step}@{at.isoformat()}") for step, at in ticks)]


def _ticks(texts: Iterable[str], now: datetime) -> Iterator[tuple[str, datetime]]:
    for text in texts:
        step, _, written = text.partition("@")
        at = _moment(written, now)
        if step and at is not None:
            yield step, at


_LASTS = timedelta(days=1)
"""How long the page of a drill stays one drill; an older address begins anew."""


def _moment(text: str, now: datetime) -> datetime | None:
    """A moment of this drill; what is none, or lies ahead or long ago, is left out."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and now - _LASTS <= at <= now else None


def _amount(text: str, symbol: str) -> Quantity | None:
    """A number of the form; what cannot be read is unknown."""
    try:
        return Quantity(text.strip(), symbol)
    except (NumberError, UnitError):
        return None
