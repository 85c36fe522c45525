"""The place of a line: the names and messages of its scales."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "vip": "Visual infusion phlebitis score",
    "phlebitis": "Phlebitis scale of the Infusion Nurses Society",
    "infiltration": "Infiltration scale of the Infusion Nurses Society",
    "extravasation": "Grade of an extravasation",
}
STEPS: Mapping[str, str] = {}
MESSAGES: Mapping[str, Message] = {
    "calc.infiltration-old-scale": Message(
        "This scale left the standards in 2011 and was never validated.",
        "Size and drug stand apart.",
        "Record the extent and the drug themselves.",
    ),
    "calc.infiltration-by-drug": Message(
        "What leaked is {leaked}: that is the highest grade at any size; by size it is {by_size}.",
        "",
        "Stop the flow and follow the script for this drug.",
    ),
    "calc.extravasation-class-first": Message(
        "The grade says how it looks.",
        "What is done goes by the tissue class of the drug, at any grade.",
        "For a vesicant: stop, leave the cannula, aspirate, follow the script.",
    ),
    "calc.cord-contradicts": Message(
        "The cord is {length} long, but whether there is one was answered otherwise.", "Nothing was worked out.", "Correct one of the two."
    ),
}
