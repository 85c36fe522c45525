"""Vital signs scored: the names, worked lines and messages."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "news2": "Early warning score, NEWS2",
    "pews": "Early warning score of children, Brighton",
}
STEPS: Mapping[str, str] = {
    "calc.points-rr": "breathing {rr}",
    "calc.points-spo2": "oxygen saturation {spo2}",
    "calc.points-on-air": "breathing air",
    "calc.points-on-oxygen": "on oxygen",
    "calc.points-sbp": "systolic pressure {sbp}",
    "calc.points-hr": "heart rate {hr}",
    "calc.points-temp": "temperature {temp}",
    "calc.points-alert": "alert",
    "calc.points-not-alert": "not alert or newly confused",
    "calc.news2-total": "{rr} + {spo2} + {o2} + {sbp} + {hr} + {temp} + {acvpu}",
    "calc.pews-total": "{behaviour} + {cardiovascular} + {respiratory} + {extra}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.news2-not-under": Message(
        "NEWS2 is not for anyone under {age_from}; the age is {age}.", "Nothing was worked out.", "Use the chart for children of the site."
    ),
    "calc.news2-not-in-pregnancy": Message(
        "NEWS2 is not for pregnancy.", "Nothing was worked out.", "Use the chart of the site for mothers, or maternal-warning."
    ),
    "calc.news2-for-whom": Message(
        "NEWS2 holds from {age_from} on and not in pregnancy; one of these was not said.",
        "The score stands if both hold.",
        "Say the age and whether there is a pregnancy.",
    ),
    "calc.news2-scale": Message(
        "No scale of oxygen saturation was named; scale {scale} was used.", "", "Scale 2 holds only where a named prescriber has set it."
    ),
    "calc.news2-scale-2": Message(
        "Oxygen saturation was scored by scale 2.", "", "It holds only where a named prescriber has set it for this patient."
    ),
    "calc.score-red": Message(
        "{name} alone scores {points}.",
        "One red value alarms, whatever the rest is.",
        "Have it reviewed urgently, and look again within the hour.",
    ),
    "calc.score-at-least-band": Message(
        "Without what is missing the score is {least} already, which is {band}.", "It can only be higher.", "Act on that now."
    ),
    "calc.not-celsius": Message("{name} is {value}; above {most} another unit is suspected.", "It was left out.", "Write degrees Celsius."),
    "calc.component-unknown": Message("{name} is no part of this score.", "Nothing was worked out.", "Its parts are: {known}."),
    "calc.component-impossible": Message("{name} cannot score {points}.", "Nothing was worked out.", "It scores one of: {possible}."),
    "calc.component-contradicts": Message(
        "{name} is given as {points} points, but what was measured scores {measured}.",
        "Nothing was worked out.",
        "Leave one of the two away.",
    ),
    "calc.pews-bands": Message("The bands are a default without a guideline behind them.", "", "Take the bands of the site."),
    "calc.pews-extra-once": Message(
        "Both reasons for {extra} more are there; they are counted once, as the chart says.", "", "Look at the child, not at the sum alone."
    ),
}
