"""The form of a calculator as a page shows it: what was typed, its units and choices, what is said of it. Works nothing out.

An entry is a number with the unit beside it; a number that is typed with its own unit keeps that one. Nothing that was typed is lost.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from openinfusion.app.present.calculators.labels import label
from openinfusion.app.present.words import readable
from openinfusion.core.calculation import WISHES, Calculation, Entered
from openinfusion.core.calculator import Calculator, Input, InputKind
from openinfusion.core.finding import Finding
from openinfusion.core.quantity import UNITS, unit
from openinfusion.core.spelling import spelled
from openinfusion.web.wording import amount_text, finding_words, unit_words

UNIT_OF = ".unit"
"""What stands behind a field's name in the name of its unit."""

STILL_NEEDED = ("calc.missing", "calc.missing-way")
"""What is said of entries that are not there yet: told once, in the result, and no error of a field."""

_RARE = frozenset({"um", "mol", "uL", "k[iU]", "ms", "wk", "mo"})
_PARTS_OF_UNIT = re.compile(r"[/.]")
_NUMBER_AND_UNIT = re.compile(r"\s*([+-]?[0-9.,]+)\s*((?:(?<=\s)10\*|[^\d\s.,+-]).*?)\s*\Z", re.DOTALL)
_MOST_RADIO = 4


Words = tuple[tuple[str, str], ...]
"""Words to choose from, each with what it is called."""


@dataclass(frozen=True, slots=True)
class Option:
    """One word or unit that can be chosen."""

    value: str
    text: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One field: how it is entered (`number`, `words`, `lines`, `radio`, `select`), what stands in it, and what is said of it."""

    name: str
    label: str
    way: str
    typed: str
    is_required: bool
    usual_units: tuple[Option, ...] = ()
    other_units: tuple[Option, ...] = ()
    unit: str = ""
    unit_text: str = ""
    options: tuple[Option, ...] = ()
    help: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the field on the page."""
        return f"in-{self.name}"

    @property
    def described_by(self) -> str:
        """The ids of what is said about it."""
        return " ".join([*([f"help-{self.name}"] if self.help else []), f"said-{self.name}"])


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields of which one of the `ways` must be given whole; no ways for those that stand on their own."""

    ways: tuple[str, ...]
    fields: tuple[FieldShown, ...]


def entered_of(calculator: Calculator, sent: Mapping[str, str]) -> dict[str, Entered]:
    """What was entered, of the inputs that the calculator has and of the wishes; what was left empty is not given."""
    found = {one.name: _entered(one, sent) for one in calculator.inputs}
    for name in WISHES:
        found[name] = sent.get(name, "").strip()
    return {name: value for name, value in found.items() if value}


def _entered(declared: Input, sent: Mapping[str, str]) -> Entered:
    text = sent.get(declared.name, "").strip()
    if declared.kind is InputKind.GROUP and not declared.is_list:
        pairs = (line.partition("=") for line in text.splitlines() if line.strip())
        return {name.strip(): value.strip() for name, _sign, value in pairs}
    return _with_unit(text, sent.get(f"{declared.name}{UNIT_OF}", "")) if declared.kind is InputKind.QUANTITY else text


def _with_unit(text: str, symbol: str) -> str:
    typed = text.strip()
    return f"{typed} {symbol}".strip() if typed and not _NUMBER_AND_UNIT.match(typed) else typed


def groups(calculator: Calculator, sent: Mapping[str, str], made: Calculation | None, words: Mapping[str, Words]) -> tuple[FieldGroup, ...]:
    """The fields in the order of the calculator, those of one group of ways together. `words`: those of a table that an input may be."""
    told = said_of(made) if made is not None else {}
    shown = {one.name: field(one, sent, told.get(one.name, ()), words.get(one.name, ())) for one in calculator.inputs}
    found = []
    for ways in calculator.ways:
        together = {name for way in ways for name in way}
        own = tuple(shown.pop(one.name) for one in calculator.inputs if one.name in together and one.name in shown)
        found.append(FieldGroup(tuple(" + ".join(label(name, _) for name in way) for way in ways), own))
    alone = FieldGroup((), tuple(shown.values()))
    return (*((alone,) if alone.fields else ()), *(group for group in found if group.fields))


def field(declared: Input, sent: Mapping[str, str], said: tuple[str, ...] = (), words: Words = ()) -> FieldShown:
    """One input as a field."""
    typed = sent.get(declared.name, "")
    made = FieldShown(declared.name, label(declared.name, _), "words", typed, declared.is_required, said=said, help=tuple(_help(declared)))
    match declared.kind:
        case InputKind.QUANTITY:
            return _with_units(replace(made, way="number"), declared, sent.get(f"{declared.name}{UNIT_OF}", ""))
        case InputKind.CHOICE:
            return _choosing(made, declared.choices)
        case InputKind.TRUTH:
            return _choosing(made, ("yes", "no"))
        case InputKind.WORD:
            return replace(made, way="select", options=_options(words, typed)) if words else made
        case InputKind.GROUP:
            return made if declared.is_list else replace(made, way="lines")
        case InputKind.TIME:
            return made


def _choosing(made: FieldShown, choices: tuple[str, ...]) -> FieldShown:
    way = "radio" if made.is_required and len(choices) <= _MOST_RADIO else "select"
    return replace(made, way=way, options=_options(tuple((one, _(readable(one))) for one in choices), made.typed))


def _options(words: Words, typed: str) -> tuple[Option, ...]:
    """The words to choose from; one that was entered and is not among them stays, for what is said of it."""
    chosen = typed.strip()
    own = () if not chosen or chosen in dict(words) else ((chosen, chosen),)
    return tuple(Option(one, text, one == chosen) for one, text in (*words, *own))


def _with_units(made: FieldShown, declared: Input, chosen: str) -> FieldShown:
    """The units that fit: the usual ones first. One is chosen beforehand only where all are of one kind; "10" of what is never guessed."""
    usual, other = declared.units, _other_units(declared)
    typed, own = _split(made.typed, declared, (*usual, *other))
    if len(usual) + len(other) == 1:
        return replace(made, typed=typed, unit=usual[0], unit_text=unit_words(usual[0]))
    taken = own or chosen or (usual[0] if len(declared.dimensions) == 1 else "")
    return replace(
        made,
        typed=typed,
        usual_units=tuple(Option(one, unit_words(one) or _("(a bare number)"), one == taken) for one in usual),
        other_units=tuple(Option(one, unit_words(one) or _("(a bare number)"), one == taken) for one in other),
    )


def _split(typed: str, declared: Input, offered: tuple[str, ...]) -> tuple[str, str]:
    """A number that came with a unit of the list, apart from it; anything else stays as it was typed."""
    found = _NUMBER_AND_UNIT.match(typed)
    if found is None:
        return typed, ""
    read = spelled(f"1 {found[2]}", is_activity=declared.has_activity)
    return (found[1], read.symbol) if not read.wrong and read.symbol in offered and not read.discouraged else (typed, "")


def _other_units(declared: Input) -> tuple[str, ...]:
    """The rest of the units of the same kinds, without those that nobody orders by."""
    fits = (one for one in UNITS if one not in declared.units and unit(one).dimensions in declared.dimensions)
    return tuple(one for one in fits if not _is_rare(one, declared))


def _is_rare(symbol: str, declared: Input) -> bool:
    if symbol == "a" or declared.is_whole:  # years are for ages, which name them; nobody counts in hundredths
        return True
    return symbol.endswith("/s") or (not _RARE.isdisjoint(_PARTS_OF_UNIT.split(symbol)) and symbol not in _of_ages(declared))


def _of_ages(declared: Input) -> tuple[str, ...]:
    return ("mo", "wk") if "a" in declared.units else ()


def _help(declared: Input) -> Iterator[str]:
    if declared.kind is InputKind.TIME:
        yield _("Hours and minutes, such as 07:30, or a date and time, such as 2026-03-01T07:30.")
    if declared.kind is InputKind.GROUP:
        yield _("One value after the other, with commas.") if declared.is_list else _("One in a line: name = value")
    if declared.kind is InputKind.GROUP and declared.choices:
        yield ", ".join(_(readable(word)) for word in declared.choices)
    if declared.kind is InputKind.CHOICE and not declared.is_required and not declared.has_no_default:
        yield _("Left empty, %(first)s is taken, and the result says so.") % {"first": declared.choices[0]}
    if declared.is_whole:
        yield _("A whole number.")
    if declared.least is not None and declared.most is not None:
        yield _("From %(least)s to %(most)s.") % {"least": amount_text(declared.least), "most": amount_text(declared.most)}
    elif declared.least is not None:
        yield _("From %(least)s.") % {"least": amount_text(declared.least)}
    elif declared.most is not None:
        yield _("Up to %(most)s.") % {"most": amount_text(declared.most)}


def said_of(made: Calculation) -> dict[str, tuple[str, ...]]:
    """What is said of each entry, to stand beside its field."""
    told: dict[str, tuple[str, ...]] = {}
    for found in made.findings:
        name = found.params.get("name")
        if isinstance(name, str) and found.code not in STILL_NEEDED:
            words = finding_words(named(found))
            told[name] = (*told.get(name, ()), f"{words.what_is_true} {words.what_to_do}".strip())
    return told


def named(found: Finding) -> Finding:
    """The finding with the labels of the page in place of the names of inputs, and units as people write them."""
    params = dict(found.params)
    for key in ("name", "known", "select", "missing", "names"):
        value = params.get(key)
        if isinstance(value, str):
            params[key] = label(value, _)
        elif isinstance(value, tuple):
            params[key] = tuple(label(one, _) for one in value)
    wanted, ways = params.get("wanted"), params.get("ways")
    if isinstance(wanted, tuple):
        params["wanted"] = tuple((unit_words(one) or _("a bare number")) if one in UNITS else one for one in wanted)
    if isinstance(ways, tuple):
        params["ways"] = tuple(" + ".join(label(name, _) for name in way.split(" + ")) for way in ways)
    return replace(found, params=params)
