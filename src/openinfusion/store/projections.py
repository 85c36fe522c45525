"""Read models: documents folded from the feed, dropped and made anew at will. Implements the port ReadModels.

The folds come from `wiring`; nothing here knows an event kind. A read first folds what is new, so it sees every acknowledged event.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from django.db import connection

from openinfusion.app.ports import Document, EventLog, Projection, Recorded
from openinfusion.core.canonical import Json, canonical
from openinfusion.store.commit import Row, fetch, saving

_BATCH = 1000
_BEYOND = "\U0010ffff"
_COLUMNS = "key, sort, document, event_id"
_GET = f"SELECT {_COLUMNS} FROM read_model WHERE projection = %s AND key = %s"  # noqa: S608 - constants only
_LISTED = f"SELECT {_COLUMNS} FROM read_model WHERE projection = %s AND sort >= %s AND sort < %s ORDER BY sort, key LIMIT %s"  # noqa: S608 - constants only
_POSITIONS = "SELECT projection, version, position FROM read_position"
_PUT = (
    "INSERT INTO read_model (projection, key, sort, document, event_id) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (projection, key) DO UPDATE SET sort = excluded.sort, document = excluded.document, event_id = excluded.event_id"
)
_START = "INSERT INTO read_position (projection, version, position) VALUES (%s, %s, 0) ON CONFLICT (projection) DO NOTHING"
_MOVE = "UPDATE read_position SET version = %s, position = %s WHERE projection = %s"


class _Rows:
    """The documents of one projection during one batch: read once, changed in memory, written at its end."""

    def __init__(self, projection: str) -> None:
        self._projection = projection
        self._known: dict[str, tuple[str, Mapping[str, Json], int] | None] = {}
        self._changed: set[str] = set()
        self.event_id = 0

    def get(self, key: str) -> Mapping[str, Json] | None:
        if key not in self._known:
            stored = fetch(_GET, (self._projection, key))
            self._known[key] = (stored[0][1], json.loads(stored[0][2]), stored[0][3]) if stored else None
        found = self._known[key]
        return None if found is None else found[1]

    def put(self, key: str, content: Mapping[str, Json], sort: str = "") -> None:
        self._known[key] = (sort, content, self.event_id)
        self._changed.add(key)

    def remove(self, key: str) -> None:
        self._known[key] = None
        self._changed.add(key)

    def write(self) -> None:
        gone = [(self._projection, key) for key in self._changed if self._known[key] is None]
        kept = [
            (self._projection, key, row[0], canonical(dict(row[1])), row[2])
            for key in self._changed
            if (row := self._known[key]) is not None
        ]
        with connection.cursor() as cursor:
            if gone:
                cursor.executemany("DELETE FROM read_model WHERE projection = %s AND key = %s", gone)
            if kept:
                cursor.executemany(_PUT, sorted(kept))


class StoredReadModels:
    """The read models of one program: a fixed set of projections over one feed."""

    def __init__(self, log: EventLog, projections: Sequence[Projection]) -> None:
        names = [projection.name for projection in projections]
        if len(set(names)) != len(names):
            raise ValueError(f"two projections share a name: {sorted(names)}")
        self._log, self._projections = log, {projection.name: projection for projection in projections}

    def get(self, projection: str, key: str) -> Document | None:
        """One row, or None."""
        self.catch_up()
        return next(_documents(fetch(_GET, (projection, key))), None)

    def many(self, projection: str, keys: Sequence[str]) -> Mapping[str, Document]:
        """Several rows in one query; unknown keys are absent."""
        if not keys:
            return {}
        self.catch_up()
        places = ", ".join(["%s"] * len(keys))
        rows = fetch(f"SELECT {_COLUMNS} FROM read_model WHERE projection = %s AND key IN ({places})", (projection, *keys))  # noqa: S608 - places only
        return {document.key: document for document in _documents(rows)}

    def listed(self, projection: str, prefix: str = "", limit: int = 1000) -> tuple[Document, ...]:
        """The rows whose `sort` begins with prefix, in the order of (sort, key)."""
        self.catch_up()
        return tuple(_documents(fetch(_LISTED, (projection, prefix, prefix + _BEYOND, limit))))

    def catch_up(self) -> None:
        """Fold every event that is new; safe to call at any time from several processes, and cheap when there is nothing new."""
        while self._is_behind():
            with saving():
                self._fold()

    def rebuild(self) -> None:
        """Drop all rows and fold the whole feed anew."""
        with saving(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM read_model")
            cursor.execute("DELETE FROM read_position")
        self.catch_up()

    def _is_behind(self) -> bool:
        head, stored = self._log.head(), _positions("")
        return any(
            name not in stored or stored[name][0] != projection.version or stored[name][1] < head
            for name, projection in self._projections.items()
        )

    def _fold(self) -> None:
        positions = self._locked_positions()
        rows = {name: _Rows(name) for name in self._projections}
        feed = self._log.feed(min(positions.values()), _BATCH)
        for recorded in feed:
            self._apply(recorded, positions, rows)
        with connection.cursor() as cursor:
            for name, projection in self._projections.items():
                rows[name].write()
                cursor.execute(_MOVE, (projection.version, max(positions[name], feed[-1].id if feed else 0), name))

    def _apply(self, recorded: Recorded, positions: Mapping[str, int], rows: Mapping[str, _Rows]) -> None:
        for name, projection in self._projections.items():
            if recorded.id > positions[name]:
                rows[name].event_id = recorded.id
                projection.apply(rows[name], recorded)

    def _locked_positions(self) -> dict[str, int]:
        """The position of each projection, locked until the transaction ends; one whose fold has changed starts over with no rows."""
        with connection.cursor() as cursor:
            cursor.executemany(_START, [(name, projection.version) for name, projection in sorted(self._projections.items())])
            stored = _positions("" if connection.vendor == "sqlite" else " ORDER BY projection FOR UPDATE")
            for name, projection in self._projections.items():
                if stored[name][0] != projection.version:
                    cursor.execute("DELETE FROM read_model WHERE projection = %s", (name,))
                    stored[name] = (projection.version, 0)
        return {name: stored[name][1] for name in self._projections}


def _positions(lock: str) -> dict[str, tuple[int, int]]:
    return {name: (version, position) for name, version, position in fetch(_POSITIONS + lock, ())}


def _documents(rows: Sequence[Row]) -> Iterator[Document]:
    for key, sort, document, event_id in rows:
        yield Document(key=key, sort=sort, content=json.loads(document), event_id=event_id)
