"""Kinetics for people who write Python: `from openinfusion import pk`. Importing it loads nothing; what is first asked for loads what it
needs, and keeps what is compiled under the home folder, never in the package.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openinfusion.core.pharmacokinetics.control import insulin_on_board
    from openinfusion.core.pharmacokinetics.edge import grid
    from openinfusion.core.pharmacokinetics.population import Among, Normal, Uniform
    from openinfusion.core.pharmacokinetics.regimen import Regimen
    from openinfusion.core.pharmacokinetics.target import At, Auc, Peak, TimeAbove, Trough
    from openinfusion.protocols.shipped_model import Model

__all__ = ["Among", "At", "Auc", "Model", "Normal", "Peak", "Regimen", "TimeAbove", "Trough", "Uniform", "grid", "insulin_on_board"]

_CORE = "openinfusion.core.pharmacokinetics"
_FOUND_IN = {
    "Model": "openinfusion.protocols.shipped_model",
    "Regimen": f"{_CORE}.regimen",
    "grid": f"{_CORE}.edge",
    "insulin_on_board": f"{_CORE}.control",
    **dict.fromkeys(("Among", "Normal", "Uniform"), f"{_CORE}.population"),
    **dict.fromkeys(("At", "Auc", "Peak", "TimeAbove", "Trough"), f"{_CORE}.target"),
}


def __getattr__(name: str) -> object:
    """Load what is asked for; raises AttributeError for what is not here."""
    if name not in _FOUND_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from openinfusion import config

    config.keep_compiled(os.environ, config.current().home)
    return getattr(import_module(_FOUND_IN[name]), name)


def __dir__() -> list[str]:
    """What is here."""
    return list(__all__)
