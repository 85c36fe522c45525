"""Blocks of device samples: append-only, many in one COMMIT, the same block stored once. Samples are not events and move no state.

Implements the port SampleStore.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from openinfusion.app.ports import Clock, News, SampleBlock
from openinfusion.core.canonical import canonical, sha256
from openinfusion.core.forms import form, utc_moment, utc_text
from openinfusion.store.commit import committed, fetch

_FORM = form(SampleBlock)
_AT_ONCE = 50
"""So many blocks are asked for, and inserted, by one statement."""
_KNOWN = "SELECT hash FROM sample_block WHERE hash IN ({})"
_INSERT = "INSERT INTO sample_block (device_id, session, start, recorded_at, payload, hash) VALUES {}"
_ROW = "(%s, %s, %s, %s, %s, %s)"
_READ = "SELECT payload FROM sample_block WHERE session = %s AND start >= %s AND start < %s ORDER BY start, id"

_NEWEST = "SELECT coalesce(max(id), 0) FROM sample_block"
_NEWS = "SELECT id, payload FROM sample_block WHERE id > %s ORDER BY id"


class StoredSamples:
    """The table of sample blocks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def append(self, blocks: Iterable[SampleBlock]) -> tuple[str, ...]:
        """Commit all blocks at once and return their hashes after COMMIT; a block that is already stored keeps its row. Raises NotSaved."""
        now, drafts = utc_text(self._clock.now()), dict[str, tuple[str, ...]]()
        hashes = []
        for block in blocks:
            payload = canonical(_FORM.write(block))
            digest = sha256(payload)
            hashes.append(digest)
            drafts[digest] = (block.device_id, block.session, utc_text(block.start), now, payload, digest)
        with committed() as rows:
            for some in _in_parts([*drafts]):
                known = {digest for (digest,) in rows(_KNOWN.format(", ".join(["%s"] * len(some))), some)}
                fresh = [drafts[digest] for digest in some if digest not in known]
                if fresh:
                    rows(_INSERT.format(", ".join([_ROW] * len(fresh))), [value for row in fresh for value in row])
        return tuple(hashes)

    def read(self, session: str, since: datetime, until: datetime) -> tuple[SampleBlock, ...]:
        """Blocks of a session whose start lies in [since, until), in order of start."""
        stored = fetch(_READ, (session, utc_text(since), utc_text(until)))
        return tuple(_block(payload) for (payload,) in stored)

    def news(self, after: int | None) -> News:
        """What was stored after this position, none left out: ids commit in the order in which they are drawn."""
        if after is None:
            return News(int(fetch(_NEWEST, ())[0][0]))
        found = fetch(_NEWS, (after,))
        blocks = tuple(_block(payload) for _, payload in found)
        return News(found[-1][0] if found else after, frozenset(block.session for block in blocks), blocks)


def _in_parts(hashes: list[str]) -> Iterator[list[str]]:
    for n in range(0, len(hashes), _AT_ONCE):
        yield hashes[n : n + _AT_ONCE]


def _block(payload: str) -> SampleBlock:
    """The block of a stored payload, by its form; thousands are read each second, so its fields are taken by name."""
    stored = json.loads(payload)
    channels = {name: (unit, tuple(values)) for name, (unit, values) in stored["channels"].items()}
    start, times, flags = utc_moment(stored["start"]), tuple(stored["times_ms"]), tuple(stored["flags"])
    return SampleBlock(stored["device_id"], stored["session"], start, times, channels, flags)
