"""The watch charts what is owed, raises what is true and ends what is over, once, however many watchers look."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app import monitoring
from openinfusion.app.feed import feed_of
from openinfusion.app.ports import SampleBlock
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.events import AlarmRaised, ObservationRecorded
from openinfusion.core.administration.parts import GivenDrug, PumpReport
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import NotFound
from openinfusion.core.monitoring.kind import AlarmTables
from openinfusion.core.monitoring.response import DoseBasis
from openinfusion.core.quantity import Quantity
from tests.app.fakes import FakeClock, FakeSamples, fakes
from tests.app.ward import PUMP, Bed, ward

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE = UUID("22222222-2222-4222-8222-222222222222")
VITALS = {
    "bp.systolic": ("mm[Hg]", "118"),
    "bp.diastolic": ("mm[Hg]", "74"),
    "pulse": ("/min", "72"),
    "temp": ("Cel", "36.9"),
    "resp_rate": ("/min", "15"),
    "spo2": ("%", "97"),
}


@pytest.fixture
def bed() -> Bed:
    """A first infusion of rituximab that runs, with a pump that confirmed it and a monitor."""
    bed = ward().admitted().ordered().planned(ONE).ready()
    bed.vitals().do(c.AssociateDevice("pump-1", "pump"))
    bed.do(c.AssociateDevice("mon-1", "monitor"))
    bed.do(bed.start())
    bed.wait(seconds=1).do(c.ReceivePumpReport("pump-1", PumpReport("infusing", bed.state.rate)), PUMP)
    return bed


def tables(bed: Bed):
    """The alarm tables as they ship."""
    return monitoring.alarm_tables(bed.ward.ports.library.reference.tables.values())


def look(bed: Bed) -> monitoring.Watched:
    """One look of one watcher."""
    return monitoring.watch(bed.ward.ports, bed.session, tables(bed))


def heard(bed: Bed, device: str = "pump-1", **values: str | None) -> Bed:
    """A block of samples that ends now; without values a sign of life."""
    now = bed.ward.fakes.clock.now()
    shown = {code: (unit, (values.get(code, text),)) for code, (unit, text) in VITALS.items()} if device == "mon-1" else {}
    bed.ward.ports.samples.append((SampleBlock(device, bed.session, now, (0,), shown),))
    return bed


def events(bed: Bed, kind: str) -> list[object]:
    """The events of a kind in the session."""
    return [one.event for one in bed.ward.ports.log.read(f"session/{bed.session}") if kind == one.event.KIND]


def raised(bed: Bed) -> list[c.RaiseAlarm]:
    """The alarms that one look raises."""
    return [one for one in look(bed).changed if isinstance(one, c.RaiseAlarm)]


def report(bed: Bed, state: str, rate: str = "", alarm: str = "") -> Bed:
    """What the pump says now."""
    bed.do(c.ReceivePumpReport("pump-1", PumpReport(state, Quantity(rate, "mL/h") if rate else None, alarm=alarm)), PUMP)
    return bed


def test_a_quiet_infusion_raises_nothing(bed):
    assert look(heard(heard(bed, "mon-1")).wait(seconds=10)).changed == ()


def test_a_pump_that_stands_still_is_told_once_and_ends_when_it_flows_again(bed):
    rate = bed.state.rate.text
    heard(heard(bed, "mon-1"))
    report(bed.wait(seconds=10), "stopped")
    assert [one.code for one in raised(bed)] == ["no-flow-while-running"]
    assert look(bed).changed == ()
    report(bed.wait(seconds=5), "infusing", rate)
    look(bed)
    assert len(events(bed, "alarm-raised")) == len(events(bed, "alarm-ended")) == 1


def test_flow_after_a_stop_is_high_within_five_seconds_and_stays_until_a_person_resolves_it(bed):
    rate = bed.state.rate.text
    heard(heard(bed, "mon-1"))
    bed.wait(seconds=10).do(c.Stop("bag leaks"))
    report(bed.wait(seconds=4), "infusing", rate)
    (one,) = raised(bed.wait(seconds=1))
    assert (one.code, one.priority) == ("flow-while-stopped", "high")
    report(bed.wait(seconds=5), "stopped")
    assert look(bed).changed == ()
    assert bed.state.alarms["flow-while-stopped"].ended_at is None
    bed.do(c.EndAlarm("flow-while-stopped", "the pump was stopped by hand"))
    assert look(bed).changed == ()


def test_an_acknowledged_alarm_that_still_holds_comes_back(bed):
    report(bed.wait(seconds=10), "alarm", alarm="occlusion")
    look(bed)
    bed.do(c.AcknowledgeAlarm("pump:occlusion"))
    heard(heard(bed.wait(minutes=4)), "mon-1")
    assert "occlusion" not in {one.code for one in raised(bed)}
    heard(heard(bed.wait(minutes=1)), "mon-1")
    assert "occlusion" in {one.code for one in raised(bed)}  # medium: after 5 min
    assert bed.state.alarms["pump:occlusion"].count == 2


def test_a_high_alarm_that_nobody_acknowledges_is_passed_on_once_by_however_many_watchers(bed):
    report(bed.wait(seconds=10), "alarm", alarm="air-in-line")
    look(bed)
    bed.do(c.ShowAlarm("pump:air-in-line", "board"))
    assert bed.state.alarms["pump:air-in-line"].shown_at == bed.ward.fakes.clock.now()
    assert look(bed.wait(seconds=59)).passed_on == ()
    assert [one.to for one in look(bed.wait(seconds=1)).passed_on] == ["charge-nurse"]
    assert look(bed.wait(seconds=1)).passed_on == ()
    assert bed.state.alarms["pump:air-in-line"].escalated == ("charge-nurse",)
    bed.do(c.AcknowledgeAlarm("pump:air-in-line"))
    assert look(bed.wait(seconds=118)).passed_on == ()
    assert len(events(bed, "alarm-escalated")) == 1


def test_two_watchers_at_the_same_moment_raise_one_alarm(bed):
    report(bed.wait(seconds=10), "stopped")
    bed.ward.fakes.log.before_commit.append(lambda: look(bed))
    look(bed)
    assert len(events(bed, "alarm-raised")) == 1


def test_a_silent_pump_and_a_silent_monitor_are_told(bed):
    assert {one.code for one in raised(bed.wait(minutes=3))} == {"pump-silent", "monitor-silent"}
    heard(heard(bed.wait(seconds=5), "mon-1"))
    look(bed)
    assert len(events(bed, "alarm-ended")) == 2


def test_samples_become_observations_when_they_are_owed_and_only_then(bed):
    before = len(events(bed, "observation-recorded"))
    heard(bed.wait(minutes=29), "mon-1")
    look(bed)
    assert len(events(bed, "observation-recorded")) == before
    heard(bed.wait(minutes=1), "mon-1")
    watched = look(bed)
    assert len(events(bed, "observation-recorded")) == before + 1
    assert all(one.overdue_since is None for one in watched.owed)
    assert bed.state.seen["pulse"].by == "mon-1"
    look(bed)
    assert len(events(bed, "observation-recorded")) == before + 1


def test_a_channel_that_shows_nothing_is_not_charted_but_alarmed(bed):
    heard(bed.wait(minutes=30), "mon-1", spo2="0", pulse=None)
    watched = look(bed)
    charted = events(bed, "observation-recorded")[-1]
    assert isinstance(charted, ObservationRecorded)
    assert {"spo2", "pulse"} & {reading.code for reading in charted.readings} == set()
    assert {"no-reading:spo2", "no-reading:pulse"} <= {one.key for one in raised(bed.wait(seconds=3))}  # lost for 3 s, as the table says
    assert {code for one in watched.owed if one.overdue_since for code in one.codes} == {"spo2", "pulse"}


def test_what_a_device_sends_in_an_unknown_unit_is_no_reading(bed):
    now = bed.wait(minutes=30).ward.fakes.clock.now()
    bed.ward.ports.samples.append((SampleBlock("mon-1", bed.session, now, (0,), {"pulse": ("bpm", ("80",))}),))
    assert "no-reading:pulse" in {one.key for one in raised(bed.wait(seconds=3))}


def test_a_sensor_that_is_off_the_patient_and_a_wild_clock_give_no_reading(bed):
    now = bed.wait(minutes=30).ward.fakes.clock.now()
    vitals = {"pulse": ("/min", ("80",)), "spo2": ("%", ("97",))}
    bed.ward.ports.samples.append((SampleBlock("mon-1", bed.session, now, (0,), vitals, ("lead-off:pulse",)),))
    assert [(one.code, one.value is None) for one in feed_of(bed.ward.ports, bed.session, tables(bed), now).samples] == [
        ("pulse", True),
        ("spo2", False),
    ]
    bed.ward.ports.samples.append((SampleBlock("mon-2", bed.session, now, (0,), vitals, ("clock-suspect",)),))
    assert {one.device for one in feed_of(bed.ward.ports, bed.session, tables(bed), now).samples} == {"mon-1"}


@pytest.mark.parametrize(("seconds", "frozen"), [(59, False), (60, True)])
def test_a_display_that_stands_still_for_a_minute_is_no_reading(bed, seconds, frozen):
    bed.wait(minutes=5)
    end = bed.ward.fakes.clock.now()
    for ten in range(0, seconds, 10):
        span = range(ten, min(ten + 10, seconds))
        start = end - timedelta(seconds=seconds - ten)
        channels = {"pulse": ("/min", ("72",) * len(span)), "spo2": ("%", ("97",) * len(span))}
        bed.ward.ports.samples.append((SampleBlock("mon-1", bed.session, start, tuple(1000 * n for n in range(len(span))), channels),))
    assert ("no-reading:pulse" in {one.key for one in raised(bed.wait(seconds=3))}) is frozen  # spo2 may well stand still


def test_a_pumps_own_channel_is_a_sign_of_life_and_no_observation(bed):
    now = bed.wait(minutes=3).ward.fakes.clock.now()
    bed.ward.ports.samples.append((SampleBlock("pump-1", bed.session, now, (0,), {"pump.volume": ("mL", (None,))}),))
    assert {one.key for one in raised(bed)} == {"monitor-silent:mon-1"}


def test_an_observation_that_nobody_takes_becomes_an_alarm_five_minutes_later(bed):
    heard(bed.wait(minutes=34))
    assert "observation-overdue" not in {one.code for one in raised(bed)}
    heard(bed.wait(minutes=1))
    assert "observation-overdue" in {one.code for one in raised(bed)}


def test_the_watch_stops_when_the_session_is_closed(bed):
    bed.wait(minutes=10).do(c.Stop("patient wishes"))
    report(bed.wait(seconds=10), "stopped")
    for item in ("access-removed", "site-covered", "teach-back", "leaflet-given", "contact-given"):
        bed.do(c.TickDischarge(item))
    heard(heard(bed.wait(hours=3)), "mon-1")
    bed.do(c.Discharge({"observation-over": "checked by the doctor"}))
    assert look(bed.wait(hours=1)).owed == ()
    assert {type(one) for one in look(bed).changed} <= {c.EndAlarm}


def test_the_emergency_dose_is_of_this_patient_and_its_clock_runs(bed):
    bed.do(c.TreatAsAnaphylaxis())
    dose, script = monitoring.emergency(bed.ward.ports, bed.state)
    assert (dose.dose, dose.basis, dose.scheme) == (Quantity("0.5", "mg"), DoseBasis.WEIGHT, "us")  # 71 kg: 0.71 mg, at most 0.5 mg
    assert script.opened_at == bed.ward.fakes.clock.now()
    bed.wait(minutes=1).do(c.GiveEmergencyDrug(GivenDrug("epinephrine", dose.dose, "IM", "anterolateral-thigh", dose.basis.value)))
    _, later = monitoring.emergency(bed.ward.ports, bed.state)
    assert later.repeat_at == bed.ward.fakes.clock.now() + timedelta(minutes=5)


def test_of_a_patient_of_whom_nothing_is_known_there_is_still_one_dose(bed):
    dose, _ = monitoring.emergency(bed.ward.ports, SessionState(patient="nobody"))
    assert (dose.dose, dose.basis) == (Quantity("0.5", "mg"), DoseBasis.ADULT)


def test_a_watcher_that_remembers_sees_the_same_as_one_that_does_not(bed):
    watcher = monitoring.Watch(bed.ward.ports, tables(bed))
    for minute in range(10):
        heard(heard(bed.wait(minutes=1)), "mon-1")
        if minute == 3:
            report(bed, "stopped")
        if minute == 6:
            report(bed, "infusing", bed.state.rate.text)
        remembered = watcher.look(bed.session)
        assert remembered.state == bed.state
        assert look(bed).changed == ()
    assert {event.code for event in events(bed, "alarm-raised") if isinstance(event, AlarmRaised)} == {"no-flow-while-running"}


def test_a_watcher_that_listens_reads_the_record_and_the_samples_only_when_something_is_new(bed, monkeypatch):
    watcher = monitoring.Watch(bed.ward.ports, tables(bed))
    read: list[str] = []
    samples, log = bed.ward.ports.samples, bed.ward.ports.log
    asked_samples, asked_log = samples.read, log.read

    def read_samples(*asked):
        read.append("samples")
        return asked_samples(*asked)

    def read_log(stream, after=0):
        read.append(stream)
        return asked_log(stream, after)

    monkeypatch.setattr(samples, "read", read_samples)
    monkeypatch.setattr(log, "read", read_log)

    def listened() -> list[str]:
        read.clear()
        watcher.listen()
        watcher.look(bed.session, bed.state.seq)
        return [one for one in read if not one.startswith("patient/")]

    heard(heard(bed.wait(seconds=5)), "mon-1")
    listened()
    bed.wait(seconds=1)
    seq = bed.state.seq
    read.clear()
    watcher.listen()
    assert watcher.look(bed.session, seq).changed == ()
    assert read == []
    heard(bed.wait(seconds=1))
    assert "samples" not in listened()  # what is new came with the one question
    report(bed.wait(seconds=1), "stopped")
    assert f"session/{bed.session}" in listened()


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(-200, 40), st.sampled_from(("mon-1", "pump-1"))), max_size=12))
def test_what_a_listening_watcher_knows_of_the_devices_is_what_is_stored_at_every_second(stored):
    # Blocks arrive late, in any order, and from devices whose clocks are ahead.
    clock = FakeClock(NOON)
    ports = replace(fakes().ports, samples=FakeSamples(), clock=clock)
    shipped = _shipped_tables()
    watcher = monitoring.Watch(ports, shipped)
    for second in range(61):
        now = clock.moment = NOON + timedelta(seconds=second)
        for at, offset, device in stored:
            if at == second:
                ports.samples.append((SampleBlock(device, "s", now + timedelta(seconds=offset), (0,), {"pulse": ("/min", ("72",))}),))
        watcher.listen()
        watcher._take("s", now)
        assert watcher._feed("s", now) == feed_of(ports, "s", shipped, now)


@cache
def _shipped_tables() -> AlarmTables:
    return monitoring.alarm_tables(ward().ports.library.reference.tables.values())


def test_every_kind_of_alarm_has_its_sentence_in_any_language(bed):
    words = monitoring.kind_words(tables(bed), "xx")
    assert {kind.id for kind in (*tables(bed).alarms.kinds, *tables(bed).pumps.events, tables(bed).pumps.unknown)} <= set(words)


def test_missing_tables_are_named():
    with pytest.raises(NotFound):
        monitoring.alarm_tables(())
