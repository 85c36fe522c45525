"""When: sessions by date from the phases of the protocol, never from one that a prescriber must choose."""

from datetime import date

from openinfusion.core.finding import Level, Verdict
from openinfusion.core.prescribing.course import course
from tests.core.prescribing.therapies import SOURCE, compare, figure, order, planned, therapy

INDUCTION = {"id": "induction", "kind": "offsets", "offsets": [figure("0 wk"), figure("2 wk"), figure("6 wk")], "sources": [SOURCE]}
MAINTENANCE = {"id": "maintenance", "kind": "sessions", "every": figure("8 wk"), "sources": [SOURCE]}
TWICE = {"id": "twice", "kind": "sessions", "every": figure("14 d"), "sessions": figure("2 {session}"), "sources": [SOURCE]}
START = date(2026, 12, 1)


def sessions(schedule, n=5, **chosen):
    made = course(order(therapy(schedule=schedule), **{"start_on": START, **chosen}), n)
    return [(each.number, each.infusion_number, each.on, each.phase) for each in made.sessions]


def test_maintenance_follows_induction_one_interval_after_its_last_session():
    assert sessions([INDUCTION, MAINTENANCE]) == [
        (1, 1, date(2026, 12, 1), "induction"),
        (2, 2, date(2026, 12, 15), "induction"),
        (3, 3, date(2027, 1, 12), "induction"),
        (4, 4, date(2027, 3, 9), "maintenance"),  # week 14
        (5, 5, date(2027, 5, 4), "maintenance"),  # week 22
    ]


def test_an_order_in_the_middle_of_a_course_resumes_it_there():
    assert sessions([INDUCTION, MAINTENANCE], n=2, infusion_number=3) == [
        (3, 3, date(2026, 12, 1), "induction"),
        (4, 4, date(2027, 1, 26), "maintenance"),
    ]


def test_a_chosen_phase_begins_on_the_start_date():
    assert sessions([INDUCTION, MAINTENANCE], n=2, phase="maintenance", infusion_number=9) == [
        (1, 9, date(2026, 12, 1), "maintenance"),
        (2, 10, date(2027, 1, 26), "maintenance"),
    ]


def test_a_counted_phase_ends_by_itself_and_a_repeated_course_counts_from_one():
    assert sessions([TWICE], infusion_number=3) == [(1, 3, date(2026, 12, 1), "twice"), (2, 4, date(2026, 12, 15), "twice")]


def test_a_phase_holds_only_under_its_condition():
    short = {**MAINTENANCE, "id": "short", "every": figure("6 wk"), "when": compare("infusion_number", ">=", "100")}
    assert {phase for *_, phase in sessions([short, MAINTENANCE])} == {"maintenance"}


def test_a_phase_for_a_prescriber_is_never_begun_alone():
    made = planned(therapy(schedule=[{**MAINTENANCE, "selection": "prescriber"}]))
    assert (made.verdict, made.findings[0].code, len(made.course)) == (Verdict.INCOMPLETE, "course.phase-not-chosen", 1)


def test_a_chosen_phase_that_does_not_exist_or_not_hold_is_said():
    late = {**MAINTENANCE, "when": compare("infusion_number", ">=", "4")}
    protocol = therapy(schedule=[INDUCTION, late])
    levels = {
        name: {finding.code: finding.level for finding in planned(protocol, phase=name).findings} for name in ("maintenance", "nothing")
    }
    assert levels == {
        "maintenance": {"course.phase-does-not-hold": Level.CONTRAINDICATED},
        "nothing": {"course.no-such-phase": Level.BANNED},
    }


def test_of_an_open_number_of_sessions_the_fewest_are_planned_and_it_is_said():
    open_number = {
        "id": "weekly",
        "kind": "sessions",
        "every": figure("7 d"),
        "fewest": figure("4 {session}"),
        "most": figure("8 {session}"),
    }
    made = planned(therapy(schedule=[{**open_number, "sources": [SOURCE]}]))
    assert (len(made.course), made.findings[0].code) == (4, "course.number-open")


def test_a_phase_without_an_interval_plans_one_session():
    by_cycle = {"id": "cycle", "kind": "prescribed", "sources": [SOURCE]}
    assert sessions([by_cycle]) == [(1, 1, START, "cycle")]


def test_offsets_after_another_phase_count_from_its_last_session():
    again = {**INDUCTION, "id": "again", "every": figure("4 wk")}
    days = [(day - START).days for _, _, day, _ in sessions([TWICE, again])]
    assert days == [0, 14, 42, 56, 84]  # four weeks after day 14, then two and six weeks after that
