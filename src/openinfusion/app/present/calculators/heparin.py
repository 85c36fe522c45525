"""Heparin by weight: the names, worked lines and words of its calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {"heparin-bolus": "Heparin loading dose", "heparin-rate": "Heparin infusion"}
STEPS: Mapping[str, str] = {
    "calc.heparin-volume": "{amount} / {concentration}",
    "calc.heparin-rate": "{amount} / {concentration}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.no-cap": Message(
        "No cap was given: {dose} for {weight} grows with every kilogram.",
        "",
        "Look up the most that the protocol allows, and give it as cap.",
    ),
}
