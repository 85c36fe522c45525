"""What happened to a protocol's content: who signed which hash in which role, and that it was retired. Stream `protocol/<hash>`; the
actor signs."""

from dataclasses import dataclass
from typing import ClassVar

from openinfusion.core.event import Event


@dataclass(frozen=True, slots=True)
class ProtocolSigned(Event):
    """A reviewer signed this content, having opened the originals behind its figures."""

    KIND: ClassVar[str] = "protocol-signed"
    content_hash: str
    protocol: str
    protocol_version: str
    role: str


@dataclass(frozen=True, slots=True)
class ProtocolRetired(Event):
    """This content is no longer offered for new orders; running therapies keep it."""

    KIND: ClassVar[str] = "protocol-retired"
    content_hash: str
    protocol: str
    protocol_version: str
    reason: str


EVENTS: tuple[type[Event], ...] = (ProtocolSigned, ProtocolRetired)
