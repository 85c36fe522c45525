"""What is said of anything that was entered into a calculator: read, refused or noticed."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_NOT = "Nothing was worked out."

MESSAGES: Mapping[str, Message] = {
    "calc.unknown": Message("There is no calculator {name}.", _NOT, "Choose one of the list."),
    "calc.line-unreadable": Message(
        "This line is not one calculation: {why}.", _NOT, 'Write {{"name": ..., "inputs": {{...}}}} in one line.'
    ),
    "calc.unknown-input": Message("This calculator does not ask for {name}.", _NOT, "It asks for: {known}."),
    "calc.missing": Message("{name} is not given.", _NOT, "Write {name}, such as {wanted}."),
    "calc.missing-way": Message("What is needed is not whole.", _NOT, "Give one of these whole: {ways}."),
    "calc.not-a-group": Message("{name} is {text}, which is no list of named values.", _NOT, "Write each value with its name."),
    "calc.not-a-choice": Message("{name} is {text}, which is not one of the words for it.", _NOT, "Write one of: {choices}."),
    "calc.not-yes-or-no": Message("{name} is {text}, which is neither yes nor no.", _NOT, "Write yes or no."),
    "calc.not-a-time": Message(
        "{name} is {text}, which is no time.", _NOT, "Write hours and minutes, such as 07:30, or a date and time, such as 2026-03-01T07:30."
    ),
    "calc.not-a-number": Message(
        "{name} is {text}, which is not a number with its unit.", _NOT, "Write digits with a point and the unit: {wanted}."
    ),
    "calc.comma": Message(
        "{name} is {text}; some read the comma as a decimal point and some as thousands.", _NOT, "Write it without a comma."
    ),
    "calc.naked-decimal": Message(
        "{name} is {text}; a point without a digit before it is easily overlooked.", _NOT, "Write a zero before the point."
    ),
    "calc.no-unit": Message("{name} is {text}, without its unit.", _NOT, "Write the unit, one of this kind: {wanted}."),
    "calc.unknown-unit": Message('{name} is {text}; "{unit}" is not a unit that fits here.', _NOT, "Write a unit of this kind: {wanted}."),
    "calc.other-kind": Message(
        "{name} is {value}, which is not the kind of amount that is needed.", _NOT, "Write a unit of this kind: {wanted}."
    ),
    "calc.not-whole": Message("{name} is {value}, which is not a whole number.", _NOT, "Write a whole number."),
    "calc.below-domain": Message("{name} is {value}; the formula holds from {least}.", _NOT, "Use a way that holds for this patient."),
    "calc.above-domain": Message("{name} is {value}; the formula holds up to {most}.", _NOT, "Use a way that holds for this patient."),
    "calc.not-positive": Message("{name} is {value}, which is not above zero.", _NOT, "Write what was meant."),
    "calc.negative": Message("{name} is {value}, which is below zero.", _NOT, "Write what was meant."),
    "calc.no-such-result": Message("This calculation has no result {name}.", _NOT, "Choose one of: {known}."),
    "calc.result-not-given": Message("The result {name} does not come out of what was given.", _NOT, "It gives: {known}."),
    "calc.as-of-other-kind": Message("The result is {result}, which cannot be written in {unit}.", _NOT, "Name a unit of the same kind."),
    "calc.as-of-other-result": Message(
        "The result is {result}, which cannot be written in {unit}; another result can.", _NOT, "Ask for that one with select: {select}."
    ),
    "calc.rounded-down": Message("It is rounded down to {rounded}; half up would pass {most}.", "The limit is kept."),
    "calc.rounded-to-nothing": Message(
        "{amount} in steps of {step} is rounded to nothing.", "The exact value stands beside it.", "Choose what measures smaller steps."
    ),
    "calc.not-of-one-kind": Message("{one} and {other} are not of one kind.", _NOT, "Write both in units of one kind."),
    "calc.trailing-zero": Message("{name} is written {text}; it is read as {value}.", "", "Leave the zero after the point away."),
    "calc.discouraged-unit": Message("{name} is written with {written}; it is read as {value}.", "", "Leave this abbreviation away."),
    "calc.left-out": Message(
        "{name} could not be used and was left out.", "The result goes by what else is known.", "", {"given": "It was written as {given}."}
    ),
    "calc.read-as": Message(
        "{name} is written {text} and was read as {value}.", "The result stands on that.", "Write it with a point and its unit."
    ),
    "calc.unit-assumed": Message("{name} was given without its whole unit and is read as {value}.", "", "Look whether that is meant."),
}
