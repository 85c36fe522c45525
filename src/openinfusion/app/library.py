"""The protocol files as they stand, joined with the archive of every protocol that was ever used."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from openinfusion.app.ports import Ports, ProtocolArchive
from openinfusion.core.errors import NotFound
from openinfusion.protocols.load import LoadedProtocol, Reference, from_canonical, load_library


class FileLibrary:
    """Implements the port Library over the package's own files, a site's own folders, and the archive."""

    def __init__(self, roots: Sequence[Path], archive: ProtocolArchive) -> None:
        self._roots, self._archive = tuple(roots), archive

    def entries(self) -> Mapping[str, LoadedProtocol]:
        """All protocols by id; read again when a file changed. Raises ProtocolError."""
        return load_library(self._roots).protocols

    def of_hash(self, content_hash: str) -> LoadedProtocol:
        """The protocol of this hash, from the files when they still say the same, else from the archive."""
        for loaded in self.entries().values():
            if loaded.content_hash == content_hash:
                return loaded
        return _read(self._archive.get(content_hash))

    @property
    def reference(self) -> Reference:
        """The dictionary of fields, the evidence and the rule tables."""
        return load_library(self._roots).reference


@lru_cache(maxsize=64)
def _read(text: str) -> LoadedProtocol:
    return from_canonical(text)


def entry(ports: Ports, protocol_id: str) -> LoadedProtocol:
    """The protocol file of this id as it stands now; raises NotFound."""
    found = ports.library.entries().get(protocol_id)
    if found is None:
        raise NotFound("protocol", protocol_id)
    return found
