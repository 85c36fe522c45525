"""From a posted HTML form to a command of a session, by the command's own type hints. Only the shape is judged; nothing is guessed.

Names in the form are the fields of the command, with dots for what stands inside: `rate` with `rate.unit`, `container.lot`,
`reasons.<key>`, `readings.<code>` with `readings.<code>.unit`. A tick or radio says `yes` or `no`; an empty field is left out.
"""

import dataclasses
import types
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Union, get_args, get_origin, get_type_hints

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from openinfusion.app.commands import BY_NAME, envelope, read_command
from openinfusion.app.ports import Envelope, Receipt
from openinfusion.core.administration.commands import Command
from openinfusion.core.administration.parts import Reading
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Malformed
from openinfusion.core.quantity import NumberError, Quantity, UnitError
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of

_NOT_CONTENT = frozenset({"csrfmiddlewaretoken", "command_id", "password", "occurred_at"})


@dataclass(slots=True)
class FormRefused(Exception):
    """The posted fields that cannot be read: name of the field to what to write there."""

    problems: dict[str, str] = field(default_factory=dict)


def command_of(name: str, post: QueryDict) -> Command:
    """The command of this name from a form; raises FormRefused with every field that cannot be read, Malformed for an unknown name."""
    cls = BY_NAME.get(name)
    if cls is None:
        raise Malformed("command", f"{name!r} is no command")
    reading = _Reading(post)
    body = reading.record(cls, "")
    if reading.problems:
        raise FormRefused(reading.problems)
    return read_command({"type": name, **body})


def text_in(post: QueryDict, name: str) -> str:
    """The text of a posted field without blanks around it; empty when it was not posted."""
    values = post.getlist(name)
    return values[-1].strip() if values else ""


def reasons_in(post: QueryDict) -> dict[str, str]:
    """The reasons that were written, by the key of their finding; they are posted as `reason.<key>`."""
    found = {key.removeprefix("reason."): text_in(post, key) for key in post if key.startswith("reason.")}
    return {key: text for key, text in found.items() if text}


def command_id_of(request: HttpRequest) -> uuid.UUID:
    """The id that the page gave this form when it was shown; raises Malformed when it is missing or not a UUID."""
    try:
        return uuid.UUID(request.POST.get("command_id", ""))
    except ValueError:
        raise Malformed("command_id", "it is missing", "a UUID; load the page again") from None


def envelope_of(request: HttpRequest, occurred_at: datetime | None = None) -> Envelope:
    """The envelope of a posted form: its id, the digest of what was posted where, who posted it, and when it happened (empty: now)."""
    posted = {name: list(request.POST.getlist(name)) for name in sorted(request.POST) if name not in _NOT_CONTENT}
    body: dict[str, Json] = {"at": request.path, "form": {name: list[Json](values) for name, values in posted.items()}}
    when = occurred_at or moment_of(request.POST.get("occurred_at", "")) or ports().clock.now()
    return envelope(command_id_of(request), body, actor_of(request).id, when, timezone.get_current_timezone_name())


def moment_of(text: str) -> datetime | None:
    """A moment as a browser writes it, in the site's zone; None when it is empty. Raises ValueError."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())


def saved(request: HttpRequest, receipt: Receipt, to: str) -> HttpResponseRedirect:
    """Go on to a page that says when it was saved; an identical second post says that it had been saved already."""
    return saved_at(request, receipt.events[0].recorded_at, to, repeated=receipt.repeated)


def saved_at(request: HttpRequest, recorded_at: datetime, to: str, *, repeated: bool = False) -> HttpResponseRedirect:
    """The same for a use case that gives no receipt."""
    at = timezone.localtime(recorded_at).strftime("%H:%M:%S")
    text = _("This was saved already at %(time)s; nothing was stored twice.") if repeated else _("Saved %(time)s")
    messages.success(request, text % {"time": at})
    return HttpResponseRedirect(to)


class _Reading:
    """One pass over a posted form."""

    def __init__(self, post: QueryDict) -> None:
        self.post = post
        self.problems: dict[str, str] = {}

    def record(self, cls: type, prefix: str) -> dict[str, Json]:
        """The fields of a dataclass that were posted."""
        hints = get_type_hints(cls)
        body: dict[str, Json] = {}
        for item in dataclasses.fields(cls):
            name = prefix + item.name
            if self._is_posted(hints[item.name], name):
                body[item.name] = self._value(hints[item.name], name)
            elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
                if types.NoneType in get_args(hints[item.name]):
                    body[item.name] = None
                else:
                    self.problems[name] = _("This is empty. Fill it in.")
        return body

    def _is_posted(self, hint: object, name: str) -> bool:
        if hint is str or get_origin(hint) is tuple or self._is_mapping(hint):
            return True
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            return any(key.startswith(f"{name}.") for key in self.post)
        return bool(text_in(self.post, name))

    @staticmethod
    def _is_mapping(hint: object) -> bool:
        origin = get_origin(hint)
        return isinstance(origin, type) and issubclass(origin, Mapping)

    def _value(self, hint: object, name: str) -> Json:
        origin = get_origin(hint)
        if origin in (Union, types.UnionType):
            return self._value(next(one for one in get_args(hint) if one is not types.NoneType), name)
        if origin is tuple:
            return self._list(get_args(hint)[0], name)
        if self._is_mapping(hint):
            return {key: text_in(self.post, f"{name}.{key}") for key in self._keys(name) if text_in(self.post, f"{name}.{key}")}
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            return self.record(hint, f"{name}.")
        return self._plain(hint, name, text_in(self.post, name))

    def _keys(self, name: str) -> Sequence[str]:
        return [key.removeprefix(f"{name}.") for key in self.post if key.startswith(f"{name}.")]

    def _list(self, item: object, name: str) -> Json:
        if item is Reading:
            codes = [key for key in self._keys(name) if not key.endswith((".unit", ".scale"))]
            return [self._observed(name, code) for code in codes if text_in(self.post, f"{name}.{code}")]
        return [text.strip() for text in self.post.getlist(name) if text.strip()]

    def _observed(self, name: str, code: str) -> Json:
        at = f"{name}.{code}"
        scale = self.post.get(f"{at}.scale", "")
        if f"{at}.unit" in self.post:
            measured = self._quantity(at, text_in(self.post, at))
            return {"code": code, "value": {"type": "Quantity", **measured}, "scale": scale}
        return {"code": code, "value": text_in(self.post, at), "scale": scale}

    def _plain(self, hint: object, name: str, text: str) -> Json:
        if hint is Quantity:
            return dict(self._quantity(name, text))
        if hint is bool:
            return self._truth(name, text)
        if hint is int:
            return self._whole(name, text)
        if hint is date:
            return self._day(name, text)
        if hint is datetime:
            return self._moment(name, text)
        if isinstance(hint, type) and issubclass(hint, StrEnum) and text not in set(hint):
            self.problems[name] = _("Choose one of the answers.")
        return text

    def _quantity(self, name: str, text: str) -> dict[str, Json]:
        try:
            return dict(Quantity(text, self.post.get(f"{name}.unit", "")).to_json())
        except NumberError:
            wrong = _("“%(typed)s” cannot be read as one number. Write digits and a point, without comma, blank or unit: 71.5")
            self.problems[name] = wrong % {"typed": text}
        except UnitError:
            self.problems[name] = _("The unit is missing or not known. Load the page again.")
        return {}

    def _truth(self, name: str, text: str) -> Json:
        if text not in ("yes", "no"):
            self.problems[name] = _("Choose one of the answers.")
        return text == "yes"

    def _whole(self, name: str, text: str) -> Json:
        if not text.isdecimal():
            self.problems[name] = _("“%(typed)s” is not a whole number. Write digits only.") % {"typed": text}
            return 0
        return int(text)

    def _day(self, name: str, text: str) -> Json:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            self.problems[name] = _("This is not a date we can read without guessing. Write year-month-day: 1980-05-31.")
            return text

    def _moment(self, name: str, text: str) -> Json:
        try:
            moment = moment_of(text)
        except ValueError:
            self.problems[name] = _("This is not a date and time. Write it like 2026-05-31 14:05.")
            return text
        return moment.isoformat() if moment else text
