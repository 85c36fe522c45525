"""Low blood pressure: the names, worked lines and messages."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "hypotension": "Low blood pressure",
}
STEPS: Mapping[str, str] = {
    "calc.pressure-limit-of-child": "{base} + {per_year} × each of {years}",
    "calc.pressure-fall": "({baseline_sbp} - {sbp}) / {baseline_sbp}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.no-baseline": Message(
        "The patient's own pressure is not known.", "A fall from it was not judged.", "Look for an earlier pressure."
    ),
    "calc.pressure-age-outside": Message(
        "There is no limit for {age}; the limits begin at {since}.", "The own pressure alone was judged.", "Take the limit of the site."
    ),
}
