"""What is said when one order says the same thing twice and otherwise: both numbers stand side by side. No number stands here."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_NEITHER = "Neither number is taken for the right one."
_AS_WRITTEN = "It is read as it is written."
_ASK = "Ask who wrote it, and correct the one that is wrong."
_CHECK = "Check the decimal point, the unit and the weight; write why it is right, or correct it."

CONSISTENCY_MESSAGES: Mapping[str, Message] = {
    "consistency.amount": Message(
        "The amount is given as {stated}; {concentration} × {volume} is {worked_out}.", _NEITHER, "Correct amount, concentration or volume."
    ),
    "consistency.comma": Message(
        "“{written}” has a comma, which some read as a decimal point and some as thousands.",
        "It is not taken for an amount.",
        "Write the number with a point, or without a comma.",
    ),
    "consistency.dose": Message(
        "The dose is given as {stated}; {per_weight} × {weight} is {worked_out}.", _NEITHER, "Correct dose, dose per body mass or weight."
    ),
    "consistency.kinds-do-not-meet": Message(
        "The {part} cannot be compared: {stated} and {other} are of kinds that do not meet.", _NEITHER, "Correct the unit that is wrong."
    ),
    "consistency.label": Message(
        "The label says {stated}; by what else is stated it is {worked_out}.", "Do not use this container yet.", "Ask the pharmacist."
    ),
    "consistency.naked-decimal": Message(
        "“{written}” has no zero before its point.", _AS_WRITTEN, "Write the zero.", {"may_be": "Without the point it is {may_be}."}
    ),
    "consistency.not-above-zero": Message("The {part} is given as {stated}.", "It is not used.", "Enter a number above zero."),
    "consistency.pounds": Message(
        "{stated} against {expected}: the ratio is that of pounds to kilograms.", "Nothing was changed.", "Weigh in kilograms. " + _CHECK
    ),
    "consistency.pounds-of-usual": Message(
        "{stated} lies outside the usual {low} to {high}; with pounds taken for kilograms it would be {expected}.",
        "Nothing was changed.",
        "Weigh in kilograms. " + _CHECK,
    ),
    "consistency.rate": Message(
        "The rate is given as {stated}; {dose_rate} / {concentration} is {worked_out}.",
        _NEITHER,
        "Correct rate, dose rate or concentration.",
    ),
    "consistency.rate-not-settable": Message(
        "The rate {rate} lies between two steps of the pump ({step}); it is set to {nearest}.",
        "The volume stays; the time changes.",
        "Check that this is near enough, or change the volume or the concentration.",
    ),
    "consistency.spelling": Message(
        "“{written}” is written with a unit that is misread.", _AS_WRITTEN, "Write the unit in full.", {"may_be": "It means {may_be}."}
    ),
    "consistency.ten-fold": Message("{stated} against {expected}: one is ten times the other.", "Nothing was changed.", _CHECK),
    "consistency.ten-fold-of-usual": Message(
        "{stated} lies outside the usual {low} to {high}; with the decimal point one place on it would be {expected}.",
        "Nothing was changed.",
        _CHECK,
    ),
    "consistency.text": Message("The text says {text}; the coded {part} is {coded}.", _NEITHER, _ASK),
    "consistency.thousand-fold": Message(
        "{stated} against {expected}: one is a thousand times the other, as when mcg, mg and g are confused.",
        "Nothing was changed.",
        _CHECK,
    ),
    "consistency.thousand-fold-of-usual": Message(
        "{stated} lies outside the usual {low} to {high}; with the next unit (mcg, mg, g) it would be {expected}.",
        "Nothing was changed.",
        _CHECK,
    ),
    "consistency.trailing-zero": Message(
        "“{written}” has a zero at its end.", _AS_WRITTEN, "Write it without.", {"may_be": "Without the point it is {may_be}."}
    ),
    "consistency.unit-not-read": Message(
        "“{written}” has a unit that is too easily misread.",
        "It is not taken for an amount.",
        "Write the unit in full.",
        {"may_be": "It may mean {may_be}."},
    ),
    "consistency.unit-of-other-kind": Message(
        "The {part} is given as {stated}, which is not a unit for it.", "It is not used.", "Enter it in a unit like {wanted}."
    ),
    "consistency.volume": Message(
        "The volume is given as {stated}; {rate} for {duration} is {worked_out}.", _NEITHER, "Correct volume, rate or time."
    ),
}
"""Code -> what is said."""
