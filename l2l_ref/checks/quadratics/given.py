"""What a student's function is handed, to see afterwards whether it is as it was.

That goes for everything: tensors with their flag and their .grad, lists and dicts with what is in
them and in which order, objects with their attributes, and torch's own settings.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ..answering import parts, tensor_from
from ..settings import moved, settings

#: Lists in lists; what is deeper is not looked at.
DEPTH = 6


class Given:
    """Things by their names in reports. More can be handed over while a function runs."""

    def __init__(self, **things: object):
        self.handed: list[tuple[str, object, dict]] = []
        self.settings = settings()
        for name, value in things.items():
            self.hand(name.replace("_", " "), value)

    def hand(self, name: str, value: object) -> object:
        """Note how something is now, and hand it on."""
        self.handed.append((name, value, facts(value)))
        return value

    def changed(self) -> list[str]:
        """What is no longer as it was, in words, each once."""
        found = []
        for name, value, before in self.handed:
            now = facts(value)
            found += [name + part for part in before if before[part] != now.get(part)]
        return list(dict.fromkeys(found + moved(self.settings)))


class WatchedRule:
    """A rule whose steps are looked at: what they change, and what of theirs has a graph.

    Args:
        student: the student's function. options: for it, besides gradient, state and rate.
        is_turned: whether gradients lie in memory as a transposed view does.
    """

    def __init__(self, student: Callable, is_turned: bool, **options):
        self.student, self.is_turned, self.options = student, is_turned, options
        self.earlier = Given()
        self.changed: set[str] = set()
        self.with_graph: set[str] = set()

    def step(self, gradient: Tensor, state: object, rate: float) -> tuple[Tensor, object]:
        """The update, a copy, and the state after it."""
        given = turned(gradient) if self.is_turned else gradient.clone()
        kept = Given(the_gradient=given, the_state=state)
        found = self.student(given, state, rate, **self.options)
        update, after = parts(found, "update", "state")
        self.changed.update(kept.changed())
        for name, value in (("the update", update), ("the state", after)):
            if has_a_graph(value):
                self.with_graph.add(name)
        copy = tensor_from(update, gradient, "the update", gradient.dtype)
        self.earlier.hand("the update of a step before", update)
        return copy, after

    def report(self) -> dict:
        """What was found besides the updates."""
        self.changed.update(self.earlier.changed())
        return {"changed": sorted(self.changed), "with_graph": sorted(self.with_graph)}


def facts(value: object, depth: int = DEPTH) -> dict:
    """All about a value, as data that == compares, NaN too; by what to add to its name."""
    if isinstance(value, Tensor):
        grad = value.grad if value.is_leaf else None
        return {
            "": numbers(value),
            ".requires_grad": value.requires_grad,
            ".grad": None if grad is None else numbers(grad),
        }
    if depth == 0:
        return {}
    if isinstance(value, np.ndarray):
        return {"": value.tobytes()}
    if isinstance(value, dict):
        return {"": [(key, facts(part, depth - 1)) for key, part in value.items()]}
    if isinstance(value, list | tuple):
        return {"": [facts(part, depth - 1) for part in value]}
    if hasattr(value, "__dict__"):
        return facts(vars(value), depth)
    return {"": repr(value)}


def numbers(tensor: Tensor) -> tuple:
    """The numbers of a tensor, with their kind."""
    flat = tensor.detach().cpu().reshape(-1).contiguous()
    return tensor.dtype, tuple(tensor.shape), flat.view(torch.uint8).numpy().tobytes()


def has_a_graph(value: object) -> bool:
    """Whether it is a tensor with a graph, or a list, tuple or dict with such a tensor in it."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(has_a_graph(part) for part in value)
    return isinstance(value, Tensor) and value.grad_fn is not None


def no_constant(name: str, tensor: Tensor) -> list[str]:
    """Why a tensor is no constant that a graph can be built on, in words; nothing if it is one."""
    if tensor.requires_grad:
        return [f"{name}: requires a gradient"]
    if tensor.is_inference():
        return [f"{name}: made in torch.inference_mode(), so that no graph can hold it"]
    return []


def turned(tensor: Tensor) -> Tensor:
    """The same numbers, in memory column by column: what a transposed view looks like."""
    return tensor.mT.contiguous().mT if tensor.ndim > 1 else tensor
