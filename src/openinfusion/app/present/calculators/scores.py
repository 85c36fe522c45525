"""What all scores say: which scale, what is missing, which signs fit no row."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {}
STEPS: Mapping[str, str] = {
    "calc.to-scale": "{measured} to the nearest {step}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.score-edition": Message("The scale is {scale}, {edition}.", "", "Write its name beside the result."),
    "calc.score-incomplete": Message(
        "The score is at least {least}; not known: {missing} ({count} missing).",
        "There is no total until all is known.",
        "Measure what is missing.",
    ),
    "calc.grade-open": Message(
        "The grade is at least {least} and could be {most}; nobody said: {missing}.",
        "There is no grade until that is known.",
        "Look for each of these, and say yes or no.",
    ),
    "calc.signs-fit-no-grade": Message(
        "No row of the scale has only these signs: {signs}.", "Nothing was worked out.", "Record the signs themselves."
    ),
    "calc.signs-beyond": Message(
        "Signs were seen that belong to no row up to grade {grade}: {signs}.",
        "The grade may say too little.",
        "Record these signs beside it.",
    ),
    "calc.definition-open": Message(
        "Whether the definition of {scale} is met is open; nobody said: {missing}.",
        "Nothing was worked out.",
        "Find out what is missing; treat the patient meanwhile.",
    ),
    "calc.definition-signs": Message("It rests on these: {signs}.", "", "Look whether each of them is there."),
    "calc.share-for-percent": Message(
        "{name} is {value}; a share such as 0.97 was meant as a percentage, it seems.", "It was left out.", "Write percent, such as 97 %."
    ),
}
