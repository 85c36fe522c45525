"""The canonical text of every protocol hash that was ever used, kept for ever. Implements the port ProtocolArchive; does not read what it
keeps."""

from openinfusion.app.ports import Clock
from openinfusion.core.errors import NotFound
from openinfusion.core.forms import utc_text
from openinfusion.store.commit import committed, fetch

_GET = "SELECT content FROM protocol_content WHERE content_hash = %s"
_INSERT = "INSERT INTO protocol_content (content_hash, content, kept_at) VALUES (%s, %s, %s)"


class StoredArchive:
    """The table of protocol texts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def keep(self, content_hash: str, text: str) -> None:
        """Store the text once; a second call with the same hash changes nothing. Raises NotSaved."""
        with committed() as rows:
            if not rows(_GET, (content_hash,)):
                rows(_INSERT, (content_hash, text, utc_text(self._clock.now())))

    def get(self, content_hash: str) -> str:
        """The text, or NotFound."""
        stored = fetch(_GET, (content_hash,))
        if not stored:
            raise NotFound("protocol", content_hash)
        return str(stored[0][0])
