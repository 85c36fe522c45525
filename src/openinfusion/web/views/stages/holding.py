"""What holds a start or an injection back before anything is typed: the core's gates, asked with what the plan says."""

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.gates import give_injection, start_infusion
from openinfusion.core.administration.ladder import first_rate
from openinfusion.core.administration.parts import Container
from openinfusion.core.administration.places import gap
from openinfusion.core.administration.volume import planned_volume
from openinfusion.core.finding import Finding
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside


def start_holds(chair: Chairside, container: Container | None) -> tuple[Finding, ...]:
    """What holds the start at the first rate back, apart from the places that are typed with it."""
    code = container.code if container is not None else ""
    wanted = c.StartInfusion(code, first_rate(chair.state) or Quantity(0, "mL/h"))
    return _not_asked(start_infusion(chair.state, wanted, chair.context))


def injection_holds(chair: Chairside, container: Container | None) -> tuple[Finding, ...]:
    """What holds an injection of the planned volume back, apart from the place that is typed with it."""
    if container is None:
        volume = planned_volume(chair.state)
        return _not_asked(give_injection(chair.state, c.GiveInjection("", "", volume or Quantity(1, "mL")), chair.context))
    wanted = c.GiveInjection(container.code, "", planned_volume(chair.state) or container.volume)
    return _not_asked(give_injection(chair.state, wanted, chair.context))


def gap_of(chair: Chairside) -> Quantity | None:
    """How far the places must be apart, where that is stated."""
    apart = gap(chair.context)
    return None if apart is None else apart[0]


def _not_asked(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(one for one in found if not one.code.startswith("sites."))
