"""What a nurse chooses from at the chair: devices, places, skin preparations, signs, scales. Words of the trade, no figures."""

from collections.abc import Mapping

from openinfusion.core.monitoring.signs import DONE, PARTS, Exposure, Response
from openinfusion.core.protocol import Protocol, Route
from openinfusion.web.chairside import Chairside

ACCESS_DEVICES: Mapping[Route, tuple[str, ...]] = {
    Route.IV: ("peripheral-cannula", "midline", "picc", "tunnelled-catheter", "implanted-port"),
    Route.EPIDURAL: ("epidural-catheter",),
    Route.IM: ("im-needle",),
    Route.SC: ("sc-needle-set",),
}
_SITES: Mapping[Route, tuple[str, ...]] = {
    Route.IV: ("left-forearm", "right-forearm", "left-hand", "right-hand", "left-elbow", "right-elbow", "chest-left", "chest-right"),
    Route.EPIDURAL: ("L2-L3", "L3-L4", "L4-L5"),
    Route.IM: (),
    Route.SC: (),
}
ANTISEPTICS = ("chlorhexidine-alcohol", "alcohol", "povidone-iodine", "octenidine")
SIGNS: Mapping[str, tuple[str, ...]] = PARTS
"""What is asked about in a reaction, by part of the body."""
TREATMENTS = DONE
EXPOSURES = tuple(one.value for one in Exposure)
RESPONSES = tuple(one.value for one in Response)
SCALES = ("CTCAE-5", "site-scale")
GRADES = (0, 1, 2, 3, 4, 5)


def places_of(chair: Chairside) -> tuple[str, ...]:
    """The places of a session that can be looked at: those in use first, then those of its route."""
    used = (chair.state.access.site,) if chair.state.access is not None else ()
    return tuple(dict.fromkeys((*chair.state.sites, *used, *sites_of(chair.protocol, chair.plan.route))))


def sites_of(protocol: Protocol, route: Route) -> tuple[str, ...]:
    """The places the protocol allows, each side of its own where there are two; else the usual places of the route."""
    if protocol.sites is None:
        return _SITES[route]
    return tuple(f"{place}-{side}" for place in protocol.sites.allowed for side in ("left", "right"))
