"""Who is asking: the actor of a request, the gate in front of each view, and the proof that a person is who they say. The policy stands in
`app.access`; nothing here widens it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from openinfusion import wiring
from openinfusion.app.access import Action, Role, require
from openinfusion.core.administration.commands import Command
from openinfusion.core.administration.parts import Actor
from openinfusion.web.pace import Pace

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]

PACE = Pace()
_ACTOR, _REFUSED = "openinfusion.actor", "openinfusion.refused"


class ProofRefused(Exception):
    """A name and a password that do not belong together; or, with `seconds`, a try that came too soon and was not looked at."""

    def __init__(self, seconds: int = 0) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def words(self, wrong: str) -> str:
        """What to tell: `wrong` when the password was looked at, else how long to wait."""
        wait = _("This was typed wrong several times. Nothing was checked now. Wait %(seconds)s seconds, then type it again.")
        return wait % {"seconds": self.seconds} if self.seconds else wrong


def actor_of(request: HttpRequest) -> Actor:
    """The person who is signed in, with the roles they hold now. Groups that are not roles give nothing."""
    user = request.user
    if not user.is_authenticated:
        return Actor("", frozenset())
    known = request.META.get(_ACTOR)
    if isinstance(known, Actor) and known.id == user.get_username():
        return known
    held = set(user.groups.values_list("name", flat=True))
    actor = request.META[_ACTOR] = Actor(user.get_username(), frozenset(held & {role.value for role in Role if role is not Role.DEVICE}))
    return actor


def signed_in(*actions: Action | type[Command]) -> Callable[[View[Rest]], View[Rest]]:
    """A view for people who are signed in and have every one of these actions; others are asked to sign in, or told who can."""

    def gate(view: View[Rest]) -> View[Rest]:
        @wraps(view)
        def gated(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), "sign-in")
            for action in actions:
                require(actor_of(request), action)
            return view(request, *args, **kwargs)

        return cast("View[Rest]", gated)

    return gate


def place_of(request: HttpRequest) -> str:
    """From where it was asked: the client's address."""
    return str(request.META.get("REMOTE_ADDR", ""))


def prove(request: HttpRequest, name: str, password: str) -> User:
    """The user with this name and this password; raises ProofRefused. Signing in and every signature are the same proof, at one pace."""
    place = place_of(request)
    seconds = PACE.begin(place, name, wiring.CLOCK.now()) if password else 0
    user = authenticate(request, username=name, password=password) if password and not seconds else None
    if user is None:
        request.META[_REFUSED] = name
        raise ProofRefused(seconds)
    PACE.right(place, name)
    return user


def prove_self(request: HttpRequest, password: str) -> None:
    """That the person who is signed in sends this: a signature is a new proof of identity at that moment. Raises ProofRefused."""
    prove(request, request.user.get_username(), password)


def signature(request: HttpRequest, name: str, password: str) -> Actor:
    """The person with this name who proves at this moment to be there, with their roles; raises ProofRefused."""
    user = prove(request, name, password)
    return Actor(user.get_username(), frozenset(role.value for role in wiring.users().roles_of(user.get_username())))


def refused_name(request: HttpRequest) -> str | None:
    """The name for which a proof was refused in this request; None when none was."""
    return request.META.get(_REFUSED)
