"""Target-controlled infusion and insulin on board, asked for in text with units. Neither drives a pump or proposes a dose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.edge import Text, Times, above_zero, hours, not_below_zero, quantity, times_h
from openinfusion.core.pharmacokinetics.insulin import ActionCurve, InsulinGiven, on_board
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.parameters import Parameters, impossible
from openinfusion.core.pharmacokinetics.patient_facts import Fact, read_person
from openinfusion.core.pharmacokinetics.refusal import refuse, refuse_all
from openinfusion.core.pharmacokinetics.tci import Aim, Controlled, Kinetics, Site, controlled, effect_bolus, peak_h
from openinfusion.core.quantity import ratio


@dataclass(frozen=True, slots=True)
class Control:
    """What a controller would do for one patient, in the model's units. For an aim at the effect site also when a dose at once peaks there,
    and how much of it reaches the first target."""

    model: Model
    site: Site
    course: Controlled
    peak_h: float | None
    first_dose: float | None


def control(  # noqa: PLR0913 - what a controller is asked
    model: Model,
    covariates: Mapping[str, Fact],
    targets: Sequence[tuple[Text, Text]],
    until: Text,
    greatest: Text,
    *,
    site: str = Site.PLASMA,
    concentration: Text | None = None,
) -> Control:
    """The rates that keep the typical patient's level at targets, pairs of when one begins and its level. `greatest` is what the pump
    delivers at most: an amount or, with the `concentration` of what it holds, a volume an hour. Raises CommandRefused with the reasons."""
    parameters = read_person(model, covariates).parameters(np.zeros((1, len(model.etas))))
    if not isinstance(parameters, Parameters):
        refuse("pk.tci-one-patient")
    refuse_all(impossible(parameters))
    level = model.file.units.concentration
    aims = [Aim(hours(when, "target"), float(not_below_zero(what, "target", level).to(level).value)) for when, what in targets]
    aimed, kinetics = _site(site), Kinetics.of(model, parameters)
    course = controlled(kinetics, aimed, aims, hours(until, "until"), _greatest(model, greatest, concentration))
    if aimed is Site.PLASMA:
        return Control(model, aimed, course, None, None)
    return Control(model, aimed, course, peak_h(kinetics), effect_bolus(kinetics, aims[0].level))


def insulin_on_board(given: Sequence[tuple[Text, Text, Text]], times: Times, *, duration: Text, peak: Text, delay: Text) -> Array:
    """The units still to act at each time: `given` are amounts with start and stop (the same for a dose at once). Duration, peak and delay
    are those of the insulin. Raises CommandRefused with the reasons."""
    doses = [
        InsulinGiven(float(quantity(amount, "amount", "[iU]").to("[iU]").value), hours(start, "start"), hours(stop, "stop"))
        for amount, start, stop in given
    ]
    return on_board(ActionCurve(hours(duration, "duration"), hours(peak, "peak"), hours(delay, "delay")), doses, times_h(times))


def _site(word: str) -> Site:
    try:
        return Site(word)
    except ValueError:
        refuse("pk.tci-unknown-site", word=word)


def _greatest(model: Model, greatest: Text, concentration: Text | None) -> float:
    """The pump's greatest rate in the model's amount an hour."""
    rate = f"{model.file.units.amount}/h"
    if concentration is None:
        return float(above_zero(greatest, "greatest", rate).to(rate).value)
    held = above_zero(concentration, "concentration", f"{model.file.units.amount}/mL")
    flow = above_zero(greatest, "greatest", "mL/h")
    return float(ratio(rate, (flow, held)).value)
