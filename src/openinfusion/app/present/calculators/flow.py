"""Flow: the names and the worked lines of its calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "drop-rate": "Drops a minute",
    "drop-volume": "Volume that drops give",
    "drop-to-flow": "Flow of a drop rate",
    "flow-rate": "Flow for a volume and time",
    "infusion-time": "How long an infusion lasts",
    "completion-time": "When an infusion ends",
    "admixture-rate": "Flow with a drug added to the bag",
}
STEPS: Mapping[str, str] = {
    "calc.drop-rate": "{volume} × {drop_factor} / {time}",
    "calc.drop-volume": "{drop_rate} × {time} / {drop_factor}",
    "calc.drop-to-flow": "{drop_rate} / {drop_factor}",
    "calc.flow-rate": "{volume} / {time}",
    "calc.time-of-volume": "{volume} / {rate}",
    "calc.time-of-drops": "{volume} × {drop_factor} / {drop_rate}",
    "calc.time-of-amount": "{amount} / {dose}",
    "calc.mixed-volume": "{volume} + {drug_volume}",
    "calc.mixed-volume-changed": "({volume} – {removed}) + {drug_volume}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.next-day": Message("It ends {days} after the day of the start.", "", "Say the day when you hand over."),
    "calc.no-such-time": Message("{time} from the start is beyond every calendar.", "Nothing was worked out.", "Look at the rate."),
}
