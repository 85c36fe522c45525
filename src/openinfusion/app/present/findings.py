"""Findings, verdicts, broken rules and expected failures in words, and their JSON form. Every code has its words; none is shown bare."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from openinfusion.app.present.bedside_messages import BEDSIDE_MESSAGES, BROKEN
from openinfusion.app.present.calculators import MESSAGES as CALCULATOR_MESSAGES
from openinfusion.app.present.consistency_messages import CONSISTENCY_MESSAGES
from openinfusion.app.present.import_messages import IMPORT_MESSAGES
from openinfusion.app.present.kinetics_messages import KINETICS_MESSAGES
from openinfusion.app.present.limits_messages import LIMITS_MESSAGES
from openinfusion.app.present.numbers import elapsed, quantity, quantity_json
from openinfusion.app.present.order_messages import ORDER_MESSAGES
from openinfusion.app.present.syringe_messages import SYRINGE_MESSAGES
from openinfusion.app.present.words import NO_GLOSSARY, Glossary, Message, Translate, Words, plain, readable
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Code, CommandRefused, OpenInfusionError
from openinfusion.core.figure import Source
from openinfusion.core.finding import Finding, Level, Param, Verdict
from openinfusion.core.patient import duration
from openinfusion.core.quantity import Quantity

MESSAGES: Mapping[str, Message] = {
    **ORDER_MESSAGES,
    **BEDSIDE_MESSAGES,
    **IMPORT_MESSAGES,
    **CALCULATOR_MESSAGES,
    **CONSISTENCY_MESSAGES,
    **KINETICS_MESSAGES,
    **LIMITS_MESSAGES,
    **SYRINGE_MESSAGES,
}
"""Code of a finding -> what is said."""

ERRORS: Mapping[Code, Message] = {
    Code.REFUSED: Message("Refused.", "Nothing was changed.", "Settle what is listed, then try again."),
    Code.STALE_VIEW: Message(
        "Something happened to this record after you opened it.",
        "Your entry was not saved and changed nothing.",
        "Look at what is new, then decide again.",
    ),
    Code.ID_REUSED: Message(
        "An entry with this identity was saved before, with other content.",
        "The first one stands; this one was not saved.",
        "Reload the page and enter it anew.",
    ),
    Code.MALFORMED: Message("{at}: {why}.", "Nothing was saved.", "", {"write": "Write {write}."}),
    Code.NOT_FOUND: Message("There is no {what} {name} that you can open.", "Nothing was changed.", "Check the name, or search for it."),
    Code.NOT_ALLOWED: Message(
        "Your role does not include this: {action}.",
        "Nothing was changed.",
        "Ask a person who has the role.",
        {"roles": "Your roles: {roles}."},
    ),
    Code.PROTOCOL_BROKEN: Message(
        "A file does not hold.", "Nothing of it is used as it stands.", "Correct what is named here, then load it again: {problems}"
    ),
    Code.NOT_SAVED: Message(
        "NOT saved: {reason}.",
        "Nothing was recorded. What you do at the bedside is not stopped by this.",
        "Keep a paper note; try again in a moment.",
    ),
    Code.STORE_UNSAFE: Message(
        "The record cannot be kept safely: {problems}", "The program does not serve until this is settled.", "Settle it, then start again."
    ),
    Code.CONFIGURATION: Message(
        "The setting {name} does not hold: {why}.", "The program has not started.", "Correct it, then start again."
    ),
    Code.UNEXPECTED_RESULT: Message(
        "The result is not what was written down as expected.", "Nothing outside this run was changed.", "Read the differences above."
    ),
    Code.FAULT: Message(
        "This program has a fault and could not finish: {what} ({where}).",
        "What was acknowledged before is safe; this was not done.",
        "Carry on by hand, and report this line.",
    ),
}
"""Code of an expected failure -> what is said; its parameters are those of the error's class."""

_READABLE = frozenset(
    {
        "action",
        "allowed",
        "diluent",
        "diluents",
        "drug",
        "figure",
        "grade",
        "ingredient",
        "measure",
        "part",
        "phase",
        "phases",
        "site",
        "status",
        "window",
    }
)
"""Parameters whose codes read as text when dashes and underscores become blanks."""

_VERDICTS: Mapping[Verdict, str] = {
    Verdict.NONE: "Proceed: nothing was found.",
    Verdict.INFO: "Proceed: there is something to know.",
    Verdict.CAUTION: "Needs decision: a caution holds; going on needs a reason.",
    Verdict.INCOMPLETE: "Needs decision: something is not known.",
    Verdict.CONTRAINDICATED: "Stop: a contraindication holds; only two prescribers with a reason can go on.",
    Verdict.BANNED: "Stop: nobody can go on with this.",
}
_SCREEN: Mapping[Verdict, str] = {
    Verdict.NONE: "Proceed",
    Verdict.INFO: "Proceed",
    Verdict.CAUTION: "Needs decision",
    Verdict.INCOMPLETE: "Needs decision",
    Verdict.CONTRAINDICATED: "Stop",
    Verdict.BANNED: "Stop",
}
_LEVELS: Mapping[Level, str] = {
    Level.INFO: "To know",
    Level.CAUTION: "Caution",
    Level.MISSING: "Not known",
    Level.CONTRAINDICATED: "Contraindicated",
    Level.BANNED: "Never",
}


def finding(found: Finding, translate: Translate = plain, glossary: Glossary = NO_GLOSSARY) -> Words:
    """What is true, what is safe and what to do; a code without a row says so and shows its parameters."""
    message = MESSAGES.get(found.code)
    if message is None:
        return Words(translate("Finding {code} without words.").format(code=found.code), "", translate("Report this to the maintainers."))
    return _filled(message, found.params, translate, glossary)


def broken(code: str, translate: Translate = plain) -> Words:
    """What is said of a rule that a record broke; an unknown one is shown by its code."""
    message = BROKEN.get(code)
    if message is None:
        return Words(
            translate("A rule was broken: {code}.").format(code=readable(code)), translate("Recorded."), translate("Look at the entry.")
        )
    return _filled(message, {}, translate, NO_GLOSSARY)


def error(failure: OpenInfusionError, translate: Translate = plain, glossary: Glossary = NO_GLOSSARY) -> Words:
    """What is said of an expected failure; a refusal speaks through its findings."""
    if isinstance(failure, CommandRefused) and failure.findings:
        said = [finding(one, translate, glossary) for one in failure.findings]
        if len(said) == 1:
            return said[0]
        return Words(*(" ".join(dict.fromkeys(part for part in parts if part)) for parts in _parts(said)))
    params = {name: _param_of_error(value) for name, value in failure.params.items()}
    return _filled(ERRORS[failure.code], params, translate, glossary)


def verdict_words(verdict: Verdict, translate: Translate = plain) -> str:
    """The verdict of a screening as a sentence."""
    return translate(_VERDICTS[verdict])


def screen_word(verdict: Verdict, translate: Translate = plain) -> str:
    """Proceed, Needs decision, or Stop."""
    return translate(_SCREEN[verdict])


def level_word(level: Level, translate: Translate = plain) -> str:
    """The weight of a finding in a word."""
    return translate(_LEVELS[level])


def finding_json(found: Finding, translate: Translate = plain, glossary: Glossary = NO_GLOSSARY) -> dict[str, Json]:
    """`{"code", "level", "text", "sources"}`, with the rule and what lifts it where there are such."""
    shown: dict[str, Json] = {
        "code": found.code,
        "level": found.level.value,
        "text": finding(found, translate, glossary).text,
        "params": {name: param_json(value) for name, value in found.params.items()},
        "sources": sources_json(found.sources),
    }
    if found.rule:
        shown["rule"] = found.rule
    if found.until:
        shown["until"] = found.until
    return shown


def sources_json(sources: Iterable[Source]) -> list[Json]:
    """Sources as `{"cite", "at", "tier"}`."""
    return [{"cite": source.cite, "at": source.at, "tier": source.tier.value} for source in sources]


def param_json(value: Param) -> Json:
    """A parameter of a finding: quantities as `{value, unit}`, times in ISO form."""
    match value:
        case Quantity():
            return quantity_json(value)
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return [*value]
        case None | str() | bool() | int():
            return value


def message_ids() -> tuple[str, ...]:
    """Every English text of the catalogue, for the translation files."""
    rows = (*MESSAGES.values(), *ERRORS.values(), *BROKEN.values())
    return tuple(dict.fromkeys([*(text for row in rows for text in row.texts), *_VERDICTS.values(), *_SCREEN.values(), *_LEVELS.values()]))


def _parts(said: list[Words]) -> tuple[list[str], list[str], list[str]]:
    return [one.what_is_true for one in said], [one.what_is_safe for one in said], [one.what_to_do for one in said]


def _filled(message: Message, params: Mapping[str, Param], translate: Translate, glossary: Glossary) -> Words:
    shown = {name: _shown(name, value, translate, glossary) for name, value in params.items()}
    extras = [text for name, text in message.extras.items() if not _says_nothing(params.get(name))]
    true, safe, do = (translate(text).format_map(shown) if text else "" for text in (message.true, message.safe, message.do))
    said = [do, *(translate(text).format_map(shown) for text in extras)]
    return Words(_sentence(true), safe, " ".join(text for text in said if text))


def _says_nothing(value: Param) -> bool:
    """Whether a parameter adds nothing to what is said: it is not there, or it is a span of no length."""
    return value in (None, "", ()) or (isinstance(value, Quantity) and value.value == 0)


def _sentence(text: str) -> str:
    """With a capital at its head and a stop at its end; a field or rule that stands there may be written without."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _shown(name: str, value: Param, translate: Translate, glossary: Glossary) -> str:
    match value:
        case Quantity():
            return elapsed(duration(value)) if value.unit == "s" else quantity(value, translate)
        case datetime():
            return glossary.moment(value)
        case date():
            return value.isoformat()
        case bool():
            return translate("yes") if value else translate("no")
        case int():
            return str(value)
        case tuple():
            return ", ".join(_named(name, code, translate, glossary) for code in value) or translate("none")
        case None:
            return translate("none")
        case str():
            return _named(name, value, translate, glossary)


def _named(name: str, code: str, translate: Translate, glossary: Glossary) -> str:
    """A code as people call it: the label of a field, the sentence of a rule, else the code itself."""
    if name in ("field", "fields", "observations", "open"):
        return translate(glossary.fields[code]) if code in glossary.fields else readable(code)
    if name == "ingredient":
        return translate(glossary.fields[code]) if code in glossary.fields else readable(code)
    if name in ("rule", "rules"):
        return glossary.rules.get(code, code)
    if name == "finding":
        kind, _, rule = code.partition(":")
        return glossary.rules.get(rule) or readable(rule or kind)
    if name == "command":
        return re.sub(r"(?<!^)(?=[A-Z])", " ", code).capitalize()
    return readable(code) if name in _READABLE else code


def _param_of_error(value: object) -> Param:
    if isinstance(value, tuple):
        return tuple(str(item) for item in value)
    return value if isinstance(value, str | int | bool) else str(value)
