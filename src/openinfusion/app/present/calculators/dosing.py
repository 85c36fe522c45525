"""The dose of one patient: the worked lines that the rooms which dose share."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_NOT = "Nothing was worked out."

TITLES: Mapping[str, str] = {}
STEPS: Mapping[str, str] = {
    "calc.by-weight": "{dose} × {weight}",
    "calc.by-area": "{dose} × {area}",
    "calc.cap": "{dose}, at most {cap}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.weight-needed": Message("{dose} is a dose by weight, and no weight is given.", _NOT, "Weigh, and give the weight in kg."),
    "calc.area-needed": Message("{dose} is a dose by body surface, and no area is given.", _NOT, "Give the area in m2."),
    "calc.not-used": Message("{name} ({value}) was given and not used.", "The result does not depend on it."),
    "calc.cap-binds": Message(
        "The dose would be {dose}; it was capped.", "The result is the cap, {cap}.", "See that the cap is meant here."
    ),
}
