"""Fluids and iron: the names, worked lines and messages of their calculators."""

from collections.abc import Mapping

from openinfusion.app.present.words import Message

TITLES: Mapping[str, str] = {
    "maintenance-fluid": "Maintenance fluid",
    "iron-deficit": "Iron deficit (Ganzoni)",
    "burn-fluid": "Fluid after a burn (Parkland)",
}
STEPS: Mapping[str, str] = {
    "calc.holliday-segar": "100, 50 and 20 mL/kg/day for the bands of {weight}",
    "calc.four-two-one": "4, 2 and 1 mL/kg/h for the bands of {weight}",
    "calc.of-an-hour": "{volume} / 24",
    "calc.of-a-day": "{rate} × 24",
    "calc.stores": "{stores} × {weight}",
    "calc.ganzoni": "{weight} × ({target} – {hemoglobin}) × 2.4 + {stores}",
    "calc.parkland": "4 mL × {weight} × {burned_surface}",
    "calc.half-of": "{volume} / 2",
    "calc.rate-of-rest": "{volume} / {hours}",
}
MESSAGES: Mapping[str, Message] = {
    "calc.target-assumed": Message(
        "No target was named; {target} was used at {weight}.", "", "Name the target that your product's label gives."
    ),
    "calc.stores-assumed": Message(
        "No iron for the stores was named; {stores} was used at {weight}.", "", "Name what your product's label gives."
    ),
    "calc.no-deficit": Message(
        "The haemoglobin, {hemoglobin}, is not below the target of {target}.",
        "Nothing was worked out.",
        "Look at the target, and at ferritin.",
    ),
    "calc.fluid-not-newborns": Message("The rule was not made for newborns.", "", "Ask a paediatrician for one."),
    "calc.eight-hours-over": Message(
        "{elapsed} have passed since the burn; the first eight hours are over.", "Nothing was worked out.", "Ask the burn centre."
    ),
}
