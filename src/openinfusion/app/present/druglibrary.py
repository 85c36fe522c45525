"""The answers of a drug library, for people and as JSON. It decides nothing."""

from collections.abc import Mapping

from openinfusion.app.present.findings import finding, param_json
from openinfusion.app.present.numbers import quantity_json
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.canonical import Json
from openinfusion.core.finding import Finding
from openinfusion.core.prescribing.druglibrary import Checked, Hit, Outcome
from openinfusion.core.prescribing.library_shape import Entry

_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.OK: "Inside every limit of this line.",
    Outcome.SOFT: "Needs decision: a soft limit is passed; going on needs a reason.",
    Outcome.HARD: "Stop: a hard limit is passed, or something could not be compared.",
}
_ON_LINE = "Line {line} of the library; * marks the limit that binds."


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    return (*_OUTCOMES.values(), _ON_LINE)


def checked_json(answer: Checked, translate: Translate = plain) -> dict[str, Json]:
    """`{"verdict", "hits"}`, nothing else."""
    return {"verdict": answer.outcome.value, "hits": [hit_json(hit, translate) for hit in answer.hits]}


def hit_json(hit: Hit, translate: Translate = plain) -> dict[str, Json]:
    """One hit: what was compared, both numbers in one unit, and the line with its place in the file."""
    shown: dict[str, Json] = {"code": hit.code, "level": hit.level.value, "text": finding(hit.finding, translate).text}
    if hit.measure is not None:
        shown["measure"] = hit.measure.value
    if hit.side is not None:
        shown |= {"side": hit.side.value, "value": quantity_json(hit.value), "limit": quantity_json(hit.limit), "binds": hit.binds}
        shown |= {"of": [*hit.of], "ordered": quantity_json(hit.given)}
    else:
        shown["params"] = {name: param_json(value) for name, value in hit.params.items()}
    if hit.entry is not None:
        shown |= _place(hit.entry)
    return shown


def _place(entry: Entry) -> dict[str, Json]:
    line = entry.line
    return {"drug": line.drug, "care_area": line.care_area, "mode": line.mode.value, "line": line.id, "file_line": entry.at}


def checked_lines(answer: Checked, translate: Translate = plain) -> tuple[str, ...]:
    """The verdict and each hit in words."""
    hits = (f"  [{hit.level.value}]{' *' if hit.binds else ''} {finding(hit.finding, translate).text}" for hit in answer.hits)
    on = () if answer.entry is None else (translate(_ON_LINE).format(line=answer.entry.line.id),)
    return (translate(_OUTCOMES[answer.outcome]), *on, *hits)


def lint_json(entry: Entry, found: Finding, translate: Translate = plain) -> dict[str, Json]:
    """One finding about a line."""
    params: dict[str, Json] = {name: param_json(value) for name, value in found.params.items()}
    return {"code": found.code, "text": finding(found, translate).text, "params": params, **_place(entry)}
