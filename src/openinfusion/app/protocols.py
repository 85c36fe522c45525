"""Review of protocols: their status from signatures, signing and retiring. Whether a figure is good enough is the protocols' own matter."""

from openinfusion.app.access import Action, require
from openinfusion.app.library import entry
from openinfusion.app.ports import Envelope, Ports, Receipt
from openinfusion.core.administration.parts import Actor
from openinfusion.core.protocol import Legal
from openinfusion.protocols import review
from openinfusion.protocols.load import LoadedProtocol
from openinfusion.protocols.review import Signatures, Status


def signatures_of(ports: Ports, content_hash: str) -> tuple[Signatures, int]:
    """The signatures of one content, with the seq up to which they were read."""
    recorded = ports.log.read(f"protocol/{content_hash}")
    return Signatures.of((one.actor, one.event) for one in recorded), recorded[-1].seq if recorded else 0


def status_of(ports: Ports, loaded: LoadedProtocol) -> Status:
    """Where a protocol stands in this store."""
    signatures, _ = signatures_of(ports, loaded.content_hash)
    return review.status(loaded.content_hash, signatures, loaded.protocol)


def is_usable(ports: Ports, loaded: LoadedProtocol) -> bool:
    """Whether it may be ordered and started here: active, or an example in a demo store; never when it was retired or withdrawn."""
    if loaded.protocol.legal is Legal.WITHDRAWN:
        return False
    status = status_of(ports, loaded)
    return status is Status.ACTIVE or (ports.site.is_demo and status is not Status.RETIRED)


def sign_protocol(ports: Ports, protocol_id: str, envelope: Envelope, actor: Actor) -> Receipt:
    """Sign the content as it stands now in the reviewer's role; raises CommandRefused with every reason why not."""
    require(actor, Action.SIGN_PROTOCOL)
    if known := ports.log.receipt(envelope.command_id, envelope.sha256):
        return known
    loaded = entry(ports, protocol_id)
    signatures, seq = signatures_of(ports, loaded.content_hash)
    role = next(iter(sorted(actor.roles & review.REVIEWERS)))
    signed = review.sign(loaded, signatures, actor.id, role)
    ports.archive.keep(loaded.content_hash, loaded.canonical)
    return ports.log.append(envelope, [(f"protocol/{loaded.content_hash}", signed)], {f"protocol/{loaded.content_hash}": seq})


def retire_protocol(ports: Ports, protocol_id: str, reason: str, envelope: Envelope, actor: Actor) -> Receipt:
    """Take the content out of use for new orders; sessions that run keep it."""
    require(actor, Action.SIGN_PROTOCOL)
    if known := ports.log.receipt(envelope.command_id, envelope.sha256):
        return known
    loaded = entry(ports, protocol_id)
    signatures, seq = signatures_of(ports, loaded.content_hash)
    retired = review.retire(loaded, signatures, reason)
    return ports.log.append(envelope, [(f"protocol/{loaded.content_hash}", retired)], {f"protocol/{loaded.content_hash}": seq})
