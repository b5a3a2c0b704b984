"""A fresh kernel with time limits.

Only the replies are listened to, never the output: nothing that an answer prints, without end or
in one line of a gigabyte, can fill this process's memory. What must come back comes in files.
"""

import contextlib
import os
import queue
import subprocess
import tempfile
import time
from dataclasses import dataclass

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from ..errors import InputError

START = 120.0  # seconds until a kernel must answer
GRACE = 5.0  # seconds that an interrupted cell has to end
AGAIN = 0.5  # until the next interrupt; a check takes the first one for its first question's answer


@dataclass(frozen=True)
class Ended:
    """How a piece of code ended: ``fine``, ``error``, ``late`` (stopped), ``stuck`` or ``dead``.

    After ``stuck`` and ``dead`` there is no kernel any more.
    """

    how: str
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether the kernel is gone."""
        return self.how in ("stuck", "dead")


class ThisPython(KernelSpecManager):
    """Knows one kernel: ipykernel in the Python that runs this."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel, whatever the name."""
        from ipykernel.kernelspec import get_kernel_dict

        return KernelSpec(**get_kernel_dict())


class Kernel:
    """A kernel in an empty folder, without the user's own IPython profile.

    Use it as a context manager; the process is gone afterwards.

    Raises:
        InputError: it does not start.
    """

    def __enter__(self) -> "Kernel":
        with contextlib.ExitStack() as stack:
            # Whatever still writes there while the kernel is killed must not stop the cleaning up.
            folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            self.manager = KernelManager(kernel_spec_manager=ThisPython())
            self.manager.start_kernel(
                extra_arguments=[
                    "--HistoryManager.hist_file=:memory:",
                    "--InteractiveShellApp.ignore_cwd=True",  # an l2l_ref.py there is not ours
                ],
                cwd=folder,
                env=os.environ | {"IPYTHONDIR": profile},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(self.manager.shutdown_kernel, now=True)
            self.client = self.manager.client()
            self.client.start_channels(iopub=False, stdin=False, hb=False, control=False)
            stack.callback(self.client.stop_channels)
            if (ended := self._wait(self.client.kernel_info(), START)).how != "fine":
                raise InputError(f"no Python kernel starts here ({ended.how} {ended.message})")
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *exception) -> None:
        self.stack.close()

    def run(self, code: str, seconds: float, count: bool = True) -> Ended:
        """Run a cell.

        Args:
            code: its source.
            seconds: the time limit; then the cell is interrupted, and if that does not help, the
                kernel is killed.
            count: whether it gets a number, ``In [n]``.
        """
        asked = self.client.execute(
            code, silent=not count, store_history=count, allow_stdin=False, stop_on_error=False
        )
        ended = self._wait(asked, seconds)
        return self._interrupt(asked) if ended.how == "late" else ended

    def _interrupt(self, asked: str) -> Ended:
        """Stop a cell, by force if it must be."""
        for _ in range(round(GRACE / AGAIN)):
            self.manager.interrupt_kernel()
            after = self._wait(asked, AGAIN)
            if after.how != "late":
                return after if after.over else Ended("late")
        self.manager.shutdown_kernel(now=True)
        return Ended("stuck")

    def _wait(self, asked: str, seconds: float) -> Ended:
        """Wait for the reply to a message."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            alive = self.manager.is_alive()
            with contextlib.suppress(queue.Empty):
                reply = self.client.get_shell_msg(timeout=min(left, 0.5) if alive else 0.1)
                if reply["parent_header"].get("msg_id") == asked:
                    return _ended(reply["content"])
                continue
            if not alive:
                return Ended("dead", self._exit_code())
        return Ended("late")

    def _exit_code(self) -> str:
        process = getattr(self.manager.provisioner, "process", None)
        code = process.poll() if process else None
        why = {0: "as after exit() or quit()", -9: "killed, as happens when memory runs out"}
        return "" if code is None else f"{why.get(code, '')}, exit code {code}".strip(", ")


def _ended(content: dict) -> Ended:
    if content.get("status") == "ok":
        return Ended("fine")
    text = f"{content.get('ename', 'error')}: {content.get('evalue', '')}"
    return Ended("error", (text.splitlines() or [""])[0][:200].removesuffix(": "))
