"""What arrives from outside: gateways by their tokens, and the quarantine of what cannot be read or belongs nowhere yet.

Keeps no token in readable form, and never throws raw text away. Implements the ports Gateways and Quarantine.
"""

import secrets

from django.db import IntegrityError, transaction

from openinfusion.app.ports import Clock, Held
from openinfusion.core.canonical import canonical, sha256
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.store.commit import fetch, saving
from openinfusion.store.models import GatewayRow, QuarantineRow


class StoredQuarantine:
    """The table of raw texts that wait for a person."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def keep(self, sender: str, address: str, why: str, body: str) -> int:
        """Keep a text and return its id after COMMIT; the same text of the same sender is kept once. Raises NotSaved."""
        digest = sha256(canonical([sender, address, body]))
        kept = {"received_at": self._clock.now(), "sender": sender, "address": address, "why": why, "body": body}
        with saving():
            row, _ = QuarantineRow.objects.get_or_create(digest=digest, defaults=kept)
        return row.pk

    def waiting(self, limit: int = 100) -> tuple[Held, ...]:
        """What nobody has looked at yet, oldest first."""
        rows = QuarantineRow.objects.filter(settled_at=None).order_by("received_at", "id")[:limit]
        return tuple(Held(row.pk, row.received_at, row.sender, row.address, row.why, row.body) for row in rows)

    def count(self) -> int:
        """How many of them there are; their texts are not read."""
        return int(fetch("SELECT count(*) FROM quarantine WHERE settled_at IS NULL", ())[0][0])

    def settle(self, identity: int, by: str) -> None:
        """A person has looked at it; the text stays. Raises NotFound, NotSaved."""
        with saving():
            found = QuarantineRow.objects.filter(pk=identity, settled_at=None).update(settled_at=self._clock.now(), settled_by=by)
        if not found:
            raise NotFound("quarantine", str(identity))


class StoredGateways:
    """The gateways of this store."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def create(self, name: str) -> str:
        """Make a gateway and return its token, which nobody can read again; raises Malformed when the name is taken or empty."""
        if not name.strip():
            raise Malformed("name", "it is empty", "a name for the gateway, such as ward-3")
        token = secrets.token_urlsafe(32)
        try:
            with saving(), transaction.atomic():
                GatewayRow.objects.create(name=name, digest=sha256(token), made_at=self._clock.now())
        except IntegrityError as error:
            raise Malformed("name", f"{name!r} is already taken", "another name") from error
        return token

    def revoke(self, name: str) -> None:
        """The token opens nothing any more; raises NotFound."""
        with saving():
            found = GatewayRow.objects.filter(name=name, revoked_at=None).update(revoked_at=self._clock.now())
        if not found:
            raise NotFound("gateway", name)

    def name_of(self, token: str) -> str | None:
        """The gateway with this token, None for a token that opens nothing."""
        found = GatewayRow.objects.filter(digest=sha256(token), revoked_at=None).values_list("name", flat=True).first()
        return None if found is None else str(found)
