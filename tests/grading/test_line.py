"""The line to a caged kernel: messages pass, and one without an end does not."""

import contextlib
import os
import socket

import pytest

pytest.importorskip("jupyter_client")

import zmq

from l2l_ref.grading.cage import line
from l2l_ref.grading.cage.line import FRAME, FRAMES, Line, Meter, TooLong

HELLO = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48)

needs_linux = pytest.mark.skipif(not hasattr(os, "O_PATH"), reason="cages need Linux")


def frame(size: int, flags: int) -> bytes:
    """A frame of ZMTP, as RFC 23 has it."""
    return bytes([flags | 2]) + size.to_bytes(8, "big") + bytes(size)


def fed(data: bytes, step: int, longest: int = 10_000) -> bool:
    """Whether a meter lets data pass, in pieces."""
    meter = Meter(longest)
    try:
        for at in range(0, len(data), step):
            meter.feed(data[at : at + step])
    except TooLong:
        return False
    return True


MORE, LAST, COMMAND = 1, 0, 4


@pytest.mark.parametrize("step", [1, 7, 64, 100_000])
def test_a_meter_measures_messages(step):
    whole = frame(4000, MORE) + frame(4000, LAST)
    assert fed(HELLO + frame(25, COMMAND) + 50 * whole, step)
    assert fed(HELLO + b"\x01\x05hello" + b"\x00\x00", step)  # short frames, and an empty one
    assert not fed(HELLO + frame(4000, MORE) + frame(6000, LAST), step)
    assert not fed(HELLO + 3 * frame(4000, MORE), step)
    assert not fed(HELLO + 3 * (frame(4000, MORE) + frame(0, COMMAND)), step)
    assert not fed(HELLO + (FRAMES + 1) * b"\x01\x00", step, longest=2 * FRAMES * FRAME)
    assert not fed(HELLO + b"\x03" + (2**63).to_bytes(8, "big"), step)


@pytest.mark.parametrize(
    "hello",
    [b"\x01\x00" + bytes(62), HELLO[:10] + b"\x01" + HELLO[11:], b"\xff" + bytes(63)],
    ids=["version 1", "version 2", "no signature"],
)
def test_a_meter_hears_one_version_of_the_protocol(hello):
    assert not fed(hello, 1)
    assert not fed(hello, 64)


@pytest.fixture
def joined(tmp_path, monkeypatch):
    """A listener as in a cage, and what calls it over the line's second channel; with both 0MQ."""
    monkeypatch.setitem(line.LONGEST, "iopub", 2**20)
    made, context = Line(tmp_path), zmq.Context()
    inside, outside = context.socket(zmq.PUSH), context.socket(zmq.PULL)
    inside.setsockopt(zmq.USE_FD, os.dup(made.theirs[2].fileno()))
    inside.bind("ipc:///nowhere/k-2")
    outside.connect(f"ipc://{made.ip}-2")
    made.handed_over()
    yield inside, outside
    context.destroy(linger=0)
    made.close()


@needs_linux
def test_messages_pass_and_long_ones_are_cut(joined):
    inside, outside = joined
    parts = [bytes([number]) * 10**number for number in range(6)]
    for _ in range(20):
        inside.send_multipart(parts)
        assert outside.poll(10_000)
        assert outside.recv_multipart() == parts
    inside.send_multipart([bytes(2**18)] * 5)
    assert not outside.poll(500)
    inside.send_multipart(parts)  # 0MQ calls again
    assert outside.poll(10_000)
    assert outside.recv_multipart() == parts


@needs_linux
def test_a_line_closes_while_somebody_speaks_and_nobody_listens(tmp_path):
    made = Line(tmp_path)
    calling = socket.socket(socket.AF_UNIX)
    calling.connect(f"{made.ip}-1")
    inside, _ = socket.socket.accept(_blocking(made.theirs[1]))
    inside.sendall(HELLO)
    inside.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            inside.send(frame(1000, LAST) * 10)
    made.close()
    assert not [each for each in made.threads if each.is_alive()]
    calling.close()
    inside.close()


def _blocking(each: socket.socket) -> socket.socket:
    each.setblocking(True)
    return each
