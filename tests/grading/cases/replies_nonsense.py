"""The kernel's replies have the wrong types, signed with its key; answers are right."""

from battery import after

ATTACK = """
import json

kernel = get_ipython().kernel
session, send = kernel.session, kernel.session.send


def nonsense(stream, kind, content=None, parent=None, ident=None, **options):
    if kind == "execute_reply" and nonsense.forms:
        texts = [json.dumps(part).encode() for part in nonsense.forms.pop(0)(parent["header"])]
        message = [*(ident or []), b"<IDS|MSG>", session.sign(texts), *texts]
        stream.send_multipart(message)
        return None
    return send(stream, kind, content, parent=parent, ident=ident, **options)


nonsense.forms = [
    lambda ours: ({"msg_type": "x"}, ours, {}, []),
    lambda ours: ({"msg_type": "x"}, ours, {}, "ok"),
]
session.send = nonsense
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
FLAGGED = True
LIMITS = {"cell": 8.0}
WAITS = True
