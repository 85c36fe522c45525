"""Kidney: the names, worked lines and messages of its calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "creatinine-clearance": "Creatinine clearance (Cockcroft-Gault)",
    "carboplatin-calvert": "Carboplatin (Calvert)",
}
STEPS: Mapping[str, str] = {
    "calc.creatinine": "{creatinine} in mg/dL",
    "calc.clearance-male": "(140 – {age}) × {weight} / (72 × {creatinine})",
    "calc.clearance-female": "(140 – {age}) × {weight} × 0.85 / (72 × {creatinine})",
    "calc.per-standard-surface": "{clearance} × 1.73 m² / {surface}",
    "calc.filtration-cap": "{gfr}, at most {cap}",
    "calc.calvert": "{target_auc} × ({gfr} + 25 mL/min)",
}
MESSAGES: Mapping[str, Message] = {
    "calc.weight-rule-assumed": Message("No weight rule was named; the {rule} weight was used.", "", "Name the rule that your site uses."),
    "calc.weight-used": Message("At {index} the clearance is worked out with {weight}.", "", "Ask a pharmacist at the extremes of weight."),
    "calc.age-outside": Message("The formula has no answer at {age}.", "Nothing was worked out.", "Measure the clearance."),
    "calc.gfr-capped": Message(
        "The filtration rate of {gfr} is counted as {cap}.", "", "A measured rate is not capped: then write its own value as the cap."
    ),
    "calc.gfr-outside": Message(
        "The formula was found at filtration rates from {least} to {most}; here it is {gfr}.", "", "Ask an oncology pharmacist."
    ),
}
