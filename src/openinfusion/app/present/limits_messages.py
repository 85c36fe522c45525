"""What is said of an order against a drug library, and of a library's own lines. No number stands here."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_CLOSED = "Nothing was changed. An order that cannot be compared counts as beyond a hard limit."
_HARD = "Nothing was changed, and nobody can pass this limit."
_SOFT = "Nothing was changed."
_KEPT = "Nothing was changed in the file."
_WAY = {"parts": "It follows from {parts}.", "advisory": "The library says: {advisory}"}


def _passed(side: str, limit: str, safe: str, do: str) -> Message:
    true = f"{{drug}} in {{care_area}}: the {{measure}}, {{value}}, is {side} the {limit} of {{limit}} (line {{line}})"
    return Message(true, safe, do, _WAY)


LIMITS_MESSAGES: Mapping[str, Message] = {
    "library.above-hard": _passed("above", "hard maximum", _HARD, "Order at most {limit}."),
    "library.below-hard": _passed("below", "hard minimum", _HARD, "Order at least {limit}."),
    "library.above-soft": _passed("above", "soft maximum", _SOFT, "Order at most {limit}, or write why it is right."),
    "library.below-soft": _passed("below", "soft minimum", _SOFT, "Order at least {limit}, or write why it is right."),
    "library.not-named": Message("The order does not name its {field}", _CLOSED, "Write {field}: and the name that the library uses."),
    "library.drug-unknown": Message(
        "{drug} is not in this library", _CLOSED, "Check the spelling, or have it added.", {"near": "The library has {near}."}
    ),
    "library.care-area-unknown": Message("The library has no care area {care_area}", _CLOSED, "Write one of its care areas: {care_areas}."),
    "library.drug-not-in-area": Message(
        "The library has no line for {drug} in {care_area}", _CLOSED, "Have one added; there are lines for {care_areas}."
    ),
    "library.several-lines": Message(
        "The library has several lines for {drug} in {care_area}", _CLOSED, "Say which one with line: {lines}; mode or use may do as well."
    ),
    "library.no-such-line": Message(
        "No line for {drug} in {care_area} has this mode, use or name", _CLOSED, "Say which one with line: {lines}."
    ),
    "library.nothing-stated": Message(
        "The line for {drug} in {care_area} states no limit at all", _CLOSED, "Have its limits entered in the library."
    ),
    "library.per-body": Message(
        "What is compared is per body ({unit}), and the order has no {field}", _CLOSED, "Enter the {field} of today."
    ),
    "library.implausible": Message(
        "The {field} of {value} is beyond the plausible {greatest}", _CLOSED, "Measure it again; perhaps the unit or the point is wrong."
    ),
    "library.not-stated": Message(
        "The library limits the {field} (in {unit}), and it neither stands in the order nor follows from it", _CLOSED, "Enter the {field}."
    ),
    "library.not-comparable": Message(
        "The {field} of {value} cannot be compared with the limits of this line, which are in {unit}",
        _CLOSED,
        "Order in a unit of that kind, or say which other line is meant.",
    ),
    "library.contradiction": Message(
        "The order contradicts itself: it says {field} {value}, and {parts} make {other}", _CLOSED, "Find out which one is meant."
    ),
    "library.number-unreadable": Message(
        "{field}: {text} is not one plain number with a unit", _CLOSED, "Write digits with a point, a blank and the unit, like {example}."
    ),
    "library.unit-missing": Message("{field}: {text} has no unit", _CLOSED, "Write the unit after a blank, like {example}."),
    "library.unit-unknown": Message(
        "{field}: the unit in {text} is not one that this program knows", _CLOSED, "Write a UCUM unit, like {example}."
    ),
    "library.unit-other-kind": Message("{field}: {text} is an amount of another kind", _CLOSED, "Write it in {wanted}."),
    "library.not-above-zero": Message("{field}: {text} is not above zero", _CLOSED, "Write what is meant, like {example}."),
    "library.in-pounds": Message(
        "The weight is in pounds: {weight}, which is {kilograms}", _CLOSED, "Compare it with the scale, and enter it in kilograms."
    ),
    "library.mode-unknown": Message("{mode} is no mode of giving", _CLOSED, "Write one of {modes}."),
    "library.not-text": Message("{field} is not a text", _CLOSED, "Write a name in quotes."),
    "library.field-unknown": Message(
        "An order has no field {field}", _CLOSED, "Correct its name, or leave it out.", {"near": "Perhaps {near} is meant."}
    ),
    "library.order-unreadable": Message("This line is not an order: {why}", _CLOSED, "Write one JSON object on one line."),
    "library-line.no-hard-maximum": Message(
        "{drug} in {care_area} has no hard maximum of dose",
        _KEPT,
        "Add dose: hard_max, or sign no_hard_maximum: with reason, signed_by (two roles) and date.",
    ),
    "library-line.no-dose-bounds": Message("{drug} in {care_area} has no limit of dose at all", _KEPT, "Add dose: with hard_max at least."),
    "library-line.both-maximum-and-none": Message(
        "{drug} in {care_area} has a hard maximum of {limit} and says that it has none", _KEPT, "Keep one of the two."
    ),
    "library-line.inverted": Message(
        "{drug} in {care_area}: the lower limit of {measure}, {low}, is above the upper one, {high}, so that every value is outside",
        _KEPT,
        "Exchange or correct them.",
    ),
    "library-line.soft-outside-hard": Message(
        "{drug} in {care_area}: of the limits of {measure}, the one that should be lower, {low}, is above {high}: the soft one is outside "
        "the hard one and is never met alone",
        _KEPT,
        "Bring the soft limit inside the hard one.",
    ),
    "library-line.standard-outside": Message(
        "{drug} in {care_area}: the standard container has a {measure} of {value}, outside the {strength} limit of {limit}",
        _KEPT,
        "Correct the container or the limit.",
    ),
    "library-line.standard-not-comparable": Message(
        "{drug} in {care_area}: the standard container cannot be compared with limits of {measure} in {unit}",
        _KEPT,
        "Write both in units of one kind.",
    ),
    "library-line.repeated": Message(
        "{drug} in {care_area} stands twice: this line and {other} (line {at} of the file) differ in nothing an order says",
        _KEPT,
        "Keep one, or give them a different use or standard container.",
    ),
}
"""Code of a finding -> what is said."""
