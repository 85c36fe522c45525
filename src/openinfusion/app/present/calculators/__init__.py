"""Words of the calculators, a file for each room of `core.calculators`: what each is called, its worked lines, what it says."""

from openinfusion.app.present.calculators import (
    body,
    circulation,
    dose,
    dosing,
    emergency,
    flow,
    fluids,
    frame,
    handling,
    heparin,
    immune_globulin,
    insulin,
    measures,
    renal,
    solution,
    syringe,
    titration,
)

ROOMS = (
    measures,
    flow,
    dosing,
    titration,
    dose,
    handling,
    heparin,
    body,
    renal,
    fluids,
    circulation,
    solution,
    insulin,
    emergency,
    immune_globulin,
    syringe,
)
"""The rooms in the order in which people look for them."""

TITLES = {name: title for room in ROOMS for name, title in room.TITLES.items()}
STEPS = {name: line for room in ROOMS for name, line in room.STEPS.items()}
MESSAGES = {**frame.MESSAGES, **{code: message for room in ROOMS for code, message in room.MESSAGES.items()}}
