"""What a notebook's kernel runs when its answers are examined from outside.

It holds no expected value: it calls what the notebook defines and hands back data. Whatever the
notebook has done to this process, data is all that leaves it.
"""

from importlib import import_module

from IPython import get_ipython

from ..checks.answering import answer_by_name
from ..checks.wire import NotData, pack, unpack


def answer(run: str, question: str, asked: str) -> str:
    """Put a question to the function of that name in the notebook.

    Args:
        run: of the answering side, such as ``l2l_ref.checks.leaf_tensors_run:run_kind``.
        question: the name of the notebook's function.
        asked: what it is asked, packed.

    Returns:
        The reply, packed.
    """
    module, _, name = run.partition(":")
    put = getattr(import_module(module), name)
    reply = answer_by_name(put, get_ipython().user_ns, question, unpack(asked))
    try:
        return pack(reply)
    except NotData as error:
        failed = {"came_back": f"what cannot be judged: {error}", "expected": "", "idea": ""}
        return pack({"failed": failed, "printed": ""})
