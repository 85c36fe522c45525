"""In-memory stand-ins for every port. They keep the promises that the use cases rely on: order, guards, receipts, nothing half done."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from openinfusion.app.ports import Document, Envelope, Identity, News, Ports, Projection, Receipt, Recorded, SampleBlock, Site
from openinfusion.app.readmodels import PROJECTIONS
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Conflict, IdReused, Malformed, NotFound, NotSaved
from openinfusion.core.event import Event
from openinfusion.core.part import Region
from openinfusion.protocols.load import LoadedProtocol, Reference, load_library

MORNING = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@dataclass
class FakeClock:
    """A clock that moves when the test says so."""

    moment: datetime = MORNING

    def now(self) -> datetime:
        return self.moment

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**span)


@dataclass(eq=False)
class FakeLog:
    """The event log in a list. With `full`, nothing can be stored. `before_commit` lets a test slip another writer in between."""

    clock: FakeClock
    events: list[Recorded] = field(default_factory=list)
    bodies: dict[UUID, str] = field(default_factory=dict)
    full: bool = False
    before_commit: list[object] = field(default_factory=list)

    def read(self, stream: str, after: int = 0) -> tuple[Recorded, ...]:
        return tuple(one for one in self.events if one.stream == stream and one.seq > after)

    def receipt(self, command_id: UUID, sha256: str) -> Receipt | None:
        known = self.bodies.get(command_id)
        if known is None:
            return None
        if known != sha256:
            raise IdReused(str(command_id), known)
        return Receipt(tuple(one for one in self.events if one.command_id == command_id), repeated=True)

    def append(self, envelope: Envelope, events: Sequence[tuple[str, Event]], guards: Mapping[str, int]) -> Receipt:
        while self.before_commit:
            meanwhile = self.before_commit.pop()
            assert callable(meanwhile)
            meanwhile()
        if known := self.receipt(envelope.command_id, envelope.sha256):
            return known
        for stream, expected in guards.items():
            if self._last(stream) != expected:
                raise Conflict(stream, expected, self._last(stream))
        if self.full:
            raise NotSaved("the fake is full")
        self.bodies[envelope.command_id] = envelope.sha256
        stored = tuple(self._store(envelope, n, stream, event) for n, (stream, event) in enumerate(events, 1))
        return Receipt(stored, repeated=False)

    def _last(self, stream: str) -> int:
        return max((one.seq for one in self.events if one.stream == stream), default=0)

    def _store(self, envelope: Envelope, n: int, stream: str, event: Event) -> Recorded:
        stored = Recorded(
            len(self.events) + 1, stream, self._last(stream) + 1, event, envelope.occurred_at, self.clock.now(), envelope.zone,
            envelope.actor, envelope.command_id, n, "", f"{envelope.command_id}/{n}", envelope.device_id, envelope.device_seq,
            envelope.clock_offset_ms, envelope.on_behalf_of,
        )  # fmt: skip
        self.events.append(stored)
        return stored

    def feed(self, after: int, limit: int = 1000) -> tuple[Recorded, ...]:
        return tuple(one for one in self.events if one.id > after)[:limit]

    def head(self) -> int:
        return len(self.events)

    def streams(self, prefix: str) -> tuple[str, ...]:
        return tuple(sorted({one.stream for one in self.events if one.stream.startswith(prefix)}))


@dataclass
class FakeSamples:
    """Sample blocks in a list."""

    blocks: list[SampleBlock] = field(default_factory=list)

    def append(self, blocks: Iterable[SampleBlock]) -> tuple[str, ...]:
        fresh = tuple(blocks)
        for block in fresh:
            if block not in self.blocks:
                self.blocks.append(block)
        return tuple(hashlib.sha256(repr(block).encode()).hexdigest() for block in fresh)

    def read(self, session: str, since: datetime, until: datetime) -> tuple[SampleBlock, ...]:
        found = (block for block in self.blocks if block.session == session and since <= block.start < until)
        return tuple(sorted(found, key=lambda block: block.start))

    def news(self, after: int | None) -> News:
        fresh = self.blocks[after:] if after is not None else []
        return News(len(self.blocks), frozenset(block.session for block in fresh), tuple(fresh))


@dataclass
class FakeIdentities:
    """Identities in a dictionary."""

    rows: dict[str, Identity] = field(default_factory=dict)

    def register(self, identity: Identity) -> None:
        if any(one.mrn == identity.mrn for one in self.rows.values()):
            raise Malformed("mrn", "this record number is taken")
        self.rows[identity.patient_id] = identity

    def amend(self, identity: Identity) -> None:
        self.rows[identity.patient_id] = identity

    def get(self, patient_id: str) -> Identity:
        if patient_id not in self.rows:
            raise NotFound("patient", patient_id)
        return self.rows[patient_id]

    def many(self, patient_ids: Sequence[str]) -> Mapping[str, Identity]:
        return {one: self.rows[one] for one in patient_ids if one in self.rows}

    def search(self, text: str, limit: int = 20) -> tuple[Identity, ...]:
        wanted = text.lower()
        found = (one for one in self.rows.values() if one.family_name.lower().startswith(wanted) or one.mrn == text)
        return tuple(found)[:limit]

    def alike(self, identity: Identity) -> tuple[Identity, ...]:
        return tuple(
            one
            for one in self.rows.values()
            if one.patient_id != identity.patient_id
            and (one.mrn == identity.mrn or (one.family_name, one.given_name) == (identity.family_name, identity.given_name))
        )


@dataclass
class FakeArchive:
    """Protocol texts by hash."""

    texts: dict[str, str] = field(default_factory=dict)

    def keep(self, content_hash: str, text: str) -> None:
        self.texts.setdefault(content_hash, text)

    def get(self, content_hash: str) -> str:
        if content_hash not in self.texts:
            raise NotFound("protocol", content_hash)
        return self.texts[content_hash]


@dataclass
class FakeDocuments:
    """The rows of one read model."""

    rows: dict[str, Document] = field(default_factory=dict)
    event_id: int = 0

    def get(self, key: str) -> Mapping[str, Json] | None:
        return self.rows[key].content if key in self.rows else None

    def put(self, key: str, content: Mapping[str, Json], sort: str = "") -> None:
        self.rows[key] = Document(key, sort, content, self.event_id)

    def remove(self, key: str) -> None:
        self.rows.pop(key, None)


@dataclass
class FakeModels:
    """Every read model, folded from the log before each read."""

    log: FakeLog
    projections: tuple[Projection, ...] = PROJECTIONS
    _rows: dict[str, FakeDocuments] = field(default_factory=dict)
    _seen: int = 0

    def _caught_up(self, projection: str) -> FakeDocuments:
        for recorded in self.log.events[self._seen :]:
            for one in self.projections:
                documents = self._rows.setdefault(one.name, FakeDocuments())
                documents.event_id = recorded.id
                one.apply(documents, recorded)
        self._seen = len(self.log.events)
        return self._rows.setdefault(projection, FakeDocuments())

    def get(self, projection: str, key: str) -> Document | None:
        return self._caught_up(projection).rows.get(key)

    def many(self, projection: str, keys: Sequence[str]) -> Mapping[str, Document]:
        rows = self._caught_up(projection).rows
        return {key: rows[key] for key in keys if key in rows}

    def listed(self, projection: str, prefix: str = "", limit: int = 1000) -> tuple[Document, ...]:
        rows = (row for row in self._caught_up(projection).rows.values() if row.sort.startswith(prefix))
        return tuple(sorted(rows, key=lambda row: (row.sort, row.key)))[:limit]


@dataclass
class FakeLibrary:
    """The shipped protocols and tables, with others put beside them."""

    others: dict[str, LoadedProtocol] = field(default_factory=dict)

    def entries(self) -> Mapping[str, LoadedProtocol]:
        return {**load_library().protocols, **self.others}

    def of_hash(self, content_hash: str) -> LoadedProtocol:
        for loaded in self.entries().values():
            if loaded.content_hash == content_hash:
                return loaded
        raise NotFound("protocol", content_hash)

    @property
    def reference(self) -> Reference:
        return load_library().reference

    @property
    def problems(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Fakes:
    """The ports, and the stand-ins behind them for a test to look into."""

    ports: Ports
    clock: FakeClock
    log: FakeLog
    identities: FakeIdentities
    library: FakeLibrary


def fakes(*, is_demo: bool = True, region: Region | None = None, others: Iterable[LoadedProtocol] = ()) -> Fakes:
    """A site in memory; a demonstration store unless told otherwise."""
    clock = FakeClock()
    log, identities = FakeLog(clock), FakeIdentities()
    library = FakeLibrary({one.protocol.id: one for one in others})
    ports = Ports(
        log=log, samples=FakeSamples(), identities=identities, archive=FakeArchive(), models=FakeModels(log), library=library, clock=clock,
        site=Site(region=region, epinephrine_scheme="us", is_demo=is_demo),
    )  # fmt: skip
    return Fakes(ports, clock, log, identities, library)


def sent(actor: str, at: datetime, body: str = "", command_id: UUID | None = None) -> Envelope:
    """An envelope of a new command; the same id and body make an identical retry."""
    identity = command_id or uuid4()
    return Envelope(identity, hashlib.sha256((body or str(identity)).encode()).hexdigest(), actor, at)


def with_protocol(loaded: LoadedProtocol, **parts: object) -> LoadedProtocol:
    """A loaded protocol with parts of it replaced, under another hash."""
    changed = loaded.protocol.model_copy(update=parts)
    return replace(loaded, protocol=changed, content_hash=hashlib.sha256(repr(sorted(parts)).encode()).hexdigest())
