"""Pressure and heart: the names, worked lines and messages of their calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {"mean-arterial-pressure": "Mean arterial pressure", "qtc": "QT interval corrected for the heart rate"}
STEPS: Mapping[str, str] = {
    "calc.mean-pressure": "{diastolic} + ({systolic} – {diastolic}) / 3",
    "calc.interval-of-beats": "60 s / {heart_rate}",
    "calc.bazett": "{qt} / √({interval} in seconds)",
    "calc.fridericia": "{qt} / ∛({interval} in seconds)",
}
MESSAGES: Mapping[str, Message] = {
    "calc.diastolic-above": Message(
        "The diastolic pressure, {diastolic}, is above the systolic of {systolic}.", "Nothing was worked out.", "Measure again."
    ),
    "calc.bazett-outside": Message(
        "Bazett's correction is off below 60 and above 100 beats a minute; here it is {heart_rate}.", "", "Look at Fridericia's too."
    ),
}
