"""Read models are folds over the feed: catching up, rebuilding and any mixture of both give the same rows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion import config, wiring
from openinfusion.app.readmodels import PROJECTIONS
from openinfusion.app.scenario import Player
from openinfusion.cli.scenario import read_scenario
from openinfusion.store.projections import StoredReadModels
from tests.store.sample_events import Counts, LineOpened, a_log, command


def write(log, *lines):
    for stream, text in lines:
        log.append(command(), [(stream, LineOpened(text))], {})


def rows(models, name="counts"):
    return [(row.key, row.content["lines"], row.content["last"], row.event_id) for row in models.listed(name)]


@pytest.fixture
def log(store):
    return a_log()


def test_a_read_sees_every_acknowledged_event(log):
    models = StoredReadModels(log, [Counts()])
    assert models.listed("counts") == ()
    write(log, ("session/1", "a"), ("session/2", "b"), ("session/2", "c"))
    assert rows(models) == [("session/2", 2, "c", 3), ("session/1", 1, "a", 1)]
    write(log, ("session/1", "end"))
    assert models.get("counts", "session/1") is None
    found = models.get("counts", "session/2")
    assert found is not None
    assert found.content == {"lines": 2, "last": "c"}
    assert set(models.many("counts", ["session/1", "session/2", "session/3"])) == {"session/2"}
    assert models.many("counts", []) == {}


def test_listing_finds_a_prefix_of_the_sort_and_stops_at_the_limit(log):
    models = StoredReadModels(log, [Counts()])
    write(log, *((f"session/{n}", "a") for n in range(5)))
    assert len(models.listed("counts", "open/")) == 5
    assert models.listed("counts", "shut/") == ()
    assert [row.key for row in models.listed("counts", "open/", limit=2)] == ["session/0", "session/1"]


def test_a_changed_fold_starts_over_and_leaves_the_others_alone(log):
    write(log, ("session/1", "a"), ("session/1", "b"))
    StoredReadModels(log, [Counts(), Counts("other")]).catch_up()
    models = StoredReadModels(log, [Counts(version=10), Counts("other")])
    assert rows(models) == [("session/1", 20, "b", 2)]
    assert rows(models, "other") == [("session/1", 2, "b", 2)]


def test_a_projection_that_joins_later_folds_the_whole_feed(log):
    write(log, ("session/1", "a"))
    StoredReadModels(log, [Counts()]).catch_up()
    write(log, ("session/1", "b"))
    assert rows(StoredReadModels(log, [Counts(), Counts("later")]), "later") == [("session/1", 2, "b", 2)]


def test_two_projections_of_one_name_are_a_mistake(log):
    with pytest.raises(ValueError, match="share a name"):
        StoredReadModels(log, [Counts(), Counts()])


def test_rebuilding_gives_the_rows_that_catching_up_gave_over_many_batches(log, monkeypatch):
    monkeypatch.setattr("openinfusion.store.projections._BATCH", 3)
    models = StoredReadModels(log, [Counts()])
    write(log, *((f"session/{n % 4}", "end" if n % 7 == 6 else str(n)) for n in range(20)))
    caught_up = rows(models)
    models.rebuild()
    assert rows(models) == caught_up


def test_several_readers_at_once_fold_each_event_once(log):
    write(log, *((f"session/{n % 3}", str(n)) for n in range(30)))

    def read(_):
        try:
            return rows(StoredReadModels(log, [Counts()]))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(read, range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert sum(row[1] for row in answers[0]) == 30


def test_any_order_of_writing_catching_up_and_rebuilding_ends_in_the_same_rows(sqlite_store):
    plain: dict[str, int] = {}
    log, models = a_log(), StoredReadModels(a_log(), [Counts()])

    @settings(max_examples=15)
    @given(st.lists(st.sampled_from(["write 1", "write 2", "end 1", "read", "rebuild"]), max_size=12))
    def fold(steps):
        for step in steps:
            match step.split():
                case ["write", number]:
                    write(log, (f"session/{number}", "x"))
                    plain[f"session/{number}"] = plain.get(f"session/{number}", 0) + 1
                case ["end", number]:
                    write(log, (f"session/{number}", "end"))
                    plain.pop(f"session/{number}", None)
                case ["rebuild"]:
                    models.rebuild()
                case _:
                    models.catch_up()
        assert {row.key: row.content["lines"] for row in models.listed("counts")} == plain

    fold()


def test_the_read_models_of_a_whole_therapy_are_the_same_after_a_rebuild(store):
    clock = SetClock()
    real = wiring.ports(config.current(), clock)
    ports = replace(real, site=replace(real.site, is_demo=True))
    written = read_scenario(Path(__file__).parents[2] / "examples" / "iv-infliximab.yaml")
    for n, one in enumerate(Player(written, ports, clock.set).play(), 1):
        assert one.as_expected, one
        if n % 9 == 0:
            ports.models.listed("sessions")  # some of it is folded on the way, the rest at once
    models = wiring.read_models(wiring.event_log())
    caught_up = {one.name: models.listed(one.name) for one in PROJECTIONS}
    assert all(caught_up[name] for name in ("sessions", "orders", "containers"))
    models.rebuild()
    assert {one.name: models.listed(one.name) for one in PROJECTIONS} == caught_up


class SetClock:
    """A clock that stands where the scenario set it."""

    def __init__(self):
        self.at = None

    def now(self):
        return self.at

    def set(self, moment):
        self.at = moment
