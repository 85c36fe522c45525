"""The volume that flows and what a millilitre of it holds. An amount that does not fit, or a volume nobody stated, becomes a finding."""

from dataclasses import dataclass
from typing import assert_never

from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.kinds import convert, drug_concentration
from openinfusion.core.prescribing.order import DosePlan
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.protocol import Delivery
from openinfusion.core.quantity import UNITS, Quantity


@dataclass(frozen=True, slots=True)
class Mixture:
    """What is connected: its whole volume and its concentration, None where not stated."""

    volume: Quantity | None = None
    concentration: Quantity | None = None
    findings: tuple[Finding, ...] = ()


def mixture(order: Order, dose: DosePlan | None) -> Mixture:
    """The volume chosen, else the protocol's, else that of an undiluted drug; and amount / volume."""
    chosen, stated = order.choice.final_volume, order.protocol.preparation.final_volume
    if chosen is not None and (not chosen.is_like("mL") or chosen.value <= 0):
        return Mixture(findings=(Finding("preparation.volume-not-a-volume", Level.MISSING, {"volume": chosen}),))
    undiluted = drug_concentration(order)
    match order.protocol.delivery:
        case Delivery.INJECTION:
            return _undiluted(dose, undiluted)
        case Delivery.PATIENT_CONTROLLED:
            return Mixture(chosen.to("mL") if chosen else None, undiluted)
        case Delivery.INTERMITTENT_INFUSION | Delivery.STEPPED_INFUSION | Delivery.MULTI_SITE_INFUSION:
            volume = chosen or (stated.quantity if stated else None)
            return _undiluted(dose, undiluted) if volume is None and not order.protocol.preparation.diluents else _diluted(dose, volume)
        case _:
            assert_never(order.protocol.delivery)


def _diluted(dose: DosePlan | None, volume: Quantity | None) -> Mixture:
    if volume is None:
        return Mixture(findings=(Finding("preparation.volume-missing", Level.MISSING, {"field": "final_volume"}),))
    if dose is None:
        return Mixture(volume.to("mL"))
    if dose.volume is not None and dose.volume > volume:
        params = {"volume": volume, "drug_volume": dose.volume}
        return Mixture(findings=(Finding("preparation.volume-too-small", Level.MISSING, params),))
    return Mixture(volume.to("mL"), _concentration(dose.amount, volume.to("mL")))


def _concentration(amount: Quantity, volume: Quantity) -> Quantity | None:
    symbol = f"{amount.unit}/mL"
    return convert(amount, symbol, volume) if symbol in UNITS and not amount.is_like("mL") else None


def _undiluted(dose: DosePlan | None, concentration: Quantity | None) -> Mixture:
    if dose is None:
        return Mixture(None, concentration)
    if dose.volume is None:
        return Mixture(None, concentration, (Finding("preparation.concentration-missing", Level.MISSING, {"field": "reconstitution"}),))
    return Mixture(dose.volume, concentration)
