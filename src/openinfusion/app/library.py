"""The protocol files as they stand, joined with the archive of every protocol that was ever used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from openinfusion.app.ports import Library as AnyLibrary
from openinfusion.app.ports import Ports, ProtocolArchive
from openinfusion.core.errors import NotFound, ProtocolError
from openinfusion.core.site_policy import Own, under
from openinfusion.core.table import Alarms, Jump
from openinfusion.protocols.load import Library, LoadedProtocol, Reference, from_canonical, load_sound
from openinfusion.protocols.policy import jumps_at, policy_at


@dataclass(frozen=True, slots=True)
class Standing:
    """The files as they were read: the library, the site's own figures, and the protocols under them."""

    library: Library
    policy: Mapping[str, Own]
    stamp: tuple[int, int]
    protocols: Mapping[str, LoadedProtocol]
    reference: Reference


class FileLibrary:
    """Implements the port Library over the package's own files, a site's own folders and policy, and the archive."""

    def __init__(self, roots: Sequence[Path], archive: ProtocolArchive, policy: Path | None = None) -> None:
        self._roots, self._archive, self._policy = tuple(roots), archive, policy
        self._last: Standing | None = None
        self._broken: tuple[str, ...] = ()

    def entries(self) -> Mapping[str, LoadedProtocol]:
        """All sound protocols by id, under the site's policy; read again when a file changed. Raises ProtocolError when the first reading
        finds broken shared files or a broken policy."""
        return self._current().protocols

    def _current(self) -> Standing:
        """The files as they are; while somebody's edit breaks what all share, as they last were: an edit must never stop a bedside."""
        last = self._last
        try:
            library, stamp = load_sound(self._roots), _stamp(self._policy)
            if last is not None and last.library is library and last.stamp == stamp:
                self._broken = ()
                return last
            policy, jumps = policy_at(self._policy, library), jumps_at(self._policy, library)
        except ProtocolError as error:
            if last is None:
                raise
            self._broken = error.problems
            return last
        self._broken = ()
        protocols = {name: _under(loaded, policy) for name, loaded in library.protocols.items()}
        self._last = Standing(library, policy, stamp, protocols, _with_jumps(library.reference, jumps))
        return self._last

    def of_hash(self, content_hash: str) -> LoadedProtocol:
        """The protocol of this hash under the site's policy, from the files when they still say the same, else from the archive."""
        standing = self._current()
        for loaded in standing.protocols.values():
            if loaded.content_hash == content_hash:
                return loaded
        return _under(_read(self._archive.get(content_hash)), standing.policy)

    @property
    def reference(self) -> Reference:
        """The dictionary of fields, the evidence and the rule tables, those of alarms with what the site's policy adds."""
        return self._current().reference

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong in the files and was left out, each with file and line; empty when everything is in use."""
        return (*self._current().library.problems, *self._broken)


class HeldLibrary:
    """A library as it stood when it was first asked, for who asks it many times in one go: no file is looked at again."""

    def __init__(self, library: AnyLibrary) -> None:
        self._library = library
        self._found: dict[str, LoadedProtocol] = {}

    def entries(self) -> Mapping[str, LoadedProtocol]:
        """All sound protocols by id."""
        return self._entries

    @cached_property
    def _entries(self) -> Mapping[str, LoadedProtocol]:
        return self._library.entries()

    def of_hash(self, content_hash: str) -> LoadedProtocol:
        """The protocol of this hash."""
        if content_hash not in self._found:
            self._found[content_hash] = self._library.of_hash(content_hash)
        return self._found[content_hash]

    @cached_property
    def reference(self) -> Reference:
        """The dictionary of fields, the evidence and the rule tables."""
        return self._library.reference

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong in the files now."""
        return self._library.problems


def _stamp(path: Path | None) -> tuple[int, int]:
    """By what a changed policy file is known; zeros where there is none."""
    if path is None or not path.is_file():
        return (0, 0)
    found = path.stat()
    return (found.st_mtime_ns, found.st_size)


def _under(loaded: LoadedProtocol, policy: Mapping[str, Own]) -> LoadedProtocol:
    """The same content, by the same hash, as it stands at this site."""
    own = policy.get(loaded.protocol.id)
    return replace(loaded, protocol=under(loaded.protocol, own)) if own else loaded


def _with_jumps(reference: Reference, jumps: tuple[Jump, ...]) -> Reference:
    """The same tables with the site's own steps that no body makes."""
    if not jumps:
        return reference
    tables = {
        name: table.model_copy(update={"jumps": jumps}) if isinstance(table, Alarms) else table for name, table in reference.tables.items()
    }
    return replace(reference, tables=tables)


@lru_cache(maxsize=64)
def _read(text: str) -> LoadedProtocol:
    return from_canonical(text)


def entry(ports: Ports, protocol_id: str) -> LoadedProtocol:
    """The protocol file of this id as it stands now; raises NotFound."""
    found = ports.library.entries().get(protocol_id)
    if found is None:
        raise NotFound("protocol", protocol_id)
    return found
