"""The page of measured levels of one patient: what was given and measured goes in, a fit and a proposed dose come out. Nothing of it is
stored, ordered or given; a prescriber who wants the dose writes an order and signs it as any other.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openinfusion.app import chart
from openinfusion.app.access import Action, may
from openinfusion.app.ports import Ports
from openinfusion.core.errors import CommandRefused
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.views.levels import written
from openinfusion.web.wording import finding_words

if TYPE_CHECKING:
    from openinfusion.app.kinetic_levels import Entered, Wish
    from openinfusion.core.pharmacokinetics.model import Model

DOSES, LEVELS = range(1, 5), range(1, 6)
_DOSE_PARTS, _LEVEL_PARTS = ("amount", "over", "start", "every", "n"), ("time", "level")
_LONGEST = 60


@signed_in(Action.READ_CHART)
@require_http_methods(["GET", "POST"])
def levels(request: HttpRequest, patient: uuid.UUID) -> HttpResponse:
    """The form of one model, and below it what follows from what was typed."""
    from openinfusion.app import kinetic_levels

    house, actor = ports(), actor_of(request)
    models = kinetic_levels.fittable()
    model = next((one for one in models if one.id == request.GET.get("model")), None)
    may_propose = may(actor, Action.VERIFY_ORDER) or may(actor, Action.SIGN_ORDER)
    shown: dict[str, Any] = {
        "banner": chart.banner(house, str(patient)),
        "patient": patient,
        "models": models,
        "model": model,
        "may_propose": may_propose,
        "may_order": may(actor, Action.SIGN_ORDER),
    }
    if model is None:
        return render(request, "web/kinetics/measured.html", shown)
    entered = _entered(house, str(patient), model, request)
    shown |= {"entered": entered, **_typed(request.POST), "sessions": kinetic_levels.recorded_sessions(house, str(patient), model)}
    status = 200
    if request.method == "POST":
        try:
            made = kinetic_levels.fitted_levels(house, str(patient), entered, _, may_propose=may_propose)
            shown |= {"fit": made, "drawing": _drawing(made.picture), "findings": _words(made.findings), "refused": _words(made.refused)}
        except CommandRefused as refused:
            shown["refusals"], status = _words(refused.findings), 422
    return render(request, "web/kinetics/measured.html", shown, status=status)


def _drawing(picture: Any) -> str:
    from openinfusion.app.present.kinetic_drawing import drawing_of

    return mark_safe(drawing_of(picture, _))  # noqa: S308 - made by the presenter, which escapes every word


def _words(findings: Any) -> list[Any]:
    return [finding_words(one) for one in findings]


def _entered(house: Ports, patient: str, model: "Model", request: HttpRequest) -> "Entered":
    """What was typed, as it is computed with."""
    from openinfusion.app.kinetic_facts import covariates_of
    from openinfusion.app.kinetic_levels import DoseLine, Entered

    post = request.POST
    zero = _moment(_text(post, "zero"))
    doses = [DoseLine(amount, over, _at(start), every, n) for amount, over, start, every, n in _rows(post, "d", DOSES, _DOSE_PARTS)]
    levels = tuple((_at(time), level) for time, level in _rows(post, "l", LEVELS, _LEVEL_PARTS))
    return Entered(
        model=model,
        asked=covariates_of(house, patient, model, written(request)),
        doses=tuple(doses),
        levels=levels,
        lloq=_text(post, "lloq"),
        zero=zero if isinstance(zero, datetime) else None,
        from_record="from_record" in post,
        wish=_wish(post),
    )


def _wish(post: QueryDict) -> "Wish":
    from openinfusion.app.kinetic_levels import Wish

    kind, wanted, low, high, every, over, step = (_text(post, name) for name in ("kind", "wanted", "low", "high", "every", "over", "step"))
    return Wish(kind, wanted, low, high, every, over, step)


def _text(post: QueryDict, name: str) -> str:
    return str(post.get(name, "")).strip()[:_LONGEST]


def _rows(post: QueryDict, letter: str, numbers: range, parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The rows of a kind in which something was typed."""
    rows = [tuple(_text(post, f"{letter}{n}.{part}") for part in parts) for n in numbers]
    return [row for row in rows if any(row)]


def _moment(text: str) -> datetime | None:
    """A moment by the clock of the site, None where it is none."""
    try:
        found = datetime.fromisoformat(text)
        return found if timezone.is_aware(found) else timezone.make_aware(found)
    except (ValueError, OverflowError):
        return None


def _at(text: str) -> str | datetime:
    """A time after the first dose as it stands, or a moment by the clock."""
    return _moment(text) or text


def _typed(post: QueryDict) -> Mapping[str, Any]:
    """The rows of the form with what was typed in them."""
    names = ("lloq", "zero", "kind", "wanted", "low", "high", "every", "over", "step")
    return {
        "dose_rows": [(n, [(part, _text(post, f"d{n}.{part}")) for part in _DOSE_PARTS]) for n in DOSES],
        "level_rows": [(n, [(part, _text(post, f"l{n}.{part}")) for part in _LEVEL_PARTS]) for n in LEVELS],
        "typed": {name: _text(post, name) for name in names},
    }
