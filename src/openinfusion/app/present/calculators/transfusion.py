"""Reactions to a transfusion: the name and the messages."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {"transfusion-reaction": "Kinds of reaction to a transfusion"}
STEPS: Mapping[str, str] = {}
MESSAGES: Mapping[str, Message] = {
    "calc.transfusion-stop": Message(
        "Met: {kinds}.",
        "Several kinds can be met at once; none of them is a diagnosis.",
        "Stop, keep the vein open, compare patient, wristband and label, and call for review.",
    ),
    "calc.transfusion-open": Message(
        "Still open: {kinds}; nobody said: {missing}.",
        "What is open is not excluded.",
        "Find out what is missing; treat the patient meanwhile.",
    ),
    "calc.transfusion-elsewhere": Message(
        "Anaphylaxis, overload and lung injury are judged by themselves.", "", "Ask reaction, taco and trali too; anaphylaxis goes first."
    ),
}
