"""Immune globulin under the skin: the name, worked lines and messages of its calculator."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {"immune-globulin-sc": "Immune globulin under the skin"}
STEPS: Mapping[str, str] = {
    "calc.weekly-dose": "{iv_dose} / {interval} × {factor}, in one week",
    "calc.weekly-volume": "{weekly_dose} / {concentration}",
    "calc.sites": "{volume}, at most {max_per_site} in each place",
    "calc.time-of-sites": "{volume} / ({sites} × {rate_per_site})",
}
MESSAGES: Mapping[str, Message] = {
    "calc.many-sites": Message(
        "{sites} at once are more than some products allow: {fewest} by one label, {most} by another.",
        "",
        "Read the label of this product, or give the week's volume in more sessions.",
    ),
}
