"""What an answer is given, what it has changed of it, and the graph of what it returns.

It stands on the answering side.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Real

import torch
from torch import Tensor, nn

from ..settings import clean_state, settings


@contextmanager
def watched(recording: bool = True, dtype: torch.dtype = torch.float32, **things) -> Iterator[list]:
    """Run an answer, and find what it changes of the things that it is given.

    Args:
        recording: whether gradients are recorded meanwhile.
        dtype: the default dtype meanwhile.
        things: by their names in reports: tensors, dicts of tensors, modules.

    Yields:
        A list, empty as yet. Afterwards it says what is no longer as it was.
    """
    with clean_state(), torch.set_grad_enabled(recording):
        torch.set_default_dtype(dtype)
        torch.rand(())  # so that whoever seeds torch changes its state
        changed, before = [], facts(things)
        yield changed
        now = facts(things)
    changed += unlike(before, now)


def unlike(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """The facts that are no longer as they were; what is gone shows in the list of names."""
    return [what for what in before if what in now and not _same(before[what], now[what])]


def plant(tensors: Mapping[str, Tensor]) -> None:
    """Put something into each ``.grad``, as an earlier backward() would have."""
    for tensor in tensors.values():
        if tensor.is_leaf and tensor.is_floating_point():
            tensor.grad = torch.linspace(3, 4, tensor.numel(), dtype=tensor.dtype).view_as(tensor)


def behind(given: Mapping[str, Tensor], leaves: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The leaves that what is given was computed from, where it is not those themselves."""
    return {name: leaf for name, leaf in leaves.items() if leaf is not given.get(name)}


def slope(output: Tensor | None, source: Tensor) -> Tensor | None:
    """`derivative`, which can be differentiated again; None, too, where there is nothing."""
    if output is None or not output.requires_grad or not source.requires_grad:
        return None
    return torch.autograd.grad(output, source, create_graph=True, allow_unused=True)[0]


def higher(output: Tensor | None, sources: Mapping[str, Mapping], orders: int) -> list[dict]:
    """Derivatives of several orders: of an output, then of the sum of the squares of those before.

    Args:
        sources: dicts of tensors, by what they are called.
        orders: how many; there are less where one of them has no graph.
    """
    found = []
    for _ in range(orders):
        by = {w: {n: slope(output, t) for n, t in those.items()} for w, those in sources.items()}
        found.append(by)
        flat = [each for those in by.values() for each in those.values()]
        if any(each is None for each in flat):
            break
        output = sum(each.square().sum() for each in flat)
    return found


def begun_at(output: Tensor) -> list[Tensor]:
    """The leaves at which the graph of an output begins."""
    seen, ahead, leaves = set(), [output.grad_fn], []
    while ahead:
        node = ahead.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaves += [node.variable] if hasattr(node, "variable") else []
        ahead += [before for before, _ in node.next_functions]
    return leaves


def facts(things: Mapping[str, object]) -> dict[str, object]:
    """All that may not change, by what a report calls it."""
    found = settings() | {"torch's random numbers": torch.get_rng_state()}
    for name, thing in things.items():
        found |= _OF[next(kind for kind in _OF if isinstance(thing, kind))](name, thing)
    return found


def of_tensor(name: str, tensor: Tensor) -> dict[str, object]:
    """The numbers of a tensor and what it is to autograd."""
    grad = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    return {
        name: tensor.detach().clone(),
        f"{name}.requires_grad": tensor.requires_grad,
        f"{name}.grad": None if grad is None else grad.detach().clone(),
        f"{name}.retains_grad": tensor.retains_grad,
        f"the hooks of {name}": [
            len(hooks or ())
            for hooks in (tensor._backward_hooks, tensor._post_accumulate_grad_hooks)
        ],
        f"the attributes of {name}": list(vars(tensor)),
    }


def of_dict(what: str, tensors: Mapping[str, Tensor], place: str = "{what}[{name!r}]") -> dict:
    """The names in a dict, which tensors they stand for, and what those are."""
    names, those = f"{what} (the names)", f"{what} (other tensors are in it)"
    found = {names: list(tensors), those: _Those(tensors)}
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            continue  # put there by the answer, which shows already
        found |= of_tensor(place.format(what=what, name=name), tensor)
    return found


def of_module(what: str, module: nn.Module) -> dict[str, object]:
    """The tensors of a module, the modes of its parts, and what else hangs on them."""
    found = of_dict(what, tensors_of(module), "{what}.{name}")
    for path, part in module.named_modules():
        here = f"{what}.{path}".removesuffix(".")
        found |= {f"{here}.{n}": v for n, v in vars(part).items() if isinstance(v, str | Real)}
        held = {name: value for name, value in vars(part).items() if isinstance(value, Tensor)}
        found |= of_dict(f"what {here} holds", held, f"{here}.{{name}}")
        # hooks and the like are dicts by name or number, and buffers that are not saved are a set
        found[f"what is registered in {here}"] = {
            name: list(value) if isinstance(value, dict | set) else None
            for name, value in vars(part).items()
        }
    return found


def tensors_of(module: nn.Module) -> dict[str, Tensor]:
    """Its parameters and buffers; what stands in several places has all its names."""
    found = dict(module.named_parameters(remove_duplicate=False))
    return found | dict(module.named_buffers(remove_duplicate=False))


_OF: dict[type, Callable] = {nn.Module: of_module, Tensor: of_tensor, Mapping: of_dict}


class _Those:
    """Certain tensors, the very same ones."""

    def __init__(self, tensors: Mapping[str, Tensor]):
        self.tensors = dict(tensors)

    def __eq__(self, other) -> bool:
        return all(tensor is other.tensors.get(n, tensor) for n, tensor in self.tensors.items())


def _same(one: object, other: object) -> bool:
    """Whether a fact is as it was; NaN is."""
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        return type(one) is type(other) and one == other
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return bool(((one == other) | (one.isnan() & other.isnan())).all())


class Others:
    """What must stay in a module when some of its parameters are replaced.

    Args:
        module: as it is before.
        replaced: the parameters.
    """

    def __init__(self, module: nn.Module, replaced: Iterable[Tensor]):
        self.module, gone = module, [id(tensor) for tensor in replaced]
        self.names = [name for name, tensor in tensors_of(module).items() if id(tensor) not in gone]
        self.before = self._facts()

    def changed(self) -> list[str]:
        """What has not stayed, in words."""
        there = tensors_of(self.module)
        missing = [f"{name} (gone)" for name in self.names if name not in there]
        return missing or unlike(self.before, self._facts())

    def tensors(self) -> list[Tensor]:
        """Those that stand there now."""
        there = tensors_of(self.module)
        return [there[name] for name in self.names if name in there]

    def _facts(self) -> dict[str, object]:
        others = {name: t for name, t in tensors_of(self.module).items() if name in self.names}
        parts = {f"module.{n}".removesuffix("."): p for n, p in self.module.named_modules()}
        modes = {f"{path}.training": part.training for path, part in parts.items()}
        return of_dict("the others", others, "module.{name}") | modes
