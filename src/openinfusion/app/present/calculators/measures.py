"""Weight and concentration: the worked lines that many calculators share."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {}
STEPS: Mapping[str, str] = {"calc.kilograms": "{weight} × 0.45359237 kg/lb", "calc.concentration": "{amount} / {volume}"}
MESSAGES: Mapping[str, Message] = {
    "calc.in-pounds": Message("{weight} was converted to {kilograms}.", "", "Weigh and write in kilograms."),
    "calc.contradictory": Message(
        "What was given contradicts itself: one way it comes to {one}, another way to {other}.",
        "Nothing was worked out.",
        "Find out which holds and give that alone.",
    ),
}
