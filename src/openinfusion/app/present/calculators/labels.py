"""What people call the rooms of the calculators and the values that they ask for and give."""

from collections.abc import Mapping

from openinfusion.app.present.words import Translate, plain, readable

HEADINGS: Mapping[str, str] = {
    "flow": "Drops, rates and times",
    "titration": "Doses as rates",
    "dose": "Doses and volumes",
    "solution": "Preparing solutions",
    "handling": "Pushes, waste and added drug",
    "heparin": "Heparin",
    "insulin": "Insulin",
    "emergency": "Emergencies",
    "immune_globulin": "Immune globulin",
    "syringe": "Syringes",
    "body": "Body measures",
    "renal": "Kidney and carboplatin",
    "fluids": "Fluids and iron",
    "circulation": "Pressure and heart",
}
"""Room -> its heading."""

LABELS: Mapping[str, str] = {
    "added": "Is the drug's volume added to the bag's?",
    "amount": "Amount of drug",
    "as": "Unit of the result",
    "drug_volume": "Volume of the drug",
    "gfr": "Filtration rate (GFR)",
    "gfr_cap": "Highest GFR to use",
    "iv_dose": "IV dose",
    "max_per_site": "Most for one site",
    "on_board": "Insulin still acting",
    "per_1_73_m2": "For 1.73 m² of body surface?",
    "qt": "QT interval",
    "qtc": "QTc",
    "round_to": "Rounded to steps of",
    "select": "Result shown first",
    "target_auc": "Target AUC",
    "clearance_per_1_73_m2": "Clearance for 1.73 m²",
}
"""Name of an input or result -> its label, where the name itself does not read well."""


def label(name: str, translate: Translate = plain) -> str:
    """What an input or a result is called."""
    return translate(LABELS[name]) if name in LABELS else readable(name).capitalize()


def heading(room: str, translate: Translate = plain) -> str:
    """What a room is called."""
    return translate(HEADINGS[room]) if room in HEADINGS else readable(room).capitalize()


def word(text: str, translate: Translate = plain) -> str:
    """A word that is a result, as people read it."""
    return translate(readable(text))
