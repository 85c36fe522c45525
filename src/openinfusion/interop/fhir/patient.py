"""Who it is: names, birth date, sex and record number of the one Patient. It never chooses between two patients, two birth dates or two
record numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from openinfusion.core.entry import read_value
from openinfusion.core.errors import Malformed
from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import Fact, FactValue
from openinfusion.interop.fhir.document import Node, shortened
from openinfusion.interop.fhir.reading import Context, Found, by, concept

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the Bundle is about, as it is written there. An empty text or None: not given, or not one."""

    names: tuple[str, ...]
    birth_date: date | None
    sex: str
    mrn: str


def read_patient(node: Node, context: Context) -> tuple[Identity, Found]:
    """The identity, the facts birth date and sex, and what forbids or hinders using this record."""
    day, about_day = _birth_date(node, context.now)
    sex, about_sex = _sex(node, context)
    mrn, about_mrn = _record_number(node)
    values: tuple[tuple[str, FactValue | None], ...] = (("birth_date", day), ("sex", sex))
    facts = tuple(Fact(name, value, context.now, by(node)) for name, value in values if value is not None)
    findings = (*_standing(node), *about_day, *about_sex, *about_mrn)
    return Identity(_names(node), day, "" if sex is None else node.text("gender"), mrn), Found(facts, findings)


def _standing(node: Node) -> Iterator[Finding]:
    """Whether the person lives and the record is the one in use."""
    if node.flag("deceasedBoolean") or node.has("deceasedDateTime"):
        yield Finding("fhir.deceased", Level.BANNED)
    if any(link.text("type") == "replaced-by" for link in node.nodes("link")):
        yield Finding("fhir.patient-replaced", Level.BANNED)
    if node.flag("active") is False:
        yield Finding("fhir.patient-not-in-use", Level.CAUTION)


def _names(node: Node) -> tuple[str, ...]:
    """Every current name in one line each; those marked old or temporary left out."""
    current = (name for name in node.nodes("name") if name.text("use") not in ("old", "temp"))
    written = (name.text("text") or " ".join((*name.texts("given"), name.text("family"))) for name in current)
    return tuple(dict.fromkeys(text for name in written if (text := shortened(name))))


def _birth_date(node: Node, now: datetime) -> tuple[date | None, tuple[Finding, ...]]:
    text = node.text("birthDate")
    if not text:
        return None, (Finding("fact.missing", Level.MISSING, {"field": "birth_date"}, until="birth_date"),)
    try:
        day = date.fromisoformat(text) if _DAY.match(text) else None
    except ValueError:
        day = None
    if day is None or day > now.date():
        return None, (Finding("fhir.birth-date", Level.MISSING, {"text": shortened(text)}, until="birth_date"),)
    return day, ()


def _sex(node: Node, context: Context) -> tuple[FactValue | None, tuple[Finding, ...]]:
    text = node.text("gender")
    if text and "sex" in context.fields:
        try:
            return read_value(context.fields["sex"], text), ()
        except Malformed:
            pass  # not one of the codes of R4: as good as not given
    return None, (Finding("fact.missing", Level.MISSING, {"field": "sex"}, until="sex"),)


def _record_number(node: Node) -> tuple[str, tuple[Finding, ...]]:
    """The one identifier that is typed as a medical record number and not old."""
    typed = (one for one in node.nodes("identifier") if (_IDENTIFIER_TYPES, "MR") in concept(one.node("type")).codings)
    numbers = tuple(dict.fromkeys(number for one in typed if one.text("use") != "old" and (number := one.text("value"))))
    if len(numbers) > 1:
        return "", (Finding("fhir.several-record-numbers", Level.CAUTION, {"numbers": tuple(shortened(one) for one in numbers)}),)
    return numbers[0] if numbers else "", ()
