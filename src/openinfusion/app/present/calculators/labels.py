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
    "reaction": "Reactions",
    "immune_globulin": "Immune globulin",
    "syringe": "Syringes",
    "body": "Body measures",
    "renal": "Kidney and carboplatin",
    "fluids": "Fluids and iron",
    "circulation": "Pressure and heart",
    "vitals": "Early warning scores",
    "maternal": "Mothers",
    "pressure": "Low blood pressure",
    "lines": "The place of a line",
    "neuraxial": "Block, sedation and pain",
    "blood": "Heparin and transfusion scores",
    "transfusion": "Transfusion reactions",
    "glucose": "Low glucose",
}
"""Room -> its heading."""

LABELS: Mapping[str, str] = {
    "after_end": "Time since its end",
    "acvpu": "Consciousness (ACVPU)",
    "added": "Is the drug's volume added to the bag's?",
    "age_y": "Age",
    "amount": "Amount of drug",
    "ards_risk": "Risk for ARDS?",
    "as": "Unit of the result",
    "baseline_sbp": "Systolic pressure before",
    "before": "Temperature before",
    "by_own_pressure": "By the own pressure",
    "circulation": "Bad circulation?",
    "clearance_per_1_73_m2": "Clearance for 1.73 m²",
    "components": "Points in place of measurements",
    "dbp": "Diastolic pressure",
    "died": "Did the patient die?",
    "drug_volume": "Volume of the drug",
    "fall": "Fall",
    "fever_hours": "How long the fever lasts",
    "gfr": "Filtration rate (GFR)",
    "gfr_cap": "Highest GFR to use",
    "hospitalised": "Is hospital needed?",
    "hr": "Heart rate",
    "iv_dose": "IV dose",
    "life_threatening": "Is life in danger?",
    "max_per_site": "Most for one site",
    "niaid_2006": "NIAID 2006",
    "now": "Temperature now",
    "o2": "On oxygen?",
    "on_board": "Insulin still acting",
    "onset": "Began after the start by",
    "oxygen_share": "Oxygen that is given",
    "per_1_73_m2": "For 1.73 m² of body surface?",
    "pf_ratio": "PaO2/FiO2",
    "qt": "QT interval",
    "qtc": "QTc",
    "recurrence": "Did it come back?",
    "round_to": "Rounded to steps of",
    "rr": "Respiratory rate",
    "sbp": "Systolic pressure",
    "select": "Result shown first",
    "skin_share": "Share of the skin",
    "spinal_caesarean": "Spinal for caesarean?",
    "spo2": "Oxygen saturation",
    "spo2_on_air": "Oxygen saturation on air",
    "taco": "TACO",
    "target_auc": "Target AUC",
    "temp": "Temperature",
    "temp_before": "Temperature before",
    "trali": "TRALI",
    "urine": "Urine flow",
    "urine_over": "Measured over",
    "wao_2020": "WAO 2020",
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
