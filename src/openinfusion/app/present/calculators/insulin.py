"""Insulin: the name, worked lines and messages of its calculator."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {"insulin-correction": "Insulin for a meal and a high glucose"}
STEPS: Mapping[str, str] = {
    "calc.glucose-by-mass": "{glucose} × {millimole} per mmol/L",
    "calc.glucose-by-substance": "{glucose} / {millimole} per mmol/L",
    "calc.correction": "({glucose} – {target}) / {sensitivity}",
    "calc.meal": "{carbohydrate} / {ratio}",
    "calc.bolus": "{meal} for the meal + {correction} for the glucose – {on_board} still active",
    "calc.no-bolus": "{bolus}, which is none",
}
MESSAGES: Mapping[str, Message] = {
    "calc.low-glucose": Message(
        "The glucose, {glucose}, is low: below {low}.",
        "Nothing was worked out; no insulin now.",
        "Treat the low first: {treat_with} of glucose by mouth if the person can swallow, else the standing order for a severe low. "
        "Measure again after {again_after}.",
    ),
    "calc.low-target": Message(
        "The target, {target}, is itself low: below {low}.", "Nothing was worked out.", "Look at the order for the target."
    ),
    "calc.below-target": Message("The glucose, {glucose}, is under the target of {target}.", "That lessens the dose for the meal."),
    "calc.on-board-from-whole": Message(
        "{on_board} still active were taken from the whole dose. Some pumps take them from the correction alone and then give more.",
        "The smaller of the two published ways was used.",
        "Follow the order where it names another way.",
    ),
    "calc.bolus-below-zero": Message(
        "It comes to {bolus}, which is less than none.", "The dose is 0 units.", "Give no insulin now; watch the glucose."
    ),
}
