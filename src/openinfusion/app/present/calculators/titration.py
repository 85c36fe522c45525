"""Titration: the names and the worked lines of its calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {"dose-to-rate": "Flow that gives a dose", "rate-to-dose": "Dose that a flow gives"}
STEPS: Mapping[str, str] = {
    "calc.dose-to-rate": "{dose} / {concentration}",
    "calc.rate-to-drops": "{rate} × {drop_factor}",
    "calc.rate-to-dose": "{rate} × {concentration}",
    "calc.per-weight": "{dose} / {weight}",
}
MESSAGES: Mapping[str, Message] = {}
