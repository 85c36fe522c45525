"""Protocols: the list, one to read with every figure and source, the difference between two contents, and signing. Edits nothing."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from openinfusion.app.access import Action, may
from openinfusion.app.library import entry
from openinfusion.app.ports import Ports
from openinfusion.app.protocols import is_usable, sign_protocol, signatures_of, status_of
from openinfusion.core.errors import CommandRefused, Conflict, NotFound
from openinfusion.protocols import review
from openinfusion.protocols.load import LoadedProtocol
from openinfusion.web.forms import SignatureForm
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.posted import envelope_of, saved
from openinfusion.web.rulebook import sections
from openinfusion.web.wording import finding_words, wording_of


class ReviewForm(SignatureForm):
    """A reviewer's signature under one content."""

    safe_now = gettext_lazy("Nothing was signed. The protocol stands where it stood.")


@signed_in(Action.READ_PROTOCOL)
@require_GET
def library(request: HttpRequest) -> HttpResponse:
    """All protocols with their status here, and what was left out because its file does not hold."""
    house = ports()
    rows = [(one.protocol, status_of(house, one), one.content_hash) for one in house.library.entries().values()]
    shown = {"rows": sorted(rows, key=lambda row: (row[0].route.value, row[0].title)), "left_out": house.library.problems}
    return render(request, "web/protocols.html", shown)


@signed_in(Action.READ_PROTOCOL)
@require_GET
def protocol(request: HttpRequest, protocol: str) -> HttpResponse:
    """One protocol as its file stands now."""
    house = ports()
    return _page(request, house, entry(house, protocol))


@signed_in(Action.READ_PROTOCOL)
@require_GET
def version(request: HttpRequest, protocol: str, content_hash: str) -> HttpResponse:
    """One content by its hash, also when the file has changed since."""
    house = ports()
    loaded = house.library.of_hash(content_hash)
    if loaded.protocol.id != protocol:
        raise NotFound("protocol", protocol)
    return _page(request, house, loaded)


@signed_in(Action.READ_PROTOCOL)
@require_GET
def difference(request: HttpRequest, protocol: str, content_hash: str) -> HttpResponse:
    """What changed from an earlier content to the file as it stands now."""
    house = ports()
    new, old = entry(house, protocol), house.library.of_hash(content_hash)
    if old.protocol.id != protocol:
        raise NotFound("protocol", protocol)
    shown = {"old": old, "new": new, "changes": review.difference(old, new)}
    return render(request, "web/protocol_difference.html", shown)


@sensitive_post_parameters("password")
@signed_in(Action.SIGN_PROTOCOL)
@require_POST
def sign(request: HttpRequest, protocol: str, content_hash: str) -> HttpResponseBase:
    """Sign the content that was read; when the file has changed since, nothing is signed."""
    house = ports()
    loaded = entry(house, protocol)
    form = ReviewForm(request.POST, request=request)
    if not form.is_valid():
        return _page(request, house, loaded, form, status=400)
    if loaded.content_hash != content_hash:
        form.add_error(
            None, _("The file of this protocol changed after you opened it. Nothing was signed. Read it as it is now, then sign it.")
        )
        return _page(request, house, loaded, form, status=409)
    try:
        receipt = sign_protocol(house, protocol, envelope_of(request), actor_of(request))
    except CommandRefused as refused:
        form.refusals = [finding_words(finding) for finding in refused.findings]
        return _page(request, house, loaded, form, status=422)
    except Conflict:
        form.add_error(None, _("Somebody signed at this moment. Nothing was signed by you. Read the page again."))
        return _page(request, house, loaded, form, status=409)
    return saved(request, receipt, reverse("protocol", args=[protocol]))


def _page(request: HttpRequest, house: Ports, loaded: LoadedProtocol, form: ReviewForm | None = None, status: int = 200) -> HttpResponse:
    found = loaded.protocol
    wording = wording_of(house, loaded)
    signatures, _seq = signatures_of(house, loaded.content_hash)
    actor, now = actor_of(request), house.library.entries().get(found.id)
    has_signed = any(one.person == actor.id for one in signatures.signed)
    can_sign = may(actor, Action.SIGN_PROTOCOL) and not has_signed and now is not None and now.content_hash == loaded.content_hash
    shown: dict[str, Any] = {
        "protocol": found,
        "loaded": loaded,
        "status": status_of(house, loaded),
        "is_example": not is_usable(house, loaded),
        "is_current": now is not None and now.content_hash == loaded.content_hash,
        "sections": sections(found, wording, house.library.reference.fields),
        "wording": wording,
        "signatures": signatures.signed,
        "weak": review.weak_figures(found),
        "publications": sorted(loaded.publications.items()),
        "others": _others(house, loaded),
        "form": form or (ReviewForm(request=request) if can_sign else None),
    }
    return render(request, "web/protocol.html", shown, status=status)


def _others(house: Ports, loaded: LoadedProtocol) -> list[tuple[str, LoadedProtocol]]:
    """Other contents of the same protocol that somebody signed here."""
    found = []
    for row in house.models.listed("protocol-signatures"):
        if row.key == loaded.content_hash:
            continue
        try:
            other = house.library.of_hash(row.key)
        except NotFound:
            continue
        if other.protocol.id == loaded.protocol.id:
            found.append((row.key, other))
    return found
