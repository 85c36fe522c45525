"""A volume in a syringe: the name and messages of its calculator; its worked lines are those of every syringe."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {"syringe-mark": "Line of a syringe"}
STEPS: Mapping[str, str] = {}
MESSAGES: Mapping[str, Message] = {
    "calc.syringe-unknown": Message(
        "There is no syringe {syringe} in the table.", "Nothing was worked out.", "Write its size, such as 3 mL, or one of: {known}."
    ),
    "calc.syringe-used": Message(
        "It is read on a syringe that holds {capacity} and has a line each {line} ({syringe}).",
        "",
        "The lines on the barrel in the hand are the ones that count.",
    ),
}
