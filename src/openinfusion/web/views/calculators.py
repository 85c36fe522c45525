"""Calculators: the list to search, and one with its form, its worked arithmetic, its sources. Reads no chart and stores nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openinfusion.app import calculators as registry
from openinfusion.app.access import Action
from openinfusion.app.calculator_examples import EXAMPLES
from openinfusion.app.calculator_pictures import picture_of, words_of
from openinfusion.app.present.calculation import shown_text
from openinfusion.app.present.calculators import TITLES
from openinfusion.app.present.calculators.labels import heading, label
from openinfusion.app.present.numbers import number_text
from openinfusion.core.calculation import WISHES, Calculation, Shown
from openinfusion.core.calculator import Approximate, Calculator, TimeOfDay, Word
from openinfusion.core.errors import NotFound
from openinfusion.core.figure import Figure, Source, Tier
from openinfusion.core.finding import Finding
from openinfusion.protocols.evidence import Publication
from openinfusion.web import calculating
from openinfusion.web.house import ports
from openinfusion.web.people import signed_in
from openinfusion.web.wording import amount_text, finding_words, step_text, unit_words


@dataclass(frozen=True, slots=True)
class Line:
    """A calculator in the list."""

    name: str
    title: str
    inputs: str
    results: str


@dataclass(frozen=True, slots=True)
class ResultShown:
    """One result: as it is given, and exactly where that differs."""

    label: str
    text: str
    exact: str = ""
    is_rate: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A document with the places in it."""

    cite: str
    tier: Tier
    places: tuple[str, ...]
    publication: Publication | None

    @property
    def link(self) -> str:
        """The address that a browser can open, empty where there is none."""
        url = self.publication.url if self.publication is not None else ""
        return url if url.startswith(("https://", "http://")) and " " not in url else ""


@signed_in(Action.CALCULATE)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """All calculators by room; with `q` those in whose words all of it stands."""
    asked = request.GET.get("q", "").strip()
    rooms = [(heading(room, _), tuple(line for one in held if _has(line := _line(one), asked))) for room, held in registry.rooms().items()]
    shown = [(title, lines) for title, lines in rooms if lines]
    return render(request, "web/calculators.html", {"rooms": shown, "asked": asked, "count": sum(len(lines) for _title, lines in shown)})


def _line(one: Calculator) -> Line:
    inputs = [label(asked.name, _) for asked in one.inputs]
    results = [label(given.name, _) for given in one.results if not given.name[-1].isdigit()]  # of numbered parts the whole is named
    return Line(one.name, _(TITLES.get(one.name, one.name)), ", ".join(inputs), ", ".join(results))


def _has(line: Line, asked: str) -> bool:
    words = f"{line.name} {line.title} {line.inputs} {line.results}".casefold()
    return all(word in words for word in asked.casefold().split())


@signed_in(Action.CALCULATE)
@require_GET
def calculator(request: HttpRequest, calculator: str) -> HttpResponse:
    """One calculator, worked out as far as its form is filled in."""
    found = registry.calculators().get(calculator)
    if found is None:
        raise NotFound("calculator", calculator)
    sent = {name: value for name, value in request.GET.items() if isinstance(value, str)}
    entered = calculating.entered_of(found, sent)
    has_entry = any(name not in WISHES for name in entered) or (found.never_refuses and bool(sent))
    made = registry.calculation(found.name, entered) if has_entry else None
    shown = {
        "calculator": found,
        "title": _(TITLES.get(found.name, found.name)),
        "groups": calculating.groups(found, sent, made, words_of(found, ports().site.language)),
        "wishes": _wishes(found, sent),
        "example": _example(found),
        "made": made,
        **(worked(made) if made is not None else {}),
        "readings": _readings(_sources(found, made)),
        "tables": _tables(found),
    }
    return render(request, "web/calculator.html", shown)


def _wishes(found: Calculator, sent: Mapping[str, str]) -> dict[str, object]:
    results = [calculating.Option(one.name, label(one.name, _), one.name == sent.get("select")) for one in found.results]
    typed = {name: sent.get(name, "") for name in ("as", "round_to")}
    return {"results": results if len(results) > 1 else [], **typed, "is_open": any(sent.get(name) for name in WISHES)}


def _example(found: Calculator) -> str:
    values = EXAMPLES.get(found.name)
    return f"{reverse('calculator', args=[found.name])}?{urlencode(values)}" if values else ""


def worked(made: Calculation) -> dict[str, object]:
    """The parts of the result panel."""
    needed = [one for one in made.findings if one.code in calculating.STILL_NEEDED]
    others = [one for one in made.findings if one.code not in calculating.STILL_NEEDED]
    primary = next((name for name, shown in made.results.items() if shown is made.primary), "")
    return {
        "primary": _result(primary, made.primary) if made.primary is not None else None,
        "results": [_result(name, shown) for name, shown in made.results.items() if shown is not made.primary],
        "steps": [(step_text(step), step.sources) for step in made.steps],
        "needed": [_need(one) for one in needed],
        "said": [calculating.named(one) for one in others],
        "picture": mark_safe(picture_of(made, ports().site.language, _)),  # noqa: S308 - made by the presenter, which escapes
    }


def _need(found: Finding) -> str:
    if found.code == "calc.missing":
        return str(calculating.named(found).params["name"])
    return finding_words(calculating.named(found)).what_to_do


def _result(name: str, shown: Shown) -> ResultShown:
    if isinstance(shown.amount, TimeOfDay):
        return ResultShown(label(name, _), shown_text(shown, _), shown_text(Shown(shown.amount), _))
    if isinstance(shown.amount, Word):
        return ResultShown(label(name, _), shown_text(shown, _))
    is_about = isinstance(shown.amount, Approximate)
    value = shown.amount.quantity if isinstance(shown.amount, Approximate) else shown.amount
    rounded = shown.rounded.quantity if isinstance(shown.rounded, Approximate) else shown.rounded
    is_rate = ("time", -1) in value.dimensions
    if rounded is None or isinstance(rounded, TimeOfDay | Word) or rounded == value:
        return ResultShown(label(name, _), amount_text(value), is_rate=is_rate)
    behind = _("about %(value)s") if is_about else "%(value)s"
    exact = f"{number_text(value.value)} {unit_words(value.unit)}".strip()
    return ResultShown(label(name, _), amount_text(rounded), behind % {"value": exact}, is_rate)


def _sources(found: Calculator, made: Calculation | None) -> Iterator[Source]:
    yield from found.sources
    if made is not None:
        yield from (source for step in made.steps for source in step.sources)
        yield from (source for one in made.findings for source in one.sources)


def _readings(sources: Iterable[Source]) -> tuple[Reading, ...]:
    documents, places = ports().library.reference.publications, dict[tuple[str, Tier], dict[str, None]]()
    for one in sources:
        places.setdefault((one.cite, one.tier), {})[one.at] = None
    return tuple(Reading(cite, tier, tuple(at), documents.get(cite)) for (cite, tier), at in places.items())


def _tables(found: Calculator) -> list[tuple[str, list[tuple[str, Figure]]]]:
    return [(name, list(registry.figures_of(name).items())) for name in found.tables]
