"""Body: the names, worked lines and messages of its calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "weight-conversion": "Pounds and kilograms",
    "body-surface-area": "Body surface",
    "body-mass-index": "Body mass index",
    "ideal-body-weight": "Ideal body weight",
    "adjusted-body-weight": "Adjusted body weight",
    "lean-body-weight": "Lean body weight",
    "fat-free-mass": "Fat-free mass",
}
STEPS: Mapping[str, str] = {
    "calc.weight-converted": "{weight}, at 0.45359237 kg/lb",
    "calc.surface-mosteller": "√({height} × {weight} / 3600)",
    "calc.surface-dubois": "0.007184 × ({weight})^0.425 × ({height})^0.725",
    "calc.surface-haycock": "0.024265 × ({weight})^0.5378 × ({height})^0.3964",
    "calc.surface-gehan-george": "0.0235 × ({weight})^0.51456 × ({height})^0.42246",
    "calc.surface-boyd": "0.0003207 × ({grams})^(0.7285 – 0.0188 × log₁₀ {grams}) × ({height})^0.3",
    "calc.body-mass-index": "{weight} / ({height})²",
    "calc.ideal-male": "50 kg + 2.3 kg × ({height} in inches – 60)",
    "calc.ideal-female": "45.5 kg + 2.3 kg × ({height} in inches – 60)",
    "calc.adjusted-weight": "{ideal} + {factor} × ({weight} – {ideal})",
    "calc.lean-male": "0.407 × {weight} + 0.267 × {height} – 19.2",
    "calc.lean-female": "0.252 × {weight} + 0.473 × {height} – 48.3",
    "calc.fat-free-male": "9270 × {weight} / (6680 + 216 × {index})",
    "calc.fat-free-female": "9270 × {weight} / (8780 + 244 × {index})",
}
_LOOK = "Look whether it holds for this patient."
MESSAGES: Mapping[str, Message] = {
    "calc.formula-assumed": Message("No formula was named; {formula} was used.", "", "Name the formula that your site uses."),
    "calc.factor-assumed": Message("No factor was named; {factor} was used.", "", "Name the factor that your site uses."),
    "calc.below-sixty-inches": Message("The height, {height}, is below the 60 inches from which the formula was made.", "", _LOOK),
    "calc.below-ideal": Message(
        "The weight, {weight}, is below the ideal weight of {ideal}.", "", "Ask which weight the dose is meant for."
    ),
    "calc.above-weight": Message("The formula gives {result}, more than the weight of {weight}.", "", _LOOK),
    "calc.formula-fails": Message(
        "The formula gives {result}, which nobody weighs.", "Nothing was worked out.", "Use a way that holds for this patient."
    ),
    "calc.not-validated": Message("{value} is outside {least} to {most}, in which the formula was tried.", "", _LOOK),
}
