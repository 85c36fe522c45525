"""Facts and choices as they come from the command line or a FHIR bundle, read by the field dictionary. No Django here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from openinfusion.core.entry import read_choice, read_value
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.core.finding import Finding
from openinfusion.core.patient import Fact, PatientFacts
from openinfusion.core.prescribing.body import known_from
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import Library, LoadedProtocol


def moment(text: str) -> datetime:
    """The moment of `--at`, else the present one."""
    if not text:
        return datetime.now(UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("--at", f"{text!r} is not a time", "a time such as 2026-01-15T09:00+00:00") from error
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """`name=value` texts as a mapping; raises Malformed for one without "=" or a name given twice."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or name in found:
            raise Malformed(option, f"{text!r} is not name=value, or the name stands twice", f'{option} weight="71 kg"')
        found[name] = value
    return found


def facts(library: Library, given: Sequence[str], bundle: Path | None, at: datetime) -> tuple[PatientFacts, tuple[Finding, ...]]:
    """Facts of a bundle with those of `--fact` put in their place, and what the bundle left open that these do not settle."""
    fields = library.reference.fields
    texts = pairs(given, "--fact")
    for name in texts:
        if name not in fields:
            raise NotFound("field", name)
    entered = tuple(Fact(name, read_value(fields[name], text), at, "command line") for name, text in texts.items())
    if bundle is None:
        return PatientFacts.of(entered), ()
    from openinfusion.interop.fhir.bundle import read_bundle

    found = read_bundle(text_of(bundle), fields, at, library.reference.codes)
    return known_from(found.facts).having(*entered), tuple(one for one in found.findings if one.until not in texts)


def text_of(path: Path) -> str:
    """The text of a file; raises NotFound or Malformed."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(str(path), "is not UTF-8 text", "a UTF-8 file") from error
    except OSError as error:
        raise NotFound("file", str(path)) from error


def choice(given: Sequence[str], at: datetime) -> Choice:
    """The prescriber's choices of `--choose`; the course starts today unless they say otherwise."""
    return read_choice(pairs(given, "--choose"), at.date())


def drop_factor(text: str) -> Quantity | None:
    """The drop factor of `--drop-factor`, None where none is given; raises Malformed for what is no whole number of drops."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise Malformed("--drop-factor", f"{text!r} is not a number of drops in 1 mL", "the number on the package of the set, such as 20")
    return Quantity(int(text), "[drp]/mL")


def protocol(library: Library, name: str) -> LoadedProtocol:
    """The protocol of this id; raises NotFound."""
    found = library.protocols.get(name)
    if found is None:
        raise NotFound("protocol", name)
    return found
