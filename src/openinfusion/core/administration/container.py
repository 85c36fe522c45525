"""Whether a container is the right one: of this session, in date, for the planned route, drug, amount and concentration. It opens none."""

from collections.abc import Iterator
from datetime import datetime

from openinfusion.core.administration.context import Context
from openinfusion.core.administration.parts import Container, ScanKind
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import agree
from openinfusion.core.figure import Source
from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.protocol import Delivery, Route
from openinfusion.core.quantity import UNITS, Quantity


def is_expired(container: Container, now: datetime) -> bool:
    """Whether its expiry day is over, or its time of use."""
    return now.date() > container.expiry or (container.use_before is not None and now > container.use_before)


def concentration(container: Container) -> Quantity | None:
    """Amount per volume in the container, None where the amount has no unit per mL."""
    symbol = f"{container.amount.unit}/mL"
    if symbol not in UNITS or container.volume.value <= 0 or not container.volume.is_like("mL"):
        return None
    return container.amount.over(container.volume, symbol)


def scanned_container(state: SessionState, code: str, ctx: Context) -> tuple[Container | None, tuple[Finding, ...]]:
    """The container that a command names, and everything that speaks against giving from it."""
    container = state.containers.get(code)
    if container is None:
        return None, (Finding("container.not-of-this-session", Level.BANNED, {"code": code}),)
    found: list[Finding] = []
    # A wrong scan leaves no code, and no code is never the right one.
    if not code.strip() or state.scanned.get(ScanKind.CONTAINER.value) != code:
        found.append(Finding("container.not-scanned", Level.MISSING, {"code": code}))
    return container, (*found, *speaking_against(state, container, ctx))


def speaking_against(state: SessionState, container: Container, ctx: Context) -> tuple[Finding, ...]:
    """What speaks against this content for this session's order, route and access."""
    return (*_date(container, ctx.now), *_route(state, container, ctx), *_content(state, container, ctx))


def _date(container: Container, now: datetime) -> Iterator[Finding]:
    if is_expired(container, now):
        yield Finding("container.expired", Level.BANNED, {"code": container.code, "expiry": container.use_before or container.expiry})


def _route(state: SessionState, container: Container, ctx: Context) -> Iterator[Finding]:
    """A container has one route for ever. A route that the protocol bans is named with its source."""
    planned = state.plan.route if state.plan is not None else ctx.protocol.route
    into = [
        route for route in (planned, state.access.route if state.access else None) if route is not None and route is not container.route
    ]
    for route in dict.fromkeys(into):
        yield Finding(
            "container.wrong-route",
            Level.BANNED,
            {"code": container.code, "container_route": container.route.value, "route": route.value},
            ban_sources(ctx, route, container),
        )
    yield from _banned(container, ctx)


def _banned(container: Container, ctx: Context) -> Iterator[Finding]:
    for ban in ctx.protocol.route_bans:
        if ban.route is container.route and ban.diluent in (None, container.diluent):
            yield Finding("container.route-banned", Level.BANNED, {"code": container.code, "route": ban.route.value}, ban.sources, ban.id)


def ban_sources(ctx: Context, route: Route, container: Container) -> tuple[Source, ...]:
    """The sources of the ban on a route, where the protocol names one."""
    return tuple(
        source
        for ban in ctx.protocol.route_bans
        if ban.route is route and ban.diluent in (None, container.diluent)
        for source in ban.sources
    )


def _content(state: SessionState, container: Container, ctx: Context) -> Iterator[Finding]:
    drug, plan = ctx.protocol.drug, state.plan
    names = {drug.generic.lower(), *(product.lower() for product in drug.products)}
    if container.drug.lower() not in names:
        yield Finding("container.wrong-drug", Level.BANNED, {"code": container.code, "drug": container.drug, "planned": drug.generic})
    if container.volume.value <= 0 or not container.volume.is_like("mL") or container.amount.value <= 0:
        yield Finding(
            "container.no-content", Level.BANNED, {"code": container.code, "volume": container.volume, "amount": container.amount}
        )
        return
    if plan is not None:
        yield from _strength(container, plan, ctx)
        yield from _amount(container, plan, ctx)


def _strength(container: Container, plan: Plan, ctx: Context) -> Iterator[Finding]:
    """The volume is the one that the amount takes up at the planned concentration, to the step of a syringe. A drug that is dosed by volume
    is its own volume, and comes ready mixed."""
    planned, held = plan.concentration, concentration(container)
    if planned is None or (container.amount.is_like("mL") and agree(container.amount, container.volume)):
        return
    if held is not None and container.amount.is_like(planned.unit.partition("/")[0]):
        wanted = container.amount.over(planned, "mL")
        if agree(container.volume, wanted, ctx.order.practice.step_for(wanted)):
            return
    yield Finding("container.wrong-concentration", Level.BANNED, {"code": container.code, "holds": held, "planned": planned})


def _amount(container: Container, plan: Plan, ctx: Context) -> Iterator[Finding]:
    """Never more than is planned; for a dose in mL the volume is what counts. A programme on demand draws from its container."""
    if plan.dose is None or ctx.protocol.delivery is Delivery.PATIENT_CONTROLLED:
        return
    amount = plan.dose.amount
    held = container.volume if amount.is_like("mL") else container.amount
    if not held.is_like(amount) or (held > amount and not agree(held, amount)):
        yield Finding("container.wrong-amount", Level.BANNED, {"code": container.code, "holds": held, "planned": amount})
