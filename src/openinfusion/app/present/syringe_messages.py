"""What is said when a dose and a syringe do not go together. No number stands here."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

_NOT_MEASURED = "No line is named: do not draw it up like this."

SYRINGE_MESSAGES: Mapping[str, Message] = {
    "syringe.below-first-line": Message(
        "{volume} is less than half of the first line of this syringe, which is {line}.",
        _NOT_MEASURED,
        "Take a smaller syringe, or ask the pharmacist for a weaker solution.",
    ),
    "syringe.between-lines": Message(
        "{volume} lies between two lines; the nearest one is {reading}, which is {off} {side}.",
        "The picture shows the dose itself.",
        "Take a syringe with finer lines, or have the prescriber round the dose.",
    ),
    "syringe.concentration-missing": Message(
        "Insulin without its concentration cannot be measured.",
        _NOT_MEASURED,
        "Read the concentration on the vial, in units/mL, and enter it.",
    ),
    "syringe.insulin-by-volume": Message(
        "Insulin is measured here by volume, {volume}, in a syringe without lines in units.",
        "The volume is right only for the concentration that was entered.",
        "Take an insulin syringe made for this concentration, or say volume and units to a second person.",
    ),
    "syringe.no-volume": Message("{volume} is not a volume above zero.", _NOT_MEASURED, "Enter the volume of the dose in mL."),
    "syringe.other-concentration": Message(
        "No insulin syringe fits: its lines must be made for the insulin that is in it.",
        _NOT_MEASURED,
        "Take a syringe made for this insulin, or its pen.",
        {"concentration": "This insulin has {concentration}.", "marked": "The lines of this syringe are for {marked}."},
    ),
    "syringe.too-large": Message(
        "{volume} is more than this syringe holds, {capacity}.",
        _NOT_MEASURED,
        "Take a larger syringe, or have the prescriber divide the dose.",
    ),
}
"""Code of a finding -> what is said."""
