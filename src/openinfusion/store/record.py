"""The append-only tables as SQL for both databases, and the names of what protects them. Written by hand: Django rebuilds a SQLite table
when it changes one, and the triggers would be gone without a word. Runs nothing itself; migrations execute it, `guards` reads it back.
"""

from collections.abc import Iterable, Mapping

_CHART_TABLES = ("event", "sample_block", "protocol_content")
RECORD_TABLES = (*_CHART_TABLES, "audit_row")
"""Every table that can be added to and read, and never changed."""

_EVENT = """CREATE TABLE event (
    id {id},
    stream {text} NOT NULL,
    seq {int} NOT NULL CHECK (seq >= 1),
    kind {text} NOT NULL,
    version {int} NOT NULL CHECK (version >= 1),
    occurred_at {text} NOT NULL,
    recorded_at {text} NOT NULL,
    zone {text} NOT NULL,
    actor {text} NOT NULL,
    on_behalf_of {text} NOT NULL,
    device_id {text} NOT NULL,
    device_seq {int},
    clock_offset_ms {int},
    command_id {text} NOT NULL,
    n {int} NOT NULL CHECK (n >= 1),
    command_sha256 {text} NOT NULL,
    payload {text} NOT NULL,
    prev_hash {text} NOT NULL CHECK (length(prev_hash) = 64),
    hash {text} NOT NULL CHECK (length(hash) = 64),
    UNIQUE (stream, seq),
    UNIQUE (command_id, n)
){end}"""

_STREAMS = "CREATE INDEX event_first_of_stream ON event (stream) WHERE seq = 1"

_SAMPLE_BLOCK = """CREATE TABLE sample_block (
    id {id},
    device_id {text} NOT NULL,
    session {text} NOT NULL,
    start {text} NOT NULL,
    recorded_at {text} NOT NULL,
    payload {text} NOT NULL,
    hash {text} NOT NULL UNIQUE CHECK (length(hash) = 64)
){end}"""

_SAMPLES = "CREATE INDEX sample_block_of_session ON sample_block (session, start)"

_PROTOCOL_CONTENT = """CREATE TABLE protocol_content (
    content_hash {text} NOT NULL PRIMARY KEY,
    content {text} NOT NULL,
    kept_at {text} NOT NULL
){end}"""

_AUDIT_ROW = """CREATE TABLE audit_row (
    seq {int} PRIMARY KEY CHECK (seq >= 1),
    at {text} NOT NULL,
    actor {text} NOT NULL,
    roles {text} NOT NULL,
    action {text} NOT NULL,
    method {text} NOT NULL,
    patient {text} NOT NULL,
    resource {text} NOT NULL,
    resource_id {text} NOT NULL,
    outcome {text} NOT NULL,
    place {text} NOT NULL,
    prev_hash {text} NOT NULL CHECK (length(prev_hash) = 64),
    hash {text} NOT NULL CHECK (length(hash) = 64)
){end}"""

_AUDIT_INDEXES = (
    "CREATE INDEX audit_row_of_patient ON audit_row (patient, seq)",
    "CREATE INDEX audit_row_of_actor ON audit_row (actor, seq)",
)

_WORDS: Mapping[str, Mapping[str, str]] = {
    "sqlite": {"id": "INTEGER PRIMARY KEY", "int": "INTEGER", "text": "TEXT", "end": " STRICT"},
    "postgresql": {"id": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "int": "bigint", "text": 'text COLLATE "C"', "end": ""},
}

_ROW_KEYS = {
    "event": "id = NEW.id OR (stream = NEW.stream AND seq = NEW.seq) OR (command_id = NEW.command_id AND n = NEW.n)",
    "sample_block": "id = NEW.id OR hash = NEW.hash",
    "protocol_content": "content_hash = NEW.content_hash",
    "audit_row": "seq = NEW.seq",
}


def _sqlite_triggers(table: str) -> list[str]:
    refuse = [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("update", "delete")
    ]
    # INSERT OR REPLACE deletes the old row without firing a DELETE trigger
    exists = f"EXISTS (SELECT 1 FROM {table} WHERE {_ROW_KEYS[table]})"  # noqa: S608 - both parts are constants of this module
    abort = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return [*refuse, f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {exists} {abort}"]


REFUSE = """CREATE FUNCTION record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"""


def _postgresql_triggers(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION record_is_append_only()"
        for verb in ("update", "delete", "truncate")
    ]


def statements(vendor: str) -> tuple[str, ...]:
    """All statements that make the tables of the chart on this database, in order."""
    words = _WORDS[vendor]
    tables = [_EVENT.format(**words), _STREAMS, _SAMPLE_BLOCK.format(**words), _SAMPLES, _PROTOCOL_CONTENT.format(**words)]
    refuse = () if vendor == "sqlite" else (REFUSE,)
    return (*tables, *refuse, *_protecting(vendor, _CHART_TABLES))


def audit_statements(vendor: str) -> tuple[str, ...]:
    """All statements that make the table of audit rows, in a store that has those of the chart."""
    return (_AUDIT_ROW.format(**_WORDS[vendor]), *_AUDIT_INDEXES, *_protecting(vendor, ("audit_row",)))


def _protecting(vendor: str, names: Iterable[str]) -> tuple[str, ...]:
    if vendor == "sqlite":
        return tuple(one for table in names for one in _sqlite_triggers(table))
    made = [one for table in names for one in _postgresql_triggers(table)]
    # ALWAYS: a session that plays a replica would otherwise not fire them
    return (*made, *(f"ALTER TABLE {sql.split()[6]} ENABLE ALWAYS TRIGGER {sql.split()[2]}" for sql in made))


def trigger_sql(vendor: str) -> Mapping[str, str]:
    """The statement of every trigger by name, for comparing with what the database holds."""
    make = _sqlite_triggers if vendor == "sqlite" else _postgresql_triggers
    return {sql.split()[2]: sql for table in RECORD_TABLES for sql in make(table)}
