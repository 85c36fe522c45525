"""Handling: the names, worked lines and words of its calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "push-time": "How long a push lasts",
    "waste-volume": "What is left to waste",
    "amount-to-add": "Drug to add to a bag",
}
STEPS: Mapping[str, str] = {
    "calc.push-time": "{dose} / {push_rate}",
    "calc.container-volume": "{container} / {concentration}",
    "calc.drawn": "{dose} / {concentration}",
    "calc.containers": "{volume} in whole containers of {container}",
    "calc.waste": "{containers} × {container} – {volume}",
    "calc.waste-amount": "{waste} × {concentration}",
    "calc.amount-to-add": "{dose} × {volume} / {rate}",
    "calc.bag-strength": "{amount} / {volume}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.more-containers": Message(
        "{volume} takes {containers} containers of {container}.", "", "See whether a larger one is at hand, and whether the dose is meant."
    ),
    "calc.final-volume": Message("{amount} is for {volume} with the drug in it.", "", "Take out as much fluid as the drug brings in."),
}
