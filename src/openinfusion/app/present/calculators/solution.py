"""Solutions: the names, worked lines and messages of their calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "reconstitution": "Powder with its diluent",
    "percent-solution": "Grams in a percent solution",
}
STEPS: Mapping[str, str] = {
    "calc.displacement": "{amount} × {displacement}",
    "calc.final-volume": "{diluent} + {displacement}",
    "calc.final-volume-stated": "{amount} / {concentration}",
    "calc.displacement-found": "{final_volume} – {diluent}",
    "calc.powder-concentration": "{amount} / {final_volume}",
    "calc.powder-dose": "{dose} / {concentration}",
    "calc.percent-solution": "{percent} × {volume}, with {one_percent} for 1%",
}
MESSAGES: Mapping[str, Message] = {
    "calc.final-volume-below-diluent": Message(
        "The stated concentration makes {final_volume}, which is less than the diluent alone, {diluent}.",
        "Nothing was worked out.",
        "Read the label again: the amount, the diluent and the concentration.",
    ),
    "calc.more-than-container": Message(
        "The dose, {dose}, is more than one container holds, {amount}.", "", "Mix as many containers as the dose needs, each the same way."
    ),
    "calc.percent-above-hundred": Message(
        "{percent} is more than 100 g in 100 mL, which hardly any solution holds.", "", "Look whether the point stands where it should."
    ),
}
