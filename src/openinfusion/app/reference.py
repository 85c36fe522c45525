"""Reference pages made from the data that they describe. They add nothing to it."""

from collections.abc import Iterable

from openinfusion.app.monitoring import alarm_tables, kind_words
from openinfusion.app.present import quantity, readable
from openinfusion.core.figure import Figure
from openinfusion.core.monitoring.kind import AlarmTables
from openinfusion.core.table import AlarmKind, Harm, Onset, Priority
from openinfusion.protocols.load import load_reference

_HEAD = """# Alarms

Made from `alarms-2.yaml` and `pump-events-2.yaml` of the package; a test keeps this page current. The limits of a therapy stand in its
protocol, each with a priority of its own.

Priority follows from what comes of an alarm that nobody answers, and how soon it comes:
"""

_RULES = """
## Technical or the patient

A zero, an absent or a frozen value, a sensor that is off and a unit that cannot be compared are told as technical, and the limits of that
channel rest while it gives nothing. Two rules silence nothing:

- A heart rate (`heart_rate`) of zero is `asystole`. While `pulse` or `spo2` still shows a living value that came later, the channels
  disagree: that is told instead, at medium priority, and turns into `asystole` as soon as the other channel is lost.
- A step that no body makes is told beside whatever limit it crosses. None ships; a site sets its own in its
  [policy](../how-to/site-policy.md).

## What is charted

The watch reads the newest charted values, signs and scores, and what a reported reaction holds:

- A [criterion](complications.md) that names its edition and source raises `criterion-met`, or `emergency-criterion` where its table calls
  the emergency team, and its steps are offered. A sign that is only asked about raises nothing. A crossed limit that leads to the same
  complication is not told twice. A verdict of a classifier raises an alarm for anaphylaxis only; the others offer their steps.
- Signs charted since the flow began that meet a criterion of anaphylaxis (WAO 2020, NIAID 2006) open the emergency by themselves: the flow
  is ordered to stop, the reaction is reported with these signs, and its steps open. Nobody is treated by it, and the infusion goes on only
  after two prescribers decided.
- NEWS2 of adults who are not pregnant, the maternal criteria of those who are, and totals charted by the name of their scale: the band
  that is certain, or one red value although the rest is missing. They stand in the record under `early_warning`.

An alarm of the chart that a person acknowledged or ended speaks again for a newer entry only; one that latches goes on until it is settled.

## Sound

`PauseSound` silences the alarms that stand at that moment, at that session on every screen; it is an event with person and length. A high
alarm that nobody acknowledged is not covered. An alarm that is raised later and is as grave as those that are silent, one that is raised
again, and a device that falls silent break the pause. A screen's self-test (`sound-tested`) is an event too: a screen counts as heard only
while a person heard its tones within the time below.
"""

_PUMPS = """
## What pumps say

A code that stands in no row is kept as it came, is shown in the pump's own words, and has the row `{unknown}`. A state word that is not
among {states} raises `pump-state-unknown`.
"""


def alarms_page() -> str:
    """Every kind of alarm with its priority, its words and whether it latches, as Markdown for `docs/reference/alarms.md`."""
    tables = alarm_tables(load_reference().tables.values())
    states = ", ".join(f"`{state}`" for state in sorted(tables.pumps.states))
    return "\n".join(
        [
            _HEAD,
            *_matrix(tables),
            "",
            "## Kinds",
            "",
            *_kinds(tables, tables.alarms.kinds),
            _RULES,
            _PUMPS.lstrip("\n").format(unknown=tables.pumps.unknown.id, states=states),
            *_kinds(tables, (*tables.pumps.events, tables.pumps.unknown)),
            "",
            "## Timings",
            "",
            *_timings(tables),
            "",
        ]
    )


def _matrix(tables: AlarmTables) -> Iterable[str]:
    yield "| what comes of it | " + " | ".join(onset.value for onset in Onset) + " |"
    yield "|---" * (len(Onset) + 1) + "|"
    for harm in Harm:
        yield f"| {harm.value} | " + " | ".join(tables.alarms.priorities[harm][onset].value for onset in Onset) + " |"


def _kinds(tables: AlarmTables, kinds: Iterable[AlarmKind]) -> Iterable[str]:
    words = kind_words(tables)
    yield "| code | class | priority | stays until a person resolves it | words |"
    yield "|---|---|---|---|---|"
    for kind in kinds:
        priority = tables.alarms.priorities[kind.harm][kind.onset].value
        yield f"| `{kind.id}` | {kind.alarm_class.value} | {priority} | {'yes' if kind.latching else 'no'} | {words[kind.id]} |"


def _timings(tables: AlarmTables) -> Iterable[str]:
    alarms = tables.alarms
    figures: dict[str, Figure | None] = {
        "values inside a limit that end its alarm": alarms.samples_to_end,
        "and have to be better than the limit by": alarms.dead_band,
        "a channel without a reading is told after": alarms.lost_after,
        "a device is expected to be heard every": alarms.report_every,
        "and is silent after so many of these": alarms.stale_after,
        "a pump that disagrees with the chart is told after": alarms.mismatch_after,
        "an order without any word of pump or person is told after": alarms.confirm_within,
        "an observation is overdue so long after it was due": alarms.overdue_after,
        "a charted flush explains flow for": alarms.flush_lasts,
        "keep-open flow is at most": alarms.keep_open_rate,
        "the pump's rate may differ from the order by": alarms.rate_tolerance,
        "equal samples in a row that are a frozen display": alarms.frozen_after,
        **{
            f"an acknowledged {priority.value} alarm that still holds comes back after": alarms.again_after.get(priority)
            for priority in Priority
        },
        **{f"a high alarm that nobody acknowledged is passed on to {readable(one.to)} after": one.after for one in alarms.escalation},
        "a value that runs towards a limit is told when it would cross it within": alarms.trend.ahead if alarms.trend else None,
        "a heart rate of zero is told after": alarms.asystole.after if alarms.asystole else None,
        "values are one set of a score when charted within": alarms.score_set_within,
        "alarms may be silenced for": alarms.sound_pause,
        "the sound of a screen is tested again after": alarms.sound_test_every,
        "and to the first of them, when no screen has shown it, after": alarms.unseen_after,
    }
    yield "| what | value |"
    yield "|---|---|"
    yield from (f"| {name} | {quantity(figure.quantity)} |" for name, figure in figures.items() if figure is not None)
