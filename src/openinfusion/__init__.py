"""OpenInfusion runs infusion therapy from order to outcome: screen, dose, give, watch, respond, measure."""

from importlib.metadata import version
from typing import Any

__version__ = version("openinfusion")


def calc(name: str, /, **inputs: Any) -> dict[str, Any]:
    """One calculation as one JSON object: `calc("drop-rate", volume="1000 mL", time="8 h", drop_factor="15 [drp]/mL")`.

    Inputs are texts with their units; `as_`, `select` and `round_to` ask for a unit, another result and a step. What cannot be known is
    refused in the object, never raised.
    """
    from openinfusion.app.calculators import calculation
    from openinfusion.app.present.calculation import calculation_json

    entered = {"as" if key == "as_" else key: value for key, value in inputs.items()}
    return calculation_json(calculation(name, entered))
