"""A thread sends messages in the kernel's name: forged replies and forged outputs."""

from battery import at_the_top, wrong

ATTACK = """
import threading
import time

from l2l_ref.checks.wire import pack

kernel = get_ipython().kernel


def speak():
    good = pack({"kinds": ["leaf"] * 13, "printed": ""})
    content = {
        "status": "ok",
        "execution_count": 1,
        "payload": [],
        "user_expressions": {
            "text": {"status": "ok", "data": {"text/plain": repr(good)}, "metadata": {}}
        },
    }
    while True:
        time.sleep(0.01)
        parent = kernel.get_parent("shell")
        for socket in (kernel.iopub_socket, kernel.shell_stream):
            for form in (content, {"user_expressions": 4}, {"status": b"x".hex() * 10}, {}):
                try:
                    kernel.session.send(socket, "execute_reply", form, parent=parent)
                except Exception:
                    pass


threading.Thread(target=speak, daemon=True).start()
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
