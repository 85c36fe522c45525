"""The protocol files as they stand, joined with the archive of every protocol that was ever used."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from openinfusion.app.ports import Ports, ProtocolArchive
from openinfusion.core.errors import NotFound, ProtocolError
from openinfusion.protocols.load import Library, LoadedProtocol, Reference, from_canonical, load_sound


class FileLibrary:
    """Implements the port Library over the package's own files, a site's own folders, and the archive."""

    def __init__(self, roots: Sequence[Path], archive: ProtocolArchive) -> None:
        self._roots, self._archive = tuple(roots), archive
        self._last: Library | None = None

    def entries(self) -> Mapping[str, LoadedProtocol]:
        """All sound protocols by id; read again when a file changed. Raises ProtocolError when the first reading finds broken shared
        files."""
        return self._current().protocols

    def _current(self) -> Library:
        """The files as they are; while somebody's edit breaks what all share, as they last were: an edit must never stop a bedside."""
        try:
            self._last = load_sound(self._roots)
        except ProtocolError:
            if self._last is None:
                raise
        return self._last

    def of_hash(self, content_hash: str) -> LoadedProtocol:
        """The protocol of this hash, from the files when they still say the same, else from the archive."""
        for loaded in self.entries().values():
            if loaded.content_hash == content_hash:
                return loaded
        return _read(self._archive.get(content_hash))

    @property
    def reference(self) -> Reference:
        """The dictionary of fields, the evidence and the rule tables."""
        return self._current().reference


@lru_cache(maxsize=64)
def _read(text: str) -> LoadedProtocol:
    return from_canonical(text)


def entry(ports: Ports, protocol_id: str) -> LoadedProtocol:
    """The protocol file of this id as it stands now; raises NotFound."""
    found = ports.library.entries().get(protocol_id)
    if found is None:
        raise NotFound("protocol", protocol_id)
    return found
