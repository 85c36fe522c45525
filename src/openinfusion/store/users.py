"""People who sign in: Django users, one group per role, and one-time codes for the first sign-in. Keeps no code and no password in
readable form."""

import secrets
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from openinfusion.app.access import Role
from openinfusion.app.ports import Clock
from openinfusion.core.canonical import sha256
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.store.commit import saving
from openinfusion.store.models import SignInCode

CODE_LIVES = timedelta(hours=72)
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # without those that are read for one another
_GROUPS, _GROUP = 4, 5


class StoredUsers:
    """The users of this store."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def create_user(self, name: str, role: Role) -> str:
        """Make a user who cannot sign in yet, and return the one-time code that lets them.

        Raises Malformed when the name is taken or not usable, and for the role of a device, which reports through a gateway.
        """
        if role is Role.DEVICE:
            raise Malformed("role", "a device does not sign in", "the role of a person; a device reports through a gateway")
        try:
            User.username_validator(name)
            with saving():
                user = User.objects.create_user(name)
                user.groups.add(Group.objects.get_or_create(name=role.value)[0])
                return self._new_code(user)
        except ValidationError as error:
            raise Malformed("name", "a sign-in name has letters, digits and @ . + - _ only", "for example m.silva") from error
        except IntegrityError as error:
            raise Malformed("name", f"{name!r} is already taken", "another sign-in name") from error

    def new_code(self, name: str) -> str:
        """A fresh one-time code for a user whose code was lost or ran out; earlier codes open nothing any more. Raises NotFound."""
        user = User.objects.filter(username=name).first()
        if user is None:
            raise NotFound("user", name)
        with saving():
            return self._new_code(user)

    def redeem(self, code: str, new_password: str) -> str:
        """Use a code once to set a password, and return the sign-in name.

        Raises NotFound when the code is unknown, used or has run out (one answer for all), Malformed when the password is too weak; the
        code then stays usable.
        """
        now = self._clock.now()
        with saving():
            usable = SignInCode.objects.select_for_update().filter(digest=_digest(code), used_at=None, expires_at__gt=now)
            found = usable.select_related("user").first()
            if found is None:
                raise NotFound("one-time code", "")
            try:
                validate_password(new_password, found.user)
            except ValidationError as error:
                raise Malformed("password", " ".join(error.messages), "a longer, less common password") from error
            found.user.set_password(new_password)
            found.user.save(update_fields=["password"])
            found.used_at = now
            found.save(update_fields=["used_at"])
            return str(found.user.username)

    def are_there_any(self) -> bool:
        """Whether this store has a user at all."""
        return User.objects.exists()

    def is_known(self, name: str) -> bool:
        """Whether there is a user with this sign-in name."""
        return User.objects.filter(username=name).exists()

    def roles_of(self, name: str) -> frozenset[Role]:
        """The roles of a user; empty for an unknown or inactive one."""
        groups = Group.objects.filter(user__username=name, user__is_active=True).values_list("name", flat=True)
        return frozenset(Role(group) for group in groups if group in set(Role))

    def _new_code(self, user: User) -> str:
        code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
        SignInCode.objects.filter(user=user, used_at=None).delete()
        SignInCode.objects.create(user=user, digest=_digest(code), expires_at=self._clock.now() + CODE_LIVES)
        return code


def _digest(code: str) -> str:
    # 98 bits of chance: a plain digest cannot be searched
    return sha256("".join(letter for letter in code.upper() if letter.isalnum()))
