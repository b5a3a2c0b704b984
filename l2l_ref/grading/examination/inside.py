"""What a notebook's kernel runs when its answers are examined from outside.

It holds no expected value: it calls what the notebook defines and hands back data. Whatever the
notebook has done to this process, data is all that leaves it.
"""

from importlib import import_module

from IPython import get_ipython

from ... import checks
from ...checks.answering import answer_packed


class Said(str):
    """A text that reaches the other side as it is, however this notebook displays texts."""

    def _repr_mimebundle_(self, **_) -> dict[str, str]:
        return {"text/plain": repr(str(self))}


def begin(runs: list[str]) -> None:
    """From now on this process is examined from outside.

    Args:
        runs: the modules of the answering side; whole before anything of a submission runs.
    """
    checks.FROM_OUTSIDE = True
    for module in runs:
        import_module(module)


def answer(run: str, question: str, asked: str) -> Said:
    """Put a question to the function of that name in the notebook.

    Args:
        run: of the answering side, such as ``l2l_ref.checks.leaf_tensors.run:run_kind``.
        question: the name of the notebook's function.
        asked: what it is asked, packed.

    Returns:
        The reply, packed.
    """
    module, _, name = run.partition(":")
    run = getattr(import_module(module), name)
    return Said(answer_packed(run, get_ipython().user_ns, question, asked))
