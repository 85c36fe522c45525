"""Words of the session pages: no event, stage or criterion is shown by its code, and the record leaves out nothing that was told."""

from openinfusion.core.administration import events as e
from openinfusion.core.administration.checklist import Need, Stage
from openinfusion.core.administration.parts import Reading, SegmentKind
from openinfusion.core.quantity import Quantity
from openinfusion.web.naming import NEED_WORDS, STAGE_WORDS, event_words
from openinfusion.web.telling import told


def test_every_event_of_a_session_has_a_name() -> None:
    unnamed = [event for event in e.EVENTS if event_words(object.__new__(event)) == event.__name__]
    assert unnamed == []


def test_every_stage_and_criterion_has_words() -> None:
    assert set(STAGE_WORDS) == set(Stage)
    assert set(NEED_WORDS) == set(Need)


def test_the_parts_of_an_event_are_told_with_their_units_and_names() -> None:
    seen = e.ObservationRecorded((Reading("pulse", Quantity(72, "/min")), Reading("rash", value=False)))
    assert told(seen, {"pulse": "Pulse", "rash": "Rash"}) == ("Pulse 72 per minute", "Rash no reading")
    given = e.GivenRecorded(SegmentKind.BOLUS, Quantity("2.5", "mL"), reason="from paper")
    assert told(given, {}) == ("kind bolus", "volume 2.5 mL", "reason from paper")
    assert told(e.SessionClosed({"observed": "transferred"}), {"observed": "Observed"}) == ("Observed: transferred",)
