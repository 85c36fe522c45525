"""A watcher that leaves out looks at sessions at rest comes to what one that looks at everything each second comes to."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from uuid import UUID

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from openinfusion.app import monitoring
from openinfusion.app.feed import feed_of
from openinfusion.app.library import HeldLibrary
from openinfusion.app.ports import SampleBlock
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import PumpReport, Reading
from openinfusion.core.errors import NotSaved
from openinfusion.core.monitoring.kind import AlarmTables
from openinfusion.core.protocol import AlarmLimit
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Jump
from tests.app.fakes import FakeClock, FakeLog, FakeModels, FakeSamples
from tests.app.test_monitoring import VITALS
from tests.app.ward import PUMP, Bed, ward
from tests.core.monitoring.cast import SOURCE, figure

ONE = UUID("22222222-2222-4222-8222-222222222222")


@cache
def _begun() -> Bed:
    """A session that runs, with a pump and a monitor."""
    bed = ward().admitted().ordered().planned(ONE).ready()
    bed.vitals().do(c.AssociateDevice("pump-1", "pump"))
    bed.do(c.AssociateDevice("mon-1", "monitor"))
    bed.do(bed.start())
    bed.wait(seconds=1).do(c.ReceivePumpReport("pump-1", PumpReport("infusing", bed.state.rate)), PUMP)
    return bed


def _limit(name: str, observation: str, op: str, value: str, unit: str, **parts: object) -> AlarmLimit:
    fields = {"id": name, "observation": observation, "op": op, "figure": figure(value, unit), "priority": "medium", "sources": (SOURCE,)}
    return AlarmLimit.model_validate({**fields, "response": "cx.low", **parts})


LIMITS = (  # made up: the protocol of the session has none
    _limit("low", "bp.systolic", "<", "90", "mm[Hg]"), _limit("fallen", "bp.systolic", "<", "80", "%", of_baseline=True, priority="high"),
    _limit("fast", "pulse", ">", "130", "/min"), _limit("blue", "spo2", "<=", "90", "%"), _limit("hot", "temp", ">=", "39", "Cel"),
)  # fmt: skip


class _WithLimits(HeldLibrary):
    def of_hash(self, content_hash):
        loaded = super().of_hash(content_hash)
        return replace(loaded, protocol=loaded.protocol.model_copy(update={"alarms": LIMITS}))


@cache
def _library() -> HeldLibrary:
    return _WithLimits(_begun().ward.ports.library)


def _twin() -> Bed:
    """The same session in a world of its own."""
    begun = _begun()
    was = begun.ward.fakes
    clock = FakeClock(was.clock.moment)
    log = FakeLog(clock, [*was.log.events], dict(was.log.bodies))
    ports = replace(was.ports, library=_library(), log=log, samples=FakeSamples(), models=FakeModels(log), clock=clock)
    return Bed(replace(begun.ward, fakes=replace(was, ports=ports, clock=clock, log=log)), begun.session)


@cache
def _tables() -> AlarmTables:
    shipped = monitoring.alarm_tables(_begun().ward.ports.library.reference.tables.values())
    jump = Jump(observation="pulse", step=figure("50", "/min"), within=figure("3", "s"))  # made up: none ships
    return AlarmTables(shipped.alarms.model_copy(update={"jumps": (jump,)}), shipped.pumps)


VALUES: dict[str, list[str | None]] = {
    "bp.systolic": ["118", "119", "85", "89", "0", None],
    "pulse": ["72", "73", "140", "0", None],
    "spo2": ["97", "88", None],
    "heart_rate": ["71", "0", None],
    "temp": ["36.9", "98.6", "39.2"],
}
UNITS = {**{code: unit for code, (unit, _) in VITALS.items()}, "heart_rate": "/min"}

_span = st.integers(1, 20)
_stretch = st.one_of(
    st.tuples(st.just("quiet"), _span, st.just(0)),
    st.tuples(st.just("silent"), _span, st.just(0)),
    st.tuples(st.just("frozen"), st.integers(58, 62), st.just(0)),
    st.tuples(st.just("fall"), st.integers(40, 90), st.just(0)),
    st.tuples(st.just("odd"), st.integers(1, 6), st.integers(0, 99)),
    st.tuples(st.just("late"), st.just(1), st.integers(-200, 20)),
    st.tuples(st.just("second"), st.integers(1, 5), st.just(0)),
    st.tuples(st.just("pump"), st.just(1), st.integers(0, 3)),
    st.tuples(st.just("nurse"), st.just(1), st.integers(0, 5)),
    st.tuples(st.just("long"), st.just(1), st.integers(1, 35)),
)


def _values(kind: str, second: int, n: int, seed: int) -> dict[str, str | None]:
    told: dict[str, str | None] = {"bp.systolic": "118", "pulse": str(72 + second % 3), "spo2": "97", "resp_rate": str(14 + second % 2)}
    match kind:
        case "frozen":
            told |= {"pulse": "72"}
        case "fall":
            told |= {"bp.systolic": str(118 - n // 2)}
        case "odd":
            code = sorted(VALUES)[seed % len(VALUES)]
            told |= {code: VALUES[code][seed // 5 % len(VALUES[code])]}
        case _:
            pass
    return told


def _block(bed: Bed, device: str, told: dict[str, str | None], ahead: int = 0) -> SampleBlock:
    now = bed.ward.fakes.clock.now() + timedelta(seconds=ahead)
    return SampleBlock(device, bed.session, now, (0,), {code: (UNITS[code], (value,)) for code, value in told.items()})


def _happens(bed: Bed, kind: str, n: int, seed: int, second: int) -> None:
    """What the devices and people of this second do."""
    store = bed.ward.ports.samples
    match kind:
        case "silent" | "long":
            return
        case "late":
            store.append((_block(bed, "mon-1", {"pulse": "75"}, seed),))
        case "second":
            store.append((_block(bed, "mon-2", {"pulse": "75"}),))
        case "pump":
            said = (
                PumpReport("infusing", bed.state.rate),
                PumpReport("stopped"),
                PumpReport("alarm", alarm="occlusion"),
                PumpReport("kvo"),
            )
            bed.do(c.ReceivePumpReport("pump-1", said[seed]), PUMP, key=f"pump{second}")
        case "nurse":
            open_ones = [one.key for one in bed.state.alarms.values() if one.ended_at is None]
            chosen: tuple[c.Command, ...] = (
                c.RecordObservation((Reading("bp.systolic", Quantity(88, "mm[Hg]")),)),
                c.RecordObservation((Reading("urticaria", value=True),)),
                c.RecordObservation((Reading("wheeze", value=True),)), c.RecordObservation((Reading("temp", Quantity("39.5", "Cel")),)),
                c.Pause("toilet"), *(c.AcknowledgeAlarm(key) for key in open_ones[:1]),
            )  # fmt: skip
            bed.do(chosen[min(seed, len(chosen) - 1)], key=f"nurse{second}")
        case _:
            store.append((_block(bed, "mon-1", _values(kind, second, n, seed)),))
    if second % 5 == 0 and kind != "silent":
        store.append((SampleBlock("pump-1", bed.session, bed.ward.fakes.clock.now(), (0,), {"pump.volume": ("mL", ("1",))}),))


def _said(watched: monitoring.Watched) -> tuple[object, ...]:
    return watched.owed, watched.changed, watched.passed_on, watched.opened


@settings(max_examples=5, phases=(Phase.explicit, Phase.generate))  # a failing case of hundreds of looks is not made smaller
@given(st.lists(_stretch, min_size=2, max_size=5))
@example([("quiet", 40, 0), ("odd", 3, 0), ("quiet", 30, 0), ("long", 1, 31), ("quiet", 10, 0)])
@example([("quiet", 20, 0), ("fall", 90, 0)])
@example([("quiet", 5, 0), ("nurse", 1, 1), ("quiet", 3, 0), ("nurse", 1, 2), ("quiet", 70, 0)])
@example([("frozen", 75, 0), ("silent", 40, 0), ("quiet", 5, 0), ("late", 1, 9), ("quiet", 15, 0)])
def test_a_look_that_is_left_out_would_have_changed_nothing(stretches):
    quick, thorough = _twin(), _twin()
    watcher = monitoring.Watch(quick.ward.ports, _tables())
    second = whole = 0
    original = watcher._whole

    def counted(*seat):
        nonlocal whole
        whole += 1
        return original(*seat)

    watcher._whole = counted  # type: ignore[method-assign]  # counts the looks that are made as a whole
    for kind, lasting, seed in stretches:
        for n in range(lasting):
            second += 1
            for bed in (quick, thorough):
                bed.wait(minutes=seed if kind == "long" else 0, seconds=1)
                _happens(bed, kind, n, seed, second)
            watcher.listen()
            seen = watcher.look(quick.session, quick.state.seq)
            assert _said(seen) == _said(monitoring.watch(thorough.ward.ports, thorough.session, _tables())), (second, kind)
            shown = feed_of(quick.ward.ports, quick.session, _tables(), quick.ward.fakes.clock.now())
            assert watcher._feed(quick.session, quick.ward.fakes.clock.now()) == shown
    if {kind for kind, _, _ in stretches} == {"quiet"} and second > 30:
        assert whole < second / 2


def test_a_look_that_could_not_store_its_alarm_is_made_again():
    bed = _twin()
    watcher = monitoring.Watch(bed.ward.ports, _tables())
    for second in range(12):
        _happens(bed.wait(seconds=1), "quiet", 0, 0, second)
        watcher.listen()
        watcher.look(bed.session, bed.state.seq)
    bed.ward.ports.samples.append((_block(bed, "mon-1", {"bp.systolic": "80"}, 1),))
    bed.wait(seconds=1)
    watcher.listen()
    bed.ward.fakes.log.full = True
    with pytest.raises(NotSaved):
        watcher.look(bed.session, bed.state.seq)
    bed.ward.fakes.log.full = False
    watcher.listen()
    assert {one.rule for one in watcher.look(bed.session, bed.state.seq).changed if isinstance(one, c.RaiseAlarm)} >= {"low", "fallen"}
