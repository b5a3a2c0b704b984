"""Time as a cage has had it: while it runs, and while it waits for nothing but itself.

On a machine where others use the processors up, a second may pass in which a program could not run
at all. Such a second is not its own. One in which it sleeps is.
"""

import threading
import time
from collections.abc import Callable

TICK = 0.05  # seconds between two looks

#: Seconds of waiting that are kept for later: Linux counts a wait when it is over.
KEPT = 1.0

Times = dict[str, tuple[float, float]]


class Clock:
    """Counts the seconds that a cage has had.

    They are those that pass, less those in which its threads waited for a processor; but no fewer
    than they ran, all together, and no more than passed.

    Args:
        times: for each thread the seconds that it has run and has waited, so far.
    """

    def __init__(self, times: Callable[[], Times]):
        self.times, self.lock = times, threading.Lock()
        self.last, self.seen = time.monotonic(), times()
        self.seconds = self.waited = 0.0

    def had(self) -> float:
        """Seconds since the clock was made."""
        with self.lock:
            now = time.monotonic()
            if now - self.last >= TICK:
                self._tick(now - self.last)
                self.last = now
            return self.seconds

    def _tick(self, passed: float) -> None:
        try:
            found = self.times()
        except (OSError, ValueError):  # a cage that has ended; or the watch will end it
            self.seconds += passed
            return
        ran, waited = (
            sum(now[at] - self.seen.get(name, (0.0, 0.0))[at] for name, now in found.items())
            for at in (0, 1)
        )
        self.seen = found
        self.waited += waited
        others = min(self.waited, max(0.0, passed - ran))
        self.seconds += passed - others
        self.waited = min(self.waited - others, KEPT)
