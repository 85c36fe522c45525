"""How fast one place may try passwords for one name: a few at once, then with growing pauses, never a lock-out.

The pause is short, belongs to the pair of place and name, and ends by itself: nobody can keep a colleague at another bed from signing in.
Known in this process only; it asks no store and reads no clock.
"""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from math import ceil

FREE = 3
"""Wrong passwords without a pause: people mistype."""

LONGEST = timedelta(seconds=30)
FORGET = timedelta(minutes=15)
KEPT = 10_000
_LONGEST_NAME = 150


class Pace:
    """Counts tries that have not been followed by the right password."""

    def __init__(self) -> None:
        self._tries: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, place: str, name: str, now: datetime) -> int:
        """Seconds to wait before the next try; 0 means go on, and the try is counted until `right` says that it was right."""
        key = (place, name[:_LONGEST_NAME].casefold())
        with self._lock:
            count, last = self._tries.get(key, (0, now))
            if now - last >= FORGET:
                count = 0
            left = last + _pause(count) - now
            if left > timedelta():
                return ceil(left.total_seconds())
            self._tries[key] = (count + 1, now)
            self._tries.move_to_end(key)
            while len(self._tries) > KEPT:
                self._tries.popitem(last=False)
            return 0

    def right(self, place: str, name: str) -> None:
        """The password was right: nothing is held against this pair any more."""
        with self._lock:
            self._tries.pop((place, name[:_LONGEST_NAME].casefold()), None)

    def forget(self) -> None:
        """Forget everything, as a new process does."""
        with self._lock:
            self._tries.clear()


def _pause(count: int) -> timedelta:
    """1 s after the third wrong password, then doubled with each, at most `LONGEST`."""
    return min(timedelta(seconds=2 ** min(count - FREE, 10)), LONGEST) if count >= FREE else timedelta()
