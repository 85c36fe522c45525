"""A reaction belongs to the patient: what the next session must know of it."""

from openinfusion.core.administration.context import Context
from openinfusion.core.administration.session import Reaction, SessionState
from openinfusion.core.prescribing.events import ReactionRemembered


def remembered(reaction: Reaction, state: SessionState, ctx: Context) -> ReactionRemembered:
    """The event for the patient's own stream; grade 0 with no scale means that nobody graded it."""
    since = None if state.started_at is None else (reaction.reported_at - state.started_at).total_seconds()
    return ReactionRemembered(
        session=ctx.session,
        protocol=ctx.protocol.id,
        ingredients=tuple(ctx.protocol.drug.ingredients),
        grade=reaction.grade or 0,
        scale=reaction.scale,
        action=reaction.action,
        rate=reaction.rate_before,
        minutes_after_start=None if since is None or since < 0 else int(since // 60),
    )
