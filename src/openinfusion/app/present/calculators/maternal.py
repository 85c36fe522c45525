"""The maternal early warning criteria: the names and messages."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "maternal-warning": "Early warning criteria of mothers",
}
STEPS: Mapping[str, str] = {}
MESSAGES: Mapping[str, Message] = {
    "calc.maternal-met": Message(
        "Met: {names}.", "One criterion is enough.", "Call for evaluation at the bedside now; measure again what stands alone."
    ),
    "calc.maternal-open": Message("Not known: {missing}.", "", "Measure what is missing."),
}
