"""A thread sends messages whose parts have the wrong types, signed with the kernel's key."""

from battery import after

ATTACK = """
import json
import threading
import time

kernel = get_ipython().kernel
session = kernel.session


def signed(*parts):
    texts = [json.dumps(part).encode() for part in parts]
    return [b"<IDS|MSG>", session.sign(texts), *texts]


def speak():
    for _ in range(100):
        time.sleep(0.05)
        parent = kernel.get_parent("shell")
        identities = kernel._parent_ident["shell"]
        ours = parent["header"]
        for header in ({"msg_type": "stream"}, {"msg_type": ["stream"]}, {}, [], "x", 4):
            for above in (ours, [], "x", None):
                for content in ([], "x", 4, {"execution_state": []}, {"data": {"image/png": []}}):
                    text = signed(header, above, {}, content)
                    kernel.iopub_socket.send_multipart([b"stream", *text])


threading.Thread(target=speak, daemon=True).start()
time.sleep(1)
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
FLAGGED = True
WAITS = True
