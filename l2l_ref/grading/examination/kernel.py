"""A fresh kernel with limits, in a sandbox or not.

Nothing that an answer prints, without end or in one line of a gigabyte, can fill this process's
memory: the sockets refuse long messages and hold few, and what is kept of a cell's output is its
beginning. See `line` and `outputs`.
"""

import ast
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from ...support.errors import InputError
from ..cage import starter
from ..cage.clock import Clock
from ..cage.hearing import Hearing
from ..cage.line import PORTS, REPLY, SHOWN, Line
from ..cage.sandbox import NONE, ONE_THREAD, TO_FIND_SYSTEMD, Limits, cage
from ..cage.view import View
from ..cage.watch import Watch
from .outputs import Outputs

START = 120.0  # seconds until a kernel must answer
GRACE = 5.0  # seconds that an interrupted cell has to end
AGAIN = 0.5  # until the next interrupt; a check takes the first one for its first question's answer
PING = 10.0  # seconds that a kernel with nothing to do has to say so
JOIN = 0.1  # seconds until the kernel knows that somebody listens
IDLE = 1.0  # seconds that the last outputs may take after a cell's end
MESSAGES = 16  # that a socket holds; what a kernel sends beyond that is lost
SPREAD = 4  # times its seconds that a cell may take while others use the processors

#: The file, in the cage, that names the sockets.
CONNECTION = "/connection.json"

STARTER = starter.__name__

EXIT = "as after exit() or quit()"

#: A text as `repr` writes it. What is packed holds a ", so it stands between two '.
TEXT = re.compile(r"'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'")


@dataclass(frozen=True)
class Ended:
    """How a piece of code ended: ``fine``, ``error``, ``late`` (stopped), or with its kernel.

    After ``stuck``, ``dead`` and ``mute`` there is no kernel any more.
    """

    how: str
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether the kernel is gone."""
        return self.how in ("stuck", "dead", "mute")


class ThisPython(KernelSpecManager):
    """Knows one kernel: ipykernel in the Python that runs this.

    Args:
        command: that runs it in a sandbox; empty for none.
    """

    command: tuple[str, ...] = ()

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel, whatever the name."""
        from ipykernel.kernelspec import get_kernel_dict

        spec = KernelSpec(**get_kernel_dict())
        spec.argv = list(self.command or spec.argv)
        spec.interrupt_mode = "message" if self.command else "signal"  # no signal enters the cage
        return spec


class Kernel:
    """A kernel in an empty folder, without the user's own IPython profile.

    Use it as a context manager; the process is gone afterwards.

    Args:
        sandbox: around it, see `sandbox.choose`.
        limits: that hold in the sandbox.

    Raises:
        InputError: it does not start.
    """

    def __init__(self, sandbox: str = NONE, limits: Limits | None = None):
        self.sandbox, self.limits = sandbox, limits or Limits()
        self.watch: Watch | None = None
        self.hearing: Hearing | None = None
        self.had: Callable[[], float] = time.monotonic  # seconds, of which some may be the cage's
        self.used = 0.0  # seconds that what it was asked has had
        self.idle = ""  # what the kernel was asked when it last said that it is done

    def __enter__(self) -> "Kernel":
        with contextlib.ExitStack() as stack:
            # Whatever still writes there while the kernel is killed must not stop the cleaning up.
            folder = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(prefix="l2l", ignore_cleanup_errors=True)
                )
            )
            for name in ("work", "profile", "sockets"):
                (folder / name).mkdir()
            self.context = zmq.Context()
            stack.callback(self.context.term)
            self.context.setsockopt(zmq.MAXMSGSIZE, REPLY)
            self.context.setsockopt(zmq.RCVHWM, MESSAGES)
            self.context.setsockopt(zmq.LINGER, 0)
            self._start(folder, stack)
            self.client = self.manager.client(context=self.context)  # else it makes its own
            stack.callback(self.client.stop_channels)
            self.shell = self.client.shell_channel.socket
            self._listen()
            stack.callback(lambda: self.iopub.close())
            if (ended := self._wait(self.client.kernel_info(), START)[0]).how != "fine":
                raise InputError(f"no Python kernel starts here ({ended.how} {ended.message})")
            if self.sandbox != NONE:
                self._look_after(stack)
            self.used = 0.0
            self.stack = stack.pop_all()
        return self

    def _listen(self) -> None:
        """Connect to what the kernel puts out."""
        self.context.setsockopt(zmq.MAXMSGSIZE, SHOWN)  # a socket takes it over when it is made
        self.iopub = self.client.connect_iopub()
        self.context.setsockopt(zmq.MAXMSGSIZE, REPLY)
        time.sleep(JOIN)

    def _start(self, folder: Path, stack: contextlib.ExitStack) -> None:
        """Start the process: with sockets of this machine's network, or in a cage with a line."""
        specs, ways, files = ThisPython(), {}, ()
        if self.sandbox != NONE:
            line, hearing = Line(folder / "sockets"), Hearing()
            stack.callback(line.close)
            stack.callback(hearing.close)
            binds = ("--ro-bind", "{connection_file}", CONNECTION)
            begins = (sys.executable, "-m", STARTER, line.argument(), str(hearing.theirs))
            begins += ("-f", CONNECTION)
            specs.command = (*cage(self.limits, *binds), *begins)
            ports = {f"{channel}_port": port for channel, port in PORTS.items()}
            ways, files = {"transport": "ipc", "ip": line.ip} | ports, line.files
            files += (hearing.theirs,)
        self.manager = KernelManager(kernel_spec_manager=specs, context=self.context, **ways)
        self.manager.connection_file = str(folder / "connection.json")
        stack.callback(self._shut_down)
        self.manager.start_kernel(
            extra_arguments=[
                "--HistoryManager.hist_file=:memory:",
                "--InteractiveShellApp.ignore_cwd=True",  # an l2l_ref.py there is not ours
            ],
            cwd=str(folder / "work"),
            env=self._environment(folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=files,
        )
        if self.sandbox != NONE:
            line.handed_over()
            hearing.handed_over()
            self.hearing = hearing

    def _look_after(self, stack: contextlib.ExitStack) -> None:
        """Watch the cage, and measure its time. It is whole now, and no cell has run in it."""
        pid = self.manager.provisioner.process.pid
        try:
            view = View(pid)
        except (OSError, ValueError, psutil.Error) as error:
            raise InputError(f"the sandbox cannot be watched ({error!r:.200})") from None
        stack.callback(view.close)
        self.had = Clock(view.times).had
        self.watch = Watch(pid, view, self.limits)
        stack.callback(self.watch.stop)

    def _environment(self, folder: Path) -> dict[str, str]:
        """Variables for the kernel; a cage sets its own, and these end on the way into it."""
        if self.sandbox != NONE:
            needed = ("PATH", *TO_FIND_SYSTEMD)
            return {name: os.environ[name] for name in needed if name in os.environ}
        return ONE_THREAD | os.environ | {"IPYTHONDIR": str(folder / "profile")}

    def heard(self) -> list[str]:
        """What the kernel has told since the last time, see `hearing`."""
        return self.hearing.heard() if self.hearing else []

    def _shut_down(self) -> None:
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def __exit__(self, *exception) -> None:
        self.stack.close()

    def run(
        self, code: str, seconds: float, count: bool = True, outputs: Outputs | None = None
    ) -> Ended:
        """Run a cell.

        Args:
            code: its source.
            seconds: that it may have, see `clock`, while `SPREAD` times as many pass; then the
                cell is interrupted, and if that does not help, the kernel is killed.
            count: whether it gets a number, ``In [n]``.
            outputs: where to keep what it puts out.
        """
        asked = self.client.execute(
            code, silent=not count, store_history=count, allow_stdin=False, stop_on_error=False
        )
        ended, content = self._wait(asked, seconds, outputs)
        ended = self._interrupt(asked, outputs) if ended.how == "late" else ended
        if _exits(content):  # in a moment; a cell that follows would be blamed for it
            ended = Ended("dead", EXIT)
        if outputs is not None and not ended.over and self.idle != asked:
            self._drain(asked, outputs, time.monotonic() + IDLE)
            if self.idle != asked:  # a message that was too long has ended the connection
                outputs.cut = True
                self.iopub.close()
                self._listen()
        return ended

    def answers(self) -> bool:
        """Whether the kernel still answers; what a cell has left behind may block it."""
        asked = self.client.execute("", silent=True, allow_stdin=False)
        return self._wait(asked, PING)[0].how in ("fine", "error")

    def evaluate(self, expression: str, seconds: float) -> tuple[Ended, str]:
        """Evaluate an expression whose value is text; it reaches this process in the reply.

        Returns:
            How it ended, and the text if that was fine. Whoever owns the kernel can forge it.
        """
        asked = self.client.execute(
            "", silent=True, user_expressions={"text": expression}, allow_stdin=False
        )
        ended, content = self._wait(asked, seconds)
        if ended.how == "late":
            return self._interrupt(asked), ""
        return (ended, "") if ended.how != "fine" else _text_in(content)

    def _interrupt(self, asked: str, outputs: Outputs | None = None) -> Ended:
        """Stop a cell, by force if it must be."""
        for _ in range(round(GRACE / AGAIN)):
            self.manager.interrupt_kernel()
            after, _ = self._wait(asked, AGAIN, outputs)
            if after.over:
                return after
            if after.how != "late":
                time.sleep(AGAIN)  # an interrupt on its way must not meet the next cell
                if self.answers():
                    return Ended("late")
                break
        self.manager.shutdown_kernel(now=True)
        return Ended("stuck")

    def _wait(
        self, asked: str, seconds: float, outputs: Outputs | None = None
    ) -> tuple[Ended, dict]:
        """Wait for the reply to a message; how it ended, and what it says."""
        before = self.had()
        try:
            return self._reply(asked, before + seconds, SPREAD * seconds, outputs)
        finally:
            self.used += self.had() - before

    def _reply(
        self, asked: str, until: float, at_most: float, outputs: Outputs | None
    ) -> tuple[Ended, dict]:
        """What comes until the kernel has had its seconds, or so many have passed."""
        poller = zmq.Poller()
        poller.register(self.shell, zmq.POLLIN)
        poller.register(self.iopub, zmq.POLLIN)
        end = time.monotonic() + at_most
        while (left := min(until - self.had(), end - time.monotonic())) > 0:
            alive = self.manager.is_alive()
            ready = dict(poller.poll(1000 * (min(left, 0.5) if alive else 0.1)))
            if self.iopub in ready:
                self._drain(asked, outputs, time.monotonic())
            if self.shell in ready:
                reply = self._receive(self.shell)
                if reply.get("parent_header", {}).get("msg_id") == asked:
                    content = reply.get("content", {})
                    return _ended(content), content
            elif not alive:
                return Ended("dead", self._exit_code()), {}
        return Ended("late"), {}

    def _drain(self, asked: str, outputs: Outputs | None, until: float) -> None:
        """Take what was put out from the socket, and wait a little for the word that it is all."""
        while self.iopub.poll(max(0.0, 1000 * (until - time.monotonic()))):
            message = self._receive(self.iopub)
            if message.get("parent_header", {}).get("msg_id") != asked:
                continue
            if message.get("content", {}).get("execution_state") == "idle":
                self.idle = asked
                return
            if outputs is not None:
                outputs.add(message)
            if time.monotonic() > until:
                return

    def _receive(self, socket: zmq.Socket) -> dict:
        """A message; empty if it is malformed, as a forged one may be."""
        try:
            _, parts = self.client.session.feed_identities(socket.recv_multipart(zmq.NOBLOCK))
            message = self.client.session.deserialize(parts)
        except Exception:  # whatever somebody has put into it
            return {}
        whole = all(isinstance(message[part], dict) for part in ("parent_header", "content"))
        return message if whole else {}

    def _exit_code(self) -> str:
        if self.watch and self.watch.reason:
            return self.watch.reason
        process = getattr(self.manager.provisioner, "process", None)
        code = process.poll() if process else None
        code = code - 128 if code and code > 128 and self.sandbox != NONE else code
        code = {9: -9}.get(code, code) if self.sandbox != NONE else code
        why = {0: EXIT, -9: "killed, as happens when memory runs out"}
        return "" if code is None else f"{why.get(code, '')}, exit code {code}".strip(", ")


def _text_in(content: dict) -> tuple[Ended, str]:
    """The text that an evaluated expression has in a reply."""
    try:
        found = content["user_expressions"]["text"]
        if found["status"] != "ok":
            return _ended(found), ""
        literal = found["data"]["text/plain"]
        if not TEXT.fullmatch(literal):  # a list of zeros takes a hundred times its length to read
            return Ended("error", "the reply is no text"), ""
        return Ended("fine"), ast.literal_eval(literal)
    except (LookupError, TypeError, ValueError, SyntaxError, RecursionError, MemoryError):
        return Ended("error", "the reply has not the form of one"), ""


def _exits(content: dict) -> bool:
    """Whether a reply announces that the kernel is about to end."""
    said = content.get("payload")
    said = said if isinstance(said, list) else []
    return any(isinstance(each, dict) and each.get("source") == "ask_exit" for each in said)


def _ended(content: dict) -> Ended:
    if content.get("status") == "ok":
        return Ended("fine")
    text = f"{content.get('ename', 'error')}: {content.get('evalue', '')}"
    return Ended("error", (text.splitlines() or [""])[0][:200].removesuffix(": "))
