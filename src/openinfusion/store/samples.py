"""Blocks of device samples: append-only, many in one COMMIT, the same block stored once. Samples are not events and move no state.

Implements the port SampleStore.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from openinfusion.app.ports import Clock, News, SampleBlock
from openinfusion.core.canonical import canonical, sha256
from openinfusion.core.forms import form, utc_text
from openinfusion.store.commit import committed, fetch

_FORM = form(SampleBlock)
_KNOWN = "SELECT 1 FROM sample_block WHERE hash = %s"
_INSERT = "INSERT INTO sample_block (device_id, session, start, recorded_at, payload, hash) VALUES (%s, %s, %s, %s, %s, %s)"
_READ = "SELECT payload FROM sample_block WHERE session = %s AND start >= %s AND start < %s ORDER BY start, id"

_NEWEST = "SELECT coalesce(max(id), 0) FROM sample_block"
_NEWS = "SELECT id, payload FROM sample_block WHERE id > %s ORDER BY id"


class StoredSamples:
    """The table of sample blocks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def append(self, blocks: Iterable[SampleBlock]) -> tuple[str, ...]:
        """Commit all blocks at once and return their hashes after COMMIT; a block that is already stored keeps its row. Raises NotSaved."""
        drafts = []
        for block in blocks:
            payload = canonical(_FORM.write(block))
            drafts.append((block, payload, sha256(payload)))
        now = utc_text(self._clock.now())
        with committed() as rows:
            for block, payload, digest in drafts:
                if not rows(_KNOWN, (digest,)):
                    rows(_INSERT, (block.device_id, block.session, utc_text(block.start), now, payload, digest))
        return tuple(digest for _, _, digest in drafts)

    def read(self, session: str, since: datetime, until: datetime) -> tuple[SampleBlock, ...]:
        """Blocks of a session whose start lies in [since, until), in order of start."""
        stored = fetch(_READ, (session, utc_text(since), utc_text(until)))
        return tuple(block for (payload,) in stored if isinstance(block := _FORM.read(json.loads(payload)), SampleBlock))

    def news(self, after: int | None) -> News:
        """What was stored after this position, none left out: ids commit in the order in which they are drawn."""
        if after is None:
            return News(int(fetch(_NEWEST, ())[0][0]))
        found = fetch(_NEWS, (after,))
        blocks = tuple(block for _, payload in found if isinstance(block := _FORM.read(json.loads(payload)), SampleBlock))
        return News(found[-1][0] if found else after, frozenset(block.session for block in blocks), blocks)
