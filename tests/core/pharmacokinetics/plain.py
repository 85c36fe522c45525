"""Made-up models as plain data, and floats of a few patients; the numbers mean nothing."""

from collections.abc import Mapping

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.model import Model

UNITS = {"time": "h", "amount": "mg", "concentration": "mg/L"}
STRUCTURES = ("one-compartment", "two-compartment", "three-compartment")
DISPOSITION = ({"CL": "5", "V1": "20"}, {"Q": "7", "V2": "40"}, {"Q2": "1.5", "V3": "90"})


def plain(compartments: int = 1, **changed: object) -> dict[str, object]:
    """A linear model with so many compartments; what is given replaces or adds parts. `parameters` are added to those it has."""
    parameters = {name: text for part in DISPOSITION[:compartments] for name, text in part.items()}
    more = changed.pop("parameters", {})
    assert isinstance(more, Mapping)
    return {"id": "made-up", "units": UNITS, "structure": STRUCTURES[compartments - 1], "parameters": {**parameters, **more}, **changed}


def made(compartments: int = 1, **changed: object) -> Model:
    """The same, compiled."""
    return Model.from_dict(plain(compartments, **changed))


def hours(first: float, last: float, count: int) -> Array:
    """Times."""
    return np.linspace(first, last, count)
