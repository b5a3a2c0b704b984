"""What a notebook's kernel runs when its answers are examined from outside.

It holds no expected value: it calls what the notebook defines and hands back data. Whatever the
notebook has done to this process, data is all that leaves it.
"""

import contextlib
from collections.abc import Callable, Iterator
from functools import wraps
from importlib import import_module
from types import FunctionType

import torch
from IPython import get_ipython
from torch import Tensor, nn

from ... import checks
from ...checks.answering import answer_packed
from ...checks.wire import pack, unpack


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
    return Said(answer_packed(_named(run), get_ipython().user_ns, question, asked))


def answer_with_a_change(run: str, question: str, asked: str) -> Said:
    """Put a question again, and change what the function was given behind it.

    Whoever has bent what looks for changes does not see this one either.

    Returns:
        ``{"done": how many tensors were changed, "seen": whether the reply says so}``, packed; 0
        tensors where the function cannot be asked in this way.
    """
    names, done = get_ipython().user_ns, []
    if not isinstance(names.get(question), FunctionType):
        return Said(pack({"done": 0, "seen": False}))
    names = names | {question: _changing(names[question], done)}
    reply = unpack(answer_packed(_named(run), names, question, asked))
    ended = "failed" not in reply  # whoever fails now has not been looked at
    return Said(pack({"done": len(done) * ended, "seen": bool(reply.get("changed"))}))


def _named(run: str) -> Callable:
    module, _, name = run.partition(":")
    return getattr(import_module(module), name)


def _changing(function: Callable, done: list[Tensor]) -> Callable:
    """The function, after which every tensor that it was given is another number."""

    @wraps(function)
    def changing(*arguments, **options):
        result = function(*arguments, **options)
        for tensor in _tensors_in([arguments, options], set()):
            if tensor.is_floating_point() and tensor.numel() and tensor.is_contiguous():
                with contextlib.suppress(RuntimeError):
                    tensor.data.view(-1)[0] += 1
                    done.append(tensor)
        return result

    return changing


def _tensors_in(thing: object, met: set[int]) -> Iterator[Tensor]:
    """All tensors in containers and modules, each once."""
    if id(thing) in met:
        return
    met.add(id(thing))
    match thing:
        case torch.Tensor():
            yield thing
        case nn.Module():
            yield from (*thing.parameters(), *thing.buffers())
        case dict():
            for each in thing.values():
                yield from _tensors_in(each, met)
        case list() | tuple():
            for each in thing:
                yield from _tensors_in(each, met)
