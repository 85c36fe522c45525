"""Emergencies: the names, worked lines and messages of their calculators. A dose is never without its basis."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_ORDER = "The site's signed standing order goes before this."

TITLES: Mapping[str, str] = {
    "epinephrine-im": "Epinephrine into the muscle",
    "lipid-rescue": "Lipid emulsion after local anaesthetic",
    "naloxone-infusion": "Naloxone by infusion",
}
STEPS: Mapping[str, str] = {
    "calc.epinephrine-by-weight": "{per_mass} × {weight}",
    "calc.epinephrine-cap": "{dose}, at most {cap}",
    "calc.epinephrine-by-age": "the dose at {age}",
    "calc.epinephrine-adult": "the dose of an adult",
    "calc.epinephrine-volume": "{dose} / {concentration}",
    "calc.lipid-bolus": "{per_mass} × {weight}",
    "calc.lipid-bolus-fixed": "{bolus} for everybody above {above}",
    "calc.lipid-rate": "{per_mass} × {weight}",
    "calc.lipid-rate-fixed": "{volume} / {time}",
    "calc.lipid-doubled": "{rate} × {factor}",
    "calc.lipid-maximum": "{per_mass} × {weight}",
    "calc.naloxone-rate": "{share} of {bolus} in an hour",
    "calc.naloxone-mixture": "{amount} / {volume}",
    "calc.naloxone-volume-rate": "{rate} / {mixture}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.epinephrine-basis-weight": Message("The dose goes by weight, {weight}; scheme {scheme}.", _ORDER),
    "calc.epinephrine-basis-age": Message("The dose goes by age, {age}; scheme {scheme}.", _ORDER),
    "calc.epinephrine-basis-age-of": Message(
        "The dose goes by age, {age}, for the weight is unknown; scheme {scheme} has no ages, so the rows are those of {rows_of}.",
        _ORDER,
        "Give it now; weigh later.",
    ),
    "calc.epinephrine-basis-adult": Message(
        "This is the dose of an adult, for weight and age are unknown; scheme {scheme}.",
        _ORDER,
        "Give it now; for a child take the weight or the age as soon as one is known.",
    ),
    "calc.epinephrine-capped": Message("By weight it would be {dose}; the scheme gives at most {cap}.", "The dose is {cap}."),
    "calc.epinephrine-scheme": Message(
        "No scheme was named that the table holds; {scheme} was used.",
        "One dose stands.",
        "Name the scheme of the site: us, rcuk or ascia.",
    ),
    "calc.epinephrine-again": Message(
        "It goes into the muscle, site {site}, never into a vein.", "", "Give it again after {repeat_after} when it does not get better."
    ),
    "calc.lipid-scheme": Message(
        "No scheme was named; {scheme} was used.", "Its numbers stand.", "Name the scheme of the site, asra or aagbi, and never blend them."
    ),
    "calc.lipid-how": Message(
        "This is lipid emulsion of 20%: the bolus within {within}, then the flow.",
        "Never more than {maximum} in all.",
        "If the circulation is not back, give the bolus again, twice at most, and raise the flow to {doubled}.",
    ),
    "calc.lipid-fastest": Message(
        "The scheme gives {volume} in {time} to {slowest}; the flow is that of the shorter time.",
        _ORDER,
    ),
    "calc.lipid-boundary": Message(
        "At {weight} the sources differ: {bolus} by weight or {fixed} for all.", "The dose by weight was used.", _ORDER
    ),
    "calc.naloxone-target": Message(
        "This is where the infusion starts.", "", "Set it by breathing, to more than {breathing}, not by wakefulness."
    ),
    "calc.naloxone-rethink": Message(
        "{bolus} were given; after {after} without an answer opioids are hardly the cause.", "", "Look for another cause."
    ),
}
