"""Which findings people have answered: a caution by one reason, a contraindication by two prescribers, a ban or a gap by nobody."""

from collections.abc import Iterable
from typing import assert_never

from openinfusion.core.administration.context import Context
from openinfusion.core.administration.session import SessionState
from openinfusion.core.finding import Finding, Level

PRESCRIBER = "prescriber"


def unmet(findings: Iterable[Finding], state: SessionState, ctx: Context) -> tuple[Finding, ...]:
    """The findings that still hold back: cautions without a reason, contraindications without two prescribers', all bans and gaps."""
    return tuple(finding for finding in findings if not _is_passed(finding, state, ctx))


def _is_passed(finding: Finding, state: SessionState, ctx: Context) -> bool:
    match finding.level:
        case Level.INFO:
            return True
        case Level.CAUTION:
            return bool(reasoned_by(finding.key, state, ctx, any_role=True))
        case Level.CONTRAINDICATED:
            return len(reasoned_by(finding.key, state, ctx, any_role=False)) >= 2
        case Level.MISSING | Level.BANNED:
            return False
        case _:
            assert_never(finding.level)


def reasoned_by(key: str, state: SessionState, ctx: Context, *, any_role: bool) -> frozenset[str]:
    """Who gave a reason for this finding, at the order or today; with prescribers only, unless any role will do."""
    signed = ctx.signed
    by = {person for person, role in state.accepted_by.get(key, frozenset()) if any_role or role == PRESCRIBER}
    if signed.reasons.get(key, "").strip():
        by.add(signed.ordered_by)
    if signed.cosign_reasons.get(key, "").strip():
        by.add(signed.cosigned_by)
    return frozenset(by)
