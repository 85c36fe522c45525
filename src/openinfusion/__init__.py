"""OpenInfusion runs infusion therapy from order to outcome: screen, dose, give, watch, respond, measure."""

from importlib.metadata import version

__version__ = version("openinfusion")
