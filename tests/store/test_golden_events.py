"""One stored sample of every event version decodes for ever: the files in `tests/golden/events` are what old databases hold.

After adding an event, or a new version of one, write its sample and commit it; a sample that exists is never changed:

    .venv/bin/python -m tests.golden.add
"""

from pathlib import Path

import pytest

from openinfusion.core.administration.events import ReactionReported
from openinfusion.store.kinds import CODEC
from tests.golden.add import FOLDER, file_of

CURRENT = {(cls.KIND, cls.VERSION) for cls in CODEC.classes}


@pytest.mark.parametrize(("kind", "version"), CODEC.versions)
def test_the_stored_sample_of_this_event_version_decodes(kind: str, version: int) -> None:
    file = file_of(kind, version)
    assert file.is_file(), "no sample yet: run `.venv/bin/python -m tests.golden.add` and commit the new file"
    text = file.read_text(encoding="utf-8").rstrip("\n")
    event = CODEC.decode(kind, version, text)
    assert kind == event.KIND
    if (kind, version) in CURRENT:
        assert CODEC.encode(event) == text


def test_every_sample_belongs_to_an_event_version_that_can_be_read() -> None:
    expected = {file_of(kind, version) for kind, version in CODEC.versions}
    assert set(Path(FOLDER).glob("*.json")) == expected


def test_a_reaction_of_the_first_version_says_nothing_of_exposure_and_treatment() -> None:
    event = CODEC.decode("reaction-reported", 1, '{"signs":["rigors"]}')
    assert event == ReactionReported(("rigors",), exposure="", done=(), response="")
