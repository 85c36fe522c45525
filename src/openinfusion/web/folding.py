"""Sessions as they stand, folded once in this process and carried on from there. A page of a hundred sessions reads only what is new.

Holds no truth: every state can be dropped and folded again.
"""

import threading
from collections import OrderedDict

from openinfusion.app import bedside
from openinfusion.app.ports import Ports
from openinfusion.core.administration.session import SessionState

KEPT = 2000
_states: OrderedDict[str, SessionState] = OrderedDict()
_one_at_a_time = threading.Lock()


def state_at(ports: Ports, session: str, seq: int | None = None) -> SessionState:
    """The session as it stands; with the `seq` of its newest event nothing is read when the state kept here has come that far already.

    Raises NotFound.
    """
    known = _states.get(session)
    if known is None or seq is None or known.seq < seq:
        known = bedside.state_of(ports, session, known)
        _keep(session, known)
    return known


def _keep(session: str, state: SessionState) -> None:
    with _one_at_a_time:
        held = _states.get(session)
        if held is None or held.seq <= state.seq:
            _states[session] = state
        _states.move_to_end(session)
        while len(_states) > KEPT:
            _states.popitem(last=False)
