"""Looks after a cage: how many processes it has, and how much memory they hold.

The limits that the kernel of Linux keeps are for one process or one user, and the administrator
has none; here they hold for the whole cage. What cannot be looked at is ended.
"""

import contextlib
import os
import select
import signal
import threading

from .sandbox import MIB, Limits
from .view import View

PAUSE = 0.2  # seconds between two looks
ENDING = 1.0  # seconds that a cage may take to end; then what it is has to be seen


class Watch:
    """A thread that ends a cage that has become too large.

    Args:
        pid: of the process that holds the cage, a child of this one.
        view: into it.
        limits: that hold.
    """

    def __init__(self, pid: int, view: View, limits: Limits):
        self.holder, self.view, self.limits = os.pidfd_open(pid), view, limits
        self.reason = ""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self.over.set()
        self.thread.join()
        os.close(self.holder)

    def _look(self) -> None:
        while not self.over.wait(PAUSE):
            try:
                self.reason = self._too_much()
            except Exception as error:  # whatever it is: nobody is left unwatched
                if self._ends():
                    return
                self.reason = f"it could not be watched any more: {error!r:.200}"
            if self.reason:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self.holder, signal.SIGKILL)  # the others die with it
                return

    def _too_much(self) -> str:
        if sum(len(threads) for _, threads in self.view.tasks()) > self.limits.processes:
            return f"more than {self.limits.processes} processes"
        if self.view.memory() > self.limits.memory:
            return f"more than {self.limits.memory // MIB:,} MB of memory"
        return ""

    def _ends(self) -> bool:
        """Whether the cage has ended, or does so in a moment."""
        poller = select.poll()
        poller.register(self.holder, select.POLLIN)
        return bool(poller.poll(1000 * ENDING))
