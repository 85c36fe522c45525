"""Low glucose: the names and messages."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "hypoglycaemia": "Level of low glucose",
}
STEPS: Mapping[str, str] = {}
MESSAGES: Mapping[str, Message] = {
    "calc.glucose-treat": Message(
        "The glucose is low.",
        "",
        "If the patient can swallow: {treat_with} of glucose, measure again after {again_after}, and repeat while it is low.",
    ),
    "calc.glucose-needs-help": Message(
        "Help from others is needed: the highest level, whatever was measured.",
        "",
        "Glucagon, or glucose into a vein, per standing order; call for help.",
    ),
    "calc.glucose-help-unknown": Message("Whether help from others is needed was not said.", "With it the level is 3.", "Say yes or no."),
    "calc.glucose-not-measured": Message(
        "No glucose was measured.", "Treatment does not wait for it.", "Measure it as soon as that can be done."
    ),
}
