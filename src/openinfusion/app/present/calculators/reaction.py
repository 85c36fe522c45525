"""A reaction: the name, worked lines and messages of its classifiers. Each says by which edition it judges; none decides for the person."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {"reaction": "A reaction, judged side by side"}
STEPS: Mapping[str, str] = {
    "calc.reaction-fall": "fall from {baseline_sbp} to {sbp}",
    "calc.restart-ceiling": "{share} of {rate}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.anaphylaxis-met": Message("This is anaphylaxis by {criterion}: {because}.", "One criterion is enough."),
    "calc.anaphylaxis-open": Message(
        "By {criterion} this is anaphylaxis if the patient met a likely or known allergen: {because}.",
        "Nobody said whether there was one.",
        "Say it; until then act as if.",
    ),
    "calc.anaphylaxis-act": Message(
        "The emergency path is open.",
        "No grade and no missing value holds epinephrine back.",
        "Stop the infusion, call for help, give epinephrine.",
    ),
    "calc.anaphylaxis-not-met": Message(
        "No criterion of anaphylaxis is met by what was entered.",
        "Signs that stand in no criterion count for none.",
        "If in doubt treat as anaphylaxis; look again when a sign is added.",
    ),
    "calc.reaction-graded": Message("{term}: grade {grade} by {terminology} {edition}, for {because}.", "It is an offer; a person grades."),
    "calc.reaction-no-grade": Message("By {terminology} {edition} nothing of this has a grade.", "None is a grade too."),
    "calc.reaction-one-report": Message(
        "It fits an infusion related and an allergic reaction.", "", "Report one of them: the first where it came with the infusion."
    ),
    "calc.reaction-follows": Message(
        "What follows: {action}; grade {grade}, rule {rule}.", "This is the default; the rule of the protocol goes before it."
    ),
    "calc.reaction-restart": Message("A restart is at most at {ceiling}.", "Only when the signs are gone."),
    "calc.reaction-unknown-word": Message(
        "{word} in {name} is no word that is known here.", "It was kept, and counts for nothing.", "Choose the word that is nearest."
    ),
    "calc.reaction-without-signs": Message("Grade {grade} was given without any sign.", "It stands.", "Enter what was seen."),
    "calc.reaction-no-baseline": Message(
        "Without the pressure before, a fall of more than {fall} to {sbp} cannot be judged.",
        "It was not taken as low.",
        "Enter the pressure before.",
    ),
    "calc.reaction-adult-limit": Message(
        "{sbp} was judged by the limit of adults, for the age is unknown.", "", "Enter the age of a child."
    ),
    "calc.reaction-onset": Message(
        "It began {onset} after the start; the criteria speak of minutes to several hours.", "Time alone takes nothing back."
    ),
}
