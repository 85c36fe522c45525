"""Blocks of samples: all of one tick in one COMMIT, the same block once, read back by session and time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openinfusion.core.errors import NotFound
from openinfusion.store.archive import StoredArchive
from openinfusion.store.samples import StoredSamples
from tests.store.rows import BLOCK
from tests.store.sample_events import NINE, SteppingClock

pytestmark = pytest.mark.usefixtures("store")


def test_blocks_are_read_back_in_order_of_their_start_and_the_end_is_not_included():
    samples = StoredSamples(SteppingClock())
    later = replace(BLOCK, start=NINE + timedelta(seconds=10), flags=("gap",))
    other = replace(BLOCK, session="session/2")
    hashes = samples.append([later, BLOCK, other])
    assert len(set(hashes)) == 3
    assert samples.read("session/1", NINE, NINE + timedelta(minutes=1)) == (BLOCK, later)
    assert samples.read("session/1", NINE, later.start) == (BLOCK,)


def test_the_same_block_again_has_the_same_hash_and_is_stored_once():
    samples = StoredSamples(SteppingClock())
    first = samples.append([BLOCK])
    assert samples.append([BLOCK, BLOCK]) == first * 2
    assert samples.read("session/1", NINE, NINE + timedelta(minutes=1)) == (BLOCK,)


def test_what_is_new_since_an_earlier_answer_is_told_by_session():
    samples = StoredSamples(SteppingClock())
    samples.append([BLOCK])
    begun = samples.news(None)
    assert begun.sessions == frozenset()
    assert samples.news(begun.upto) == begun
    samples.append([BLOCK, replace(BLOCK, session="session/2"), replace(BLOCK, session="session/3")])
    later = samples.news(begun.upto)
    assert later.sessions == {"session/2", "session/3"}  # the block of session/1 was stored before
    assert samples.news(later.upto).sessions == frozenset()


def test_a_protocol_text_is_kept_once_and_found_by_its_hash():
    archive = StoredArchive(SteppingClock())
    archive.keep("abc", "first")
    archive.keep("abc", "second")
    assert archive.get("abc") == "first"
    with pytest.raises(NotFound):
        archive.get("def")


def test_many_blocks_of_one_tick_are_stored_once_each_and_read_back_as_they_were():
    samples = StoredSamples(SteppingClock())
    many = [replace(BLOCK, session="session/9", start=NINE + timedelta(seconds=n), flags=("gap",) * (n % 2)) for n in range(120)]
    samples.append(many[:60])
    begun = samples.news(None)
    hashes = samples.append(many)
    assert len(set(hashes)) == 120
    assert samples.read("session/9", NINE, NINE + timedelta(minutes=5)) == tuple(many)
    assert samples.news(begun.upto).blocks == tuple(many[60:])
