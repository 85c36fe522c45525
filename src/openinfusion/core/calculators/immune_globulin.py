"""Immune globulin under the skin, from the dose that went into the vein. The factor belongs to the product and is never assumed."""

from collections.abc import Mapping

from openinfusion.core.calculator import Calculator, Given, Input, Result, Usual, Worked, notice
from openinfusion.core.finding import Level, Step
from openinfusion.core.prescribing.citations import IMMUNE_GLOBULIN_SC
from openinfusion.core.quantity import Quantity, ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.weekly-dose": ("iv_dose", "interval", "factor"),
    "calc.weekly-volume": ("weekly_dose", "concentration"),
    "calc.sites": ("volume", "max_per_site"),
    "calc.time-of-sites": ("volume", "sites", "rate_per_site"),
}
CODES: Mapping[str, tuple[str, ...]] = {"calc.many-sites": ("sites", "fewest", "most")}
TABLE = "immune-globulin-sc-1"
_WEEK = Quantity(1, "wk")


def _immune_globulin_sc(given: Given) -> Worked:
    iv_dose, interval, factor = given["iv_dose"], given["interval"], given["factor"]
    weekly = ratio("g", (iv_dose, factor, _WEEK), (interval,))
    volume = ratio("mL", (weekly,), (given["concentration"],))
    at_most, each = _of_one_site(given["max_per_site"], "mL"), _of_one_site(given["rate_per_site"], "mL/h")
    sites = Quantity((volume.base / at_most.base).__ceil__(), "{site}")
    time = Quantity(ratio("h", (volume,), (each,)).value / sites.value, "h")
    steps = (
        Step("calc.weekly-dose", (("iv_dose", iv_dose), ("interval", interval), ("factor", factor)), weekly, IMMUNE_GLOBULIN_SC),
        Step("calc.weekly-volume", (("weekly_dose", weekly), ("concentration", given["concentration"])), volume),
        Step("calc.sites", (("volume", volume), ("max_per_site", given["max_per_site"])), sites),
        Step("calc.time-of-sites", (("volume", volume), ("sites", sites), ("rate_per_site", given["rate_per_site"])), time),
    )
    fewest, most = given.figure(f"{TABLE}/fewest-most-sites"), given.figure(f"{TABLE}/most-sites")
    params = {"sites": sites, "fewest": fewest.quantity, "most": most.quantity}
    is_many = sites > fewest.quantity
    found = (notice("calc.many-sites", (*fewest.sources, *most.sources), level=Level.CAUTION, **params),) if is_many else ()
    return Worked({"weekly_dose": weekly, "volume": volume, "sites": sites, "time": time}, steps, found)


def _of_one_site(amount: Quantity, symbol: str) -> Quantity:
    """An amount or flow in one place, whether it was written "per site" or not."""
    return amount.to(symbol) if amount.is_like(symbol) else amount.times(Quantity(1, "{site}"), symbol)


CALCULATORS = (
    Calculator(
        "immune-globulin-sc",
        (
            Input("iv_dose", ("g",)),
            Input("interval", ("wk",)),
            Input("factor", ("1",), assumed="1"),
            Input("concentration", ("mg/mL",)),
            Input("max_per_site", ("mL", "mL/{site}")),
            Input("rate_per_site", ("mL/h", "mL/h/{site}")),
        ),
        (Result("weekly_dose", "g"), Result("volume", "mL", Usual.VOLUME), Result("sites", "{site}"), Result("time", "h")),
        "weekly_dose = iv_dose * factor / interval in weeks; volume = weekly_dose / concentration; time = volume / (sites * rate_per_site)",
        _immune_globulin_sc,
        IMMUNE_GLOBULIN_SC,
        tables=(TABLE,),
    ),
)
