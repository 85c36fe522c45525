"""The seams of the use cases: what a store, an archive or a clock must do. Adapters live in `store`; `wiring` joins them.

No adapter logic here, no clinical rule; tests use small fakes of these protocols.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from typing import Protocol as Port
from uuid import UUID

from openinfusion.core.canonical import Json
from openinfusion.core.event import Event
from openinfusion.core.part import Region
from openinfusion.protocols.load import LoadedProtocol, Reference


class StoreKind(StrEnum):
    """What a database was made for, written into it when it is made; a program started for one kind never opens the other."""

    REAL = "real"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sent a command, when it happened there, and its identity. `sha256` is the digest of the canonical body."""

    command_id: UUID
    sha256: str
    actor: str
    occurred_at: datetime
    zone: str = "UTC"
    device_id: str = ""
    device_seq: int | None = None
    clock_offset_ms: int | None = None
    on_behalf_of: str = ""


class Recorded(NamedTuple):
    """One event as the store holds it. Order is (stream, seq) only; no clock ever decides order.

    A tuple, because one is made for every event that is read or written and a frozen dataclass takes three times as long."""

    id: int
    stream: str
    seq: int
    event: Event
    occurred_at: datetime
    recorded_at: datetime
    zone: str
    actor: str
    command_id: UUID
    n: int
    prev_hash: str
    hash: str
    device_id: str = ""
    device_seq: int | None = None
    clock_offset_ms: int | None = None
    on_behalf_of: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The acknowledgement of a command: its events, and whether they had been stored before (an identical retry)."""

    events: tuple[Recorded, ...]
    repeated: bool


class EventLog(Port):
    """Append-only history with one hash chain per stream."""

    def read(self, stream: str, after: int = 0) -> tuple[Recorded, ...]:
        """All events of a stream with seq > after, in seq order."""
        ...

    def receipt(self, command_id: UUID, sha256: str) -> Receipt | None:
        """What was stored for this command id, or None. Raises IdReused when the body differs."""
        ...

    def append(self, envelope: Envelope, events: Sequence[tuple[str, Event]], guards: Mapping[str, int]) -> Receipt:
        """Commit all (stream, event) pairs or none; returns only after COMMIT.

        Raises Conflict when a guarded stream's last seq differs, IdReused when the id is known with another body, NotSaved when the store
        cannot commit.
        A known id with the same body stores nothing and returns the first receipt.
        """
        ...

    def feed(self, after: int, limit: int = 1000) -> tuple[Recorded, ...]:
        """Events of all streams with id > after in id order; never skips an event that commits later with a smaller id."""
        ...

    def head(self) -> int:
        """The id of the newest event of all streams, 0 when there is none."""
        ...

    def streams(self, prefix: str) -> tuple[str, ...]:
        """Names of all streams that begin with prefix, sorted."""
        ...


class TooFarBack(Exception):
    """A stream starts before the oldest event in memory: send the whole view, then subscribe after `position`."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


class LiveFeed(Port):
    """What is new, handed to all live streams of a process by one reader of the record."""

    @property
    def position(self) -> int:
        """The id of the newest event that the streams have been given."""
        ...

    def newer(self, after: int) -> tuple[Recorded, ...]:
        """The events in memory with id > after, in order; raises TooFarBack when some of them are no longer in memory."""
        ...

    def subscribe(self, after: int) -> AsyncIterator[Recorded]:
        """Every event with id > after, in order, until the feed ends; raises TooFarBack when some are no longer in memory."""
        ...

    async def end(self) -> None:
        """Finish all streams."""
        ...


@dataclass(frozen=True, slots=True)
class Document:
    """One row of a read model: found by `key`, listed in the order of `sort`. `event_id` is the event that wrote it last."""

    key: str
    sort: str
    content: Mapping[str, Json]
    event_id: int


class Documents(Port):
    """The rows of one read model while an event is folded into it."""

    def get(self, key: str) -> Mapping[str, Json] | None:
        """The content under this key, or None."""
        ...

    def put(self, key: str, content: Mapping[str, Json], sort: str = "") -> None:
        """Write or replace a row."""
        ...

    def remove(self, key: str) -> None:
        """Forget a row; an unknown key changes nothing."""
        ...


class Projection(Port):
    """A read model as a fold over the feed. `version` rises with every change of the fold, and the rows are then made anew."""

    @property
    def name(self) -> str:
        """Under which its rows are found."""
        ...

    @property
    def version(self) -> int:
        """Of the fold."""
        ...

    def apply(self, documents: Documents, recorded: Recorded) -> None:
        """Fold one event into the rows; looks at nothing but its arguments."""
        ...


class ReadModels(Port):
    """Lists that are folded from the feed and may be dropped at any time. Every read first folds what is new."""

    def get(self, projection: str, key: str) -> Document | None:
        """One row, or None."""
        ...

    def many(self, projection: str, keys: Sequence[str]) -> Mapping[str, Document]:
        """Several rows in one query; unknown keys are absent."""
        ...

    def listed(self, projection: str, prefix: str = "", limit: int = 1000) -> tuple[Document, ...]:
        """The rows whose `sort` begins with prefix, in the order of (sort, key)."""
        ...


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """Up to ten seconds of one device's channels. `channels` maps a channel name to (unit, values); `times_ms` are offsets from `start`,
    one per value."""

    device_id: str
    session: str
    start: datetime
    times_ms: tuple[int, ...]
    channels: Mapping[str, tuple[str, tuple[str | None, ...]]]
    flags: tuple[str, ...] = ()


class SampleStore(Port):
    """Append-only blocks of device samples; they are not events."""

    def append(self, blocks: Iterable[SampleBlock]) -> tuple[str, ...]:
        """Commit all blocks at once; returns their hashes after COMMIT."""
        ...

    def read(self, session: str, since: datetime, until: datetime) -> tuple[SampleBlock, ...]:
        """Blocks of a session whose start lies in [since, until), in order of start."""
        ...

    def news(self, after: int | None) -> "News":
        """What was stored after this position of an earlier answer, none left out; with None only the present position."""
        ...


@dataclass(frozen=True, slots=True)
class News:
    """Up to where the blocks were looked through, the sessions that some of them belong to, and the blocks as they were stored."""

    upto: int
    sessions: frozenset[str] = frozenset()
    blocks: tuple[SampleBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to call."""

    name: str
    phone: str
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a patient is. Kept apart from the events, which know the opaque `patient_id` only."""

    patient_id: str
    family_name: str
    given_name: str
    birth_date: date
    sex: str
    mrn: str
    phone: str = ""
    language: str = "en"
    emergency_contact: Contact = field(default_factory=lambda: Contact("", ""))


class Identities(Port):
    """The table of patient identities."""

    def register(self, identity: Identity) -> None:
        """Store a new identity. Raises Malformed when the MRN is already taken."""
        ...

    def amend(self, identity: Identity) -> None:
        """Replace the identity of the same patient_id; the earlier row stays in its history."""
        ...

    def get(self, patient_id: str) -> Identity:
        """The identity, or NotFound."""
        ...

    def many(self, patient_ids: Sequence[str]) -> Mapping[str, Identity]:
        """The identities of several patients in one query; unknown ids are absent."""
        ...

    def search(self, text: str, limit: int = 20) -> tuple[Identity, ...]:
        """By the first letters of family name, then of the given name; by MRN, phone or ISO birth date."""
        ...

    def alike(self, identity: Identity) -> tuple[Identity, ...]:
        """Others with the same MRN, or the same birth date and a like name, or the same full name."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """Raw text that arrived and waits for a person: who sent it, where to, and why it was held."""

    id: int
    received_at: datetime
    sender: str
    address: str
    why: str
    body: str


class Quarantine(Port):
    """What arrived and cannot be read, or belongs nowhere yet. Nothing is thrown away."""

    def keep(self, sender: str, address: str, why: str, body: str) -> int:
        """Keep a text and return its id after COMMIT; the same text of the same sender is kept once. Raises NotSaved."""
        ...

    def waiting(self, limit: int = 100) -> tuple[Held, ...]:
        """What nobody has looked at yet, oldest first."""
        ...

    def count(self) -> int:
        """How many of them there are."""
        ...

    def settle(self, identity: int, by: str) -> None:
        """A person has looked at it; the text stays. Raises NotFound, NotSaved."""
        ...


class Gateways(Port):
    """The gateways that may send messages of devices, each with a token of its own."""

    def create(self, name: str) -> str:
        """Make a gateway and return its token; raises Malformed when the name is taken or empty."""
        ...

    def revoke(self, name: str) -> None:
        """The token opens nothing any more; raises NotFound."""
        ...

    def name_of(self, token: str) -> str | None:
        """The gateway with this token, None for a token that opens nothing."""
        ...


class ProtocolArchive(Port):
    """The full canonical text of every protocol hash that was ever used; append-only."""

    def keep(self, content_hash: str, text: str) -> None:
        """Store the text once; a second call with the same hash changes nothing."""
        ...

    def get(self, content_hash: str) -> str:
        """The text, or NotFound."""
        ...


class AuditOutcome(StrEnum):
    """What came of a request."""

    ALLOWED = "allowed"
    DENIED = "denied"
    MISSING = "missing"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did or tried what, from where, and what came of it. It holds sign-in names and opaque ids, never what a chart says.

    `action` is the name of the address with the command where it is one; `patient` is empty where no one patient is meant or known.
    """

    actor: str
    roles: tuple[str, ...]
    action: str
    method: str
    resource: str
    outcome: AuditOutcome
    place: str
    resource_id: str = ""
    patient: str = ""


@dataclass(frozen=True, slots=True)
class Audited:
    """A stored audit row: its place in the one chain, and when it was stored."""

    seq: int
    at: datetime
    row: AuditRow


class AuditTrail(Port):
    """Append-only rows of who looked at what, in one hash chain of their own."""

    def write(self, *rows: AuditRow) -> None:
        """Store the rows; returns after COMMIT. Raises NotSaved for whatever keeps them from being stored."""
        ...

    def of_patient(self, patient: str) -> Iterator[Audited]:
        """Every row about a patient, oldest first."""
        ...

    def of_actor(self, actor: str) -> Iterator[Audited]:
        """Every row of a person or gateway, and every one about them as a user; oldest first."""
        ...


class Clock(Port):
    """The only source of the present moment, always aware UTC."""

    def now(self) -> datetime:
        """The present moment."""
        ...

    def __hash__(self) -> int:
        """What was made for a clock is found again under it."""
        ...


class Library(Port):
    """The protocol files as they stand now, and every protocol that was ever used."""

    def entries(self) -> Mapping[str, LoadedProtocol]:
        """All loaded protocols by id."""
        ...

    def of_hash(self, content_hash: str) -> LoadedProtocol:
        """The protocol of this hash, from the files or from the archive; NotFound when neither has it."""
        ...

    @property
    def reference(self) -> Reference:
        """The dictionary of fields, the evidence and the rule tables."""
        ...

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong in the files and was left out, each with file and line."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """What a site has set for itself: its region, the emergency scheme, its store kind and language."""

    region: Region | None
    epinephrine_scheme: str
    is_demo: bool
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a use case may reach. Made by `wiring`, or of fakes in a test."""

    log: EventLog
    samples: SampleStore
    identities: Identities
    archive: ProtocolArchive
    models: ReadModels
    library: Library
    clock: Clock
    site: Site
