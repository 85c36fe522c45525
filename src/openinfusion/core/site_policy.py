"""The site's own signed figures laid over a protocol: how often something is watched, how long somebody is observed after the end.

A sourced minimum of the protocol always wins: it gives way to a shorter interval or a longer observation only. Doses, rates and limits
have no such layer.
"""

from collections.abc import Mapping

from openinfusion.core.figure import Figure
from openinfusion.core.part import Authority
from openinfusion.core.protocol import Monitoring, ObservationAfter, Protocol

Own = Mapping[str, Figure]
"""The site's figure by the id of the rule."""


def under(protocol: Protocol, own: Own) -> Protocol:
    """The protocol as it stands at this site; a figure for a rule that it does not have changes nothing."""
    if not own:
        return protocol
    monitoring = tuple(rule.model_copy(update={"every": interval(rule, own.get(rule.id))}) for rule in protocol.monitoring)
    after = tuple(rule.model_copy(update={"lasting": observation(rule, own.get(rule.id))}) for rule in protocol.observation_after)
    return protocol.model_copy(update={"monitoring": monitoring, "observation_after": after})


def interval(rule: Monitoring, own: Figure | None) -> Figure | None:
    """How often a rule wants its observation: the site's figure where the rule leaves it to the site or states none, else the shorter."""
    if own is None or rule.every is None or rule.authority is Authority.SITE_POLICY:
        return own or rule.every
    return min(rule.every, own, key=lambda figure: figure.quantity.base)


def observation(rule: ObservationAfter, own: Figure | None) -> Figure:
    """How long a rule wants somebody observed: the site's figure where the rule leaves it to the site, else the longer."""
    if own is None:
        return rule.lasting
    if rule.authority is Authority.SITE_POLICY:
        return own
    return max(rule.lasting, own, key=lambda figure: figure.quantity.base)
