"""A copy of a shipped protocol that a test may break in one place."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from openinfusion.core.errors import ProtocolError
from openinfusion.protocols.load import PACKAGE_DATA, LoadedProtocol, load_protocol

Edit = Callable[..., Path]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Copy a shipped protocol's folder and replace text that stands exactly once in one of its files."""

    def edited(*changes: tuple[str, str], file: str = "protocol.yaml", protocol: str = "iv-infliximab") -> Path:
        folder = tmp_path / protocol
        if not folder.exists():
            copytree(PACKAGE_DATA / protocol, folder)
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
            text = text.replace(old, new)
        (folder / file).write_text(text, encoding="utf-8")
        return folder

    return edited


@pytest.fixture(scope="session")
def infliximab() -> LoadedProtocol:
    return load_protocol(PACKAGE_DATA / "iv-infliximab")


def problems_of(folder: Path) -> tuple[str, ...]:
    """Every problem of a protocol that must not load."""
    with pytest.raises(ProtocolError) as refused:
        load_protocol(folder)
    return refused.value.problems


def line_of(path: Path, text: str) -> int:
    """The line on which a text stands."""
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)
