"""Blood: the names, worked lines and messages."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "four-ts": "Chance of heparin-induced thrombocytopenia, 4Ts",
    "taco": "Circulatory overload by transfusion",
    "trali": "Lung injury by transfusion",
    "transfusion-fever": "Fever with a transfusion",
}
STEPS: Mapping[str, str] = {
    "calc.four-ts-platelets": "the lower of a fall of {fall} and a nadir of {nadir}",
    "calc.four-ts-total": "{thrombocytopenia} + {timing} + {thrombosis} + {other_causes}",
    "calc.temperature-rise": "{now} - {before}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.four-ts-component": Message(
        "{name} with {points} points does not fit.",
        "Nothing was worked out.",
        "Give 0, 1 or 2 for an item that is not described otherwise.",
    ),
}
