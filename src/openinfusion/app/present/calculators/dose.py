"""Doses: the names, worked lines and words of its calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_NOT = "Nothing was worked out."

TITLES: Mapping[str, str] = {
    "weight-dose": "Dose by weight or body surface",
    "dose-volume": "Volume of a dose",
    "split-dose": "Parts of a dose",
    "range-check": "Dose inside its range",
}
STEPS: Mapping[str, str] = {
    "calc.dose-of-day": "{dose} / {doses_per_day} doses a day",
    "calc.dose-volume": "{dose} / {concentration}",
    "calc.volume-of-day": "{volume} × {doses_per_day} doses a day",
    "calc.day-whole": "{dose}, the whole day",
    "calc.equal-part": "{dose} / {times}",
    "calc.part": "{dose} × {fraction}",
    "calc.end-for-weight": "{end} × {weight}",
    "calc.end-per-weight": "{end} / {weight}",
    "calc.dose-per-weight": "{dose} / {weight}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.not-of-a-day": Message(
        "{dose} is the dose of another time than a day.",
        _NOT,
        "Give the dose of one time, or of a day; never spread another time over days.",
    ),
    "calc.doses-per-day-needed": Message(
        "{dose} is the dose of a day, and the number of doses is not given.", _NOT, "Give doses_per_day, 1 for once a day."
    ),
    "calc.dose-or-day": Message(
        "{dose} with {doses_per_day} doses a day may be each dose or the whole day.",
        _NOT,
        "Write /d after the dose of a whole day; leave doses_per_day away for the dose of one time.",
    ),
    "calc.no-fraction": Message(
        "{name} holds {text}, which is no part of a whole.", _NOT, "Write parts such as 1/2, 0.25 or 25 %, with commas."
    ),
    "calc.too-many-parts": Message("There are {parts} fractions.", _NOT, "Give at most {most}, or equal parts as times."),
    "calc.parts-not-whole": Message(
        "The fractions {fractions} are {sum} together.", _NOT, "Give fractions that are 1 together, such as 1/3."
    ),
    "calc.range-upside-down": Message("The low end, {low}, is above the high end, {high}.", _NOT, "Find out which is which."),
    "calc.below-range": Message("{dose} is below the range of {low} to {high}.", "The dose was not changed.", "Ask who ordered it."),
    "calc.in-range": Message("{dose} is inside the range of {low} to {high}.", "Both ends are inside."),
    "calc.above-range": Message(
        "{dose} is above the range of {low} to {high}.", "The dose was not changed.", "Ask who ordered it before it is given."
    ),
}
