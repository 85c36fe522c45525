"""The page of the reference on complications, made from the tables: statement, criteria, what is asked about, steps, whom to call."""

from collections.abc import Iterator

from openinfusion.app.complications import Entry, entries
from openinfusion.app.present import quantity
from openinfusion.app.present.complications import call_lines, recognition_line
from openinfusion.core.complication import Recognition
from openinfusion.core.figure import Source
from openinfusion.core.table import ResponseStep
from openinfusion.protocols.load import load_reference

_HEAD = """# Complications

Made from the tables of the package by `scripts/reference.py`; a test keeps this page current. `openinfusion complications` prints the same,
`--statement N` what answers one statement of the patient guide, `--json` all of it.

What is asked about opens nothing by itself. Only a criterion does; it names its edition and a published source. A drug without a dose in
its sources is given by the standing order of the site, which the page says. On Run and Observe a complication is charted and its steps
open, with ticks, times and who was called, all in the record. The page Complications has a drill of each: nothing of it is recorded.

A tier after a source says how far it can be trusted: A is best, U is unsourced or not read.

| statement | complication | script | first step | call |
|---|---|---|---|---|"""


def complications_page() -> str:
    """Every complication, as Markdown for `docs/reference/complications.md`."""
    found = sorted(entries(load_reference()), key=lambda entry: (entry.complication.statements or (_BEYOND,), entry.title))
    return "\n".join([_HEAD, *(_row(entry) for entry in found), *(line for entry in found for line in _section(entry))]) + "\n"


_BEYOND = 100
"""After the last statement of the guide."""


def _row(entry: Entry) -> str:
    numbers = ", ".join(str(number) for number in entry.complication.statements) or "beyond the guide"
    calls = ", ".join(call_lines(entry.complication, entry.wording))
    return f"| {numbers} | {entry.title} | `{entry.script.name}` | {entry.first_step} | {calls} |"


def _section(entry: Entry) -> Iterator[str]:
    row = entry.complication
    yield from ("", f"## {entry.title}", "")
    yield f"`{row.code}`, {', '.join(route.value for route in row.routes)}" + (f"; {', '.join(row.drugs)}" if row.drugs else "")
    yield from ("", "Recognised by:", "")
    yield from (_recognition(one, entry) for one in row.recognise)
    yield from ("", "Steps:", "")
    yield from (_step(step, entry) for step in sorted(entry.script.steps, key=lambda step: step.n))


def _recognition(one: Recognition, entry: Entry) -> str:
    return f"- {recognition_line(one, entry.wording)} {_sources(one.sources)}"


def _step(step: ResponseStep, entry: Entry) -> str:
    parts = [entry.wording[step.id].rstrip(".")]
    parts += [f"{name.replace('_', ' ')} {quantity(figure.quantity)}" for name, figure in step.figures.items()]
    parts += [f"{name} {quantity(figure.quantity)}" for name, figure in (("again every", step.every), ("within", step.within)) if figure]
    parts += [f"dose from `{step.dose_from}`"] if step.dose_from else []
    parts += ["by the standing order"] if step.per_standing_order else []
    return f"- {step.n}. {'; '.join(parts)} {_sources(step.sources)}"


def _sources(found: tuple[Source, ...]) -> str:
    return "(" + "; ".join(f"{one.cite} {one.tier.value}" for one in found) + ")"
