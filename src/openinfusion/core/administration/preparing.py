"""What speaks against releasing a container that was just made: a diluent that is not told or not allowed, and a time of use that is not
told or longer than the sources state. It is asked once, at the release; what is told later of a container is asked by its own room."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from openinfusion.core.administration.context import Context
from openinfusion.core.administration.parts import Container
from openinfusion.core.condition import Truth
from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import duration
from openinfusion.core.prescribing.rule import Order, standing
from openinfusion.core.protocol import Protocol, Stability

_OF_VIALS = "vial-"
"""A stated time under such a condition is that of the closed vial, not of what was prepared from it."""


def diluents(protocol: Protocol) -> tuple[str, ...]:
    """With what the protocol dilutes or dissolves, in the order of the file; none where the product comes ready to use."""
    ways = protocol.preparation.reconstitutions
    return tuple(dict.fromkeys((*protocol.preparation.diluents, *(way.diluent for way in ways))))


def stated_times(order: Order, product: str) -> tuple[tuple[Stability, timedelta], ...]:
    """How long a preparation of this product may wait by the sources, each under its condition, the shortest first."""
    chosen = replace(order, choice=replace(order.choice, product=product or order.choice.product))
    rules = (rule for rule in order.protocol.preparation.stability if not rule.condition.startswith(_OF_VIALS))
    held = ((rule, duration(rule.lasts.quantity)) for rule in rules if standing(rule, chosen).truth is Truth.TRUE)
    return tuple(sorted(held, key=lambda one: one[1]))


def latest_use(order: Order, product: str, made_at: datetime) -> datetime | None:
    """The last moment to which any stated time reaches, None where the sources state none."""
    times = stated_times(order, product)
    return made_at + times[-1][1] if times else None


def speaking_against_release(container: Container, ctx: Context) -> Iterator[Finding]:
    """What is not told, not allowed or too long of this container."""
    yield from _diluent(container, ctx)
    times = stated_times(ctx.order, container.product)
    if not times:
        return
    rule, lasts = times[-1]
    latest = container.prepared_at + lasts
    sources = rule.lasts.sources or rule.sources
    if container.use_before is None:
        yield Finding("container.use-before-missing", Level.MISSING, {"latest": latest}, sources, rule.id)
    elif container.use_before > latest:
        yield Finding(
            "container.use-before-too-late", Level.BANNED, {"use_before": container.use_before, "latest": latest}, sources, rule.id
        )


def _diluent(container: Container, ctx: Context) -> Iterator[Finding]:
    offered, sources = diluents(ctx.protocol), ctx.protocol.preparation.sources
    choice, ways = ctx.order.choice, ctx.protocol.preparation.reconstitutions
    ordered = choice.diluent or next((way.diluent for way in ways if way.id == choice.reconstitution), "")
    allowed = (ordered,) if ordered else offered
    if offered and not container.diluent.strip():
        yield Finding("container.diluent-missing", Level.MISSING, {"diluents": allowed}, sources)
    elif offered and container.diluent not in allowed:
        yield Finding("container.diluent-differs", Level.BANNED, {"diluent": container.diluent, "diluents": allowed}, sources)
