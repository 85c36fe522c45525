"""Who is asking: the actor of a request, and the gate in front of each view. The policy stands in `app.access`; nothing here widens it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase

from openinfusion.app.access import Action, Role, require
from openinfusion.core.administration.commands import Command
from openinfusion.core.administration.parts import Actor

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """The person who is signed in, with the roles they hold now. Groups that are not roles give nothing."""
    user = request.user
    if not user.is_authenticated:
        return Actor("", frozenset())
    held = set(user.groups.values_list("name", flat=True))
    return Actor(user.get_username(), frozenset(held & {role.value for role in Role if role is not Role.DEVICE}))


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


def is_own_password(user: AbstractBaseUser | AnonymousUser, password: str) -> bool:
    """Whether this is the password of the person who signs: a signature is a new proof of identity at that moment."""
    return bool(password) and isinstance(user, AbstractBaseUser) and user.check_password(password)
