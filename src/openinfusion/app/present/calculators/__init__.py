"""Words of the calculators, a file for each room of `core.calculators`: what each is called, its worked lines, what it says."""

from openinfusion.app.present.calculators import (
    blood,
    body,
    circulation,
    dose,
    dosing,
    emergency,
    flow,
    fluids,
    frame,
    glucose,
    handling,
    heparin,
    immune_globulin,
    insulin,
    lines,
    maternal,
    measures,
    neuraxial,
    pressure,
    reaction,
    renal,
    scores,
    solution,
    syringe,
    titration,
    vitals,
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
    reaction,
    immune_globulin,
    syringe,
    scores,
    vitals,
    maternal,
    pressure,
    lines,
    neuraxial,
    blood,
    glucose,
)
"""The rooms in the order in which people look for them."""

TITLES = {name: title for room in ROOMS for name, title in room.TITLES.items()}
STEPS = {name: line for room in ROOMS for name, line in room.STEPS.items()}
MESSAGES = {**frame.MESSAGES, **{code: message for room in ROOMS for code, message in room.MESSAGES.items()}}
