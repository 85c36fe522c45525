"""One row in each table of the record."""

from openinfusion.app.ports import SampleBlock
from openinfusion.store.archive import StoredArchive
from openinfusion.store.samples import StoredSamples
from tests.store.sample_events import NINE, LineOpened, SteppingClock, a_log, command

BLOCK = SampleBlock("pump-1", "session/1", NINE, (0, 1000), {"rate": ("mL/h", ("50", None))})


def fill() -> None:
    a_log().append(command(), [("session/1", LineOpened("a"))], {})
    StoredSamples(SteppingClock()).append([BLOCK])
    StoredArchive(SteppingClock()).keep("hash", "text")
