"""Modules whose weights can carry a graph: replace ``nn.XXX`` by ``MetaXXX``.

An ``nn.Parameter`` is a leaf of the graph. It has no history, so a weight that was *computed*,
such as ``weight - lr * gradient``, cannot be one, and no gradient reaches the rate ``lr``
through it. A buffer can hold any tensor. A meta module therefore keeps its weights among its
buffers, with ``requires_grad``, and still returns them from ``parameters()``.

There is one mechanism. `MetaModule` is mixed into a layer and catches each parameter that the
layer's own constructor registers; forward passes, options and state dicts stay the layer's own.
`to_meta` does the same to a module that exists already.

    >>> net = MetaSequential(MetaLinear(2, 8), nn.Tanh(), MetaLinear(8, 1))
    >>> gradients = torch.autograd.grad(net(x).sum(), net.parameters(), create_graph=True)
    >>> net.update_params(lr, source_params=gradients)     # the step is part of the graph
    >>> net(x).sum().backward()                            # reaches lr and the first weights
"""

import copy
import difflib
import functools
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import torch
from jaxtyping import Float, Inexact
from torch import Tensor, nn

Weight = Inexact[Tensor, "..."]


class MetaModule(nn.Module):
    """An ``nn.Module`` whose own weights are buffers.

    Derive from it as from ``nn.Module``. Every ``nn.Parameter`` assigned to it becomes a buffer
    with ``requires_grad``, a plain leaf tensor that shares the parameter's memory. Three rules
    hold at all times: ``parameters()`` lists the weights; a trainable weight stays trainable,
    whatever replaces it; weights that are one tensor (tied) stay one tensor.

    Children may be ordinary modules. The first time a weight of one is replaced, that child
    becomes a meta module itself, in place.
    """

    #: The names of the instance's own weights; a dict that serves as an ordered set.
    _weight_names: Mapping[str, None] = MappingProxyType({})

    # Where the weights are

    def register_parameter(self, name: str, param: nn.Parameter | None) -> None:
        """Keep ``param`` as a weight: a buffer that ``parameters()`` returns.

        Raises:
            TypeError: the parameter is lazy, so it has no shape yet.
        """
        if nn.parameter.is_lazy(param):
            raise TypeError(
                f"weight {name!r} of {type(self).__name__} has no shape yet; run the lazy module "
                "once on an input, then convert it with to_meta"
            )
        names = self.__dict__.setdefault("_weight_names", {})
        if name in names:
            self._buffers.pop(name, None)
        super().register_parameter(name, param)  # the name and the parameter are checked there
        names[name] = None
        self._take_weights_back()

    def _take_weights_back(self) -> None:
        """Move what ``_parameters`` holds to the buffers, in front as in any state dict."""
        taken = {name: _leaf(self._parameters.pop(name)) for name in list(self._parameters)}
        buffers = {**self._buffers, **taken}
        self._buffers.clear()
        weights = [name for name in self._weight_names if name in buffers]
        self._buffers.update((name, buffers.pop(name)) for name in weights)
        self._buffers.update(buffers)

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Weight]]:
        """Iterate over the weights with their dotted names, as ``nn.Module`` does.

        Args:
            prefix: put before every name.
            recurse: whether to go into children, ordinary or meta.
            remove_duplicate: whether a tied weight appears once, under its first name.
        """
        yield from self._named_members(_own_weights, prefix, recurse, remove_duplicate)

    def named_params(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Weight]]:
        """`named_parameters`, under the name the original code gave it."""
        return self.named_parameters(prefix, recurse, remove_duplicate)

    # Putting tensors in their place

    def set_param(self, name: str, tensor: Weight) -> None:
        """Put a tensor, with its graph, in the place of a weight.

        A weight tied to others of this module is replaced in all its places. If the tensor
        carries no graph and the weight was trainable, a leaf that shares the tensor's memory is
        put there.

        Args:
            name: dotted name, as in `named_parameters`.
            tensor: of the weight's shape.

        Raises:
            KeyError: there is no weight of that name.
            TypeError: not a tensor, or not of a floating dtype where the weight is.
            ValueError: the tensor has another shape.
        """
        weights = dict(self.named_parameters(remove_duplicate=False))
        if name not in weights:
            near = difflib.get_close_matches(name, weights, n=3, cutoff=0) or ["none"]
            raise KeyError(
                f"{type(self).__name__} has no weight {name!r}; the nearest: {', '.join(near)}"
            )
        _require_fit(f"the tensor for weight {name!r}", tensor, weights[name])
        self._replace({weights[name]: tensor})

    def update_params(
        self,
        lr_inner: float | Float[Tensor, ""],
        first_order: bool = False,
        source_params: Sequence[Weight | None] | None = None,
        detach: bool = False,
    ) -> None:
        """Take one step of gradient descent that stays in the graph: w <- w - lr_inner * g.

        Args:
            lr_inner: the rate; a tensor may carry a graph of its own.
            first_order: treat the gradients as constants (no second derivatives).
            source_params: the gradients, one for each of ``parameters()``, in that order; None
                stands for a weight that does not move. By default the weights' ``.grad``, as
                ``loss.backward(create_graph=True)`` leaves them. The new weights then collect
                ``.grad`` in their turn, so that steps can follow one another.
            detach: take no step and cut the graph instead, as `detach_params` does.

        Raises:
            ValueError: the number or the shapes of the gradients do not fit the weights.
            RuntimeError: no weight has a gradient.
        """
        if detach:
            self.detach_params()
            return
        names, weights = zip(*self.named_parameters(), strict=True)
        gradients = [_grad(w) for w in weights] if source_params is None else list(source_params)
        if len(gradients) != len(weights):
            raise ValueError(
                f"got {len(gradients)} gradients for {len(weights)} weights; source_params needs "
                "one (or None) for each of parameters(), in that order"
            )
        stepped = {}
        for name, weight, gradient in zip(names, weights, gradients, strict=True):
            if gradient is None:
                continue
            _require_fit(f"the gradient of weight {name!r}", gradient, weight)
            stepped[weight] = weight - lr_inner * (gradient.detach() if first_order else gradient)
        if not stepped:
            raise RuntimeError(
                "no weight has a gradient; call loss.backward(create_graph=True) first, or pass "
                "source_params=torch.autograd.grad(loss, module.parameters(), create_graph=True)"
            )
        self._replace(stepped)
        if source_params is None:
            for weight in stepped.values():
                if weight.requires_grad:
                    weight.retain_grad()

    def detach_params(self) -> None:
        """Cut the graph: every weight that was computed becomes a trainable leaf."""
        computed = [weight for weight in self.parameters() if not weight.is_leaf]
        self._replace({weight: weight.detach() for weight in computed})

    def copy(self, other: nn.Module, same_var: bool = False) -> None:
        """Take over the weights of another module.

        Args:
            other: a module, meta or not, with the same weights by name and shape.
            same_var: share the tensors themselves, graph included, instead of copying values.

        Raises:
            KeyError: the two modules do not have the same weight names.
            ValueError: two weights of one name differ in shape.
        """
        mine = dict(self.named_parameters(remove_duplicate=False))
        theirs = dict(other.named_parameters(remove_duplicate=False))
        if differing := mine.keys() ^ theirs.keys():
            raise KeyError(f"only one of the two modules has {', '.join(sorted(differing))}")
        for name, weight in mine.items():
            _require_fit(f"weight {name!r} of the other module", theirs[name], weight)
        if not same_var:  # in the memory format, dtype and place of our own
            theirs = {n: torch.empty_like(w).copy_(theirs[n].detach()) for n, w in mine.items()}
        self._replace({weight: theirs[name] for name, weight in mine.items()})

    def _replace(self, replacement: Mapping[Tensor, Tensor]) -> None:
        """Exchange weights for tensors, each in every place where it stands."""
        kept_trainable = {
            old: new.detach().requires_grad_() if old.requires_grad > new.requires_grad else new
            for old, new in replacement.items()
        }
        for module in self.modules():
            for name, weight in list(_own_weights(module)):
                if weight is not None and weight in kept_trainable:
                    _make_meta(module)
                    setattr(module, name, kept_trainable[weight])

    # Staying trainable through nn.Module's own operations

    def _apply(self, fn, recurse=True):
        """Move or cast the weights; ``.to()``, ``.double()``, ``.cuda()`` and others come here.

        ``nn.Module`` would map a buffer with the graph on and make it a non-leaf. So the weights
        go to ``_parameters`` for the time being, which keeps leaves, gradients and ties.
        """
        self.detach_params()
        for name, weight in list(_own_weights(self)):
            if weight is not None and weight.is_meta:  # no data to move: a new leaf takes its place
                weight = nn.Parameter(weight, weight.requires_grad)
            self._parameters[name] = weight
            self._buffers.pop(name, None)
        try:
            return super()._apply(fn, recurse)
        finally:
            self._take_weights_back()

    def load_state_dict(self, state_dict: Mapping, strict: bool = True, assign: bool = False):
        """Load a state dict of this module or of its ``nn`` twin; see ``nn.Module``.

        Computed weights become leaves first. With ``assign=True`` the state dict's tensors take
        the weights' places; trainable, frozen and tied weights stay what they were.
        """
        self.detach_params()
        before = dict(self.named_parameters(remove_duplicate=False))
        try:
            return super().load_state_dict(state_dict, strict, assign)
        finally:
            leaves = {}
            for name, old in before.items():
                path, _, attribute = name.rpartition(".")
                module = self.get_submodule(path)
                new = getattr(module, attribute)
                if new is not old:
                    leaf = new.detach().requires_grad_(old.requires_grad)
                    setattr(module, attribute, leaves.setdefault(old, leaf))

    def __deepcopy__(self, memo: dict) -> "MetaModule":
        """Copy the module. Torch cannot copy a computed tensor, so those become leaves."""
        _copy_computed(self, memo)
        twins_own = getattr(super(), "__deepcopy__", None)  # parametrized modules have one
        if twins_own is not None:
            return twins_own(memo)
        twin = self.__class__.__new__(self.__class__)
        memo[id(self)] = twin
        twin.__setstate__(copy.deepcopy(self.__getstate__(), memo))
        return twin


def to_meta(module: nn.Module) -> MetaModule:
    """Turn any initialised module into its meta version.

    The result is a copy with the same outputs and the same state-dict keys. Its class, and the
    class of every module inside, derives from the original class and from `MetaModule`. Frozen
    weights stay frozen and tied ones tied.

    Second derivatives through ``nn.MultiheadAttention`` need torch's plain kernel: run it under
    ``torch.nn.attention.sdpa_kernel(SDPBackend.MATH)``.

    Raises:
        TypeError: the module is scripted, or lazy and not yet initialised.
    """
    if isinstance(module, torch.jit.ScriptModule):
        raise TypeError("to_meta got a scripted module; convert the Python module, then script it")
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        if nn.parameter.is_lazy(tensor):
            raise TypeError(
                f"to_meta got a lazy module: {name!r} has no shape yet; run the module once on an "
                "input, then convert it"
            )
    memo = {}
    for child in module.modules():
        _copy_computed(child, memo)
    meta = copy.deepcopy(module, memo)
    for child in meta.modules():
        _make_meta(child)
    return meta


def _make_meta(module: nn.Module) -> None:
    """Make one module, not its children, a meta module in place."""
    if not isinstance(module, MetaModule):
        module.__class__ = meta_class(type(module))
        module._weight_names = dict.fromkeys(module._parameters)
        module._take_weights_back()


@functools.cache
def meta_class(twin: type[nn.Module]) -> type[MetaModule]:
    """The class that mixes `MetaModule` into ``twin``; for the classes below, the one defined."""
    defined = globals().get(f"Meta{twin.__name__}")
    if getattr(defined, "__bases__", None) == (MetaModule, twin):
        return defined
    return type(
        f"Meta{twin.__name__}",
        (MetaModule, twin),
        # The class has no importable name, so a pickle names the twin instead.
        {"__reduce_ex__": lambda self, _: (_new_meta, (twin,), self.__getstate__())},
    )


def _new_meta(twin: type[nn.Module]) -> MetaModule:
    cls = meta_class(twin)
    return cls.__new__(cls)


def _own_weights(module: nn.Module) -> Iterator[tuple[str, Tensor | None]]:
    """The weights of one module without its children, by name."""
    yield from module._parameters.items()
    for name in getattr(module, "_weight_names", ()):
        if name in module._buffers:
            yield name, module._buffers[name]


def _leaf(parameter: Tensor | None) -> Tensor | None:
    """The plain leaf tensor in a parameter's memory: one for each parameter, so that ties hold."""
    if not isinstance(parameter, nn.Parameter):
        return parameter
    if not hasattr(parameter, "_as_leaf"):
        parameter._as_leaf = parameter.detach().requires_grad_(parameter.requires_grad)
    return parameter._as_leaf


def _copy_computed(module: nn.Module, memo: dict) -> None:
    """Put leaf copies of a module's computed tensors into the memo of a deep copy.

    They are replaced weights, and what ``torch.nn.utils.weight_norm`` keeps beside its parameters.
    """
    for tensor in (*module._buffers.values(), *vars(module).values()):
        if isinstance(tensor, Tensor) and not tensor.is_leaf and id(tensor) not in memo:
            memo[id(tensor)] = tensor.detach().clone().requires_grad_()


def _grad(weight: Tensor) -> Tensor | None:
    """``weight.grad``, without torch's warning where there can be none."""
    return weight.grad if weight.is_leaf or weight.retains_grad else None


def _require_fit(what: str, tensor: Tensor, weight: Tensor) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{what} must be a tensor, not {type(tensor).__name__}")
    if tensor.shape != weight.shape:
        raise ValueError(
            f"{what} has shape {tuple(tensor.shape)}; it must have {tuple(weight.shape)}"
        )
    if tensor.is_floating_point() < weight.is_floating_point():
        raise TypeError(f"{what} has dtype {tensor.dtype}; it must be floating, as {weight.dtype}")


class MetaLinear(MetaModule, nn.Linear):
    """``nn.Linear`` with weights that can carry a graph."""


class MetaConv2d(MetaModule, nn.Conv2d):
    """``nn.Conv2d`` with weights that can carry a graph."""


class MetaConvTranspose2d(MetaModule, nn.ConvTranspose2d):
    """``nn.ConvTranspose2d`` with weights that can carry a graph."""


class MetaBatchNorm2d(MetaModule, nn.BatchNorm2d):
    """``nn.BatchNorm2d`` with weights that can carry a graph; its statistics are plain buffers."""


class MetaSequential(MetaModule, nn.Sequential):
    """``nn.Sequential`` of meta or ordinary modules."""

    def __add__(self, other: nn.Sequential) -> "MetaSequential":
        return MetaSequential(*super().__add__(other))

    def __mul__(self, times: int) -> "MetaSequential":
        return MetaSequential(*super().__mul__(times))


class MetaModuleList(MetaModule, nn.ModuleList):
    """``nn.ModuleList`` of meta or ordinary modules."""

    def __add__(self, other: nn.ModuleList) -> "MetaModuleList":
        return MetaModuleList(super().__add__(other))


class MetaModuleDict(MetaModule, nn.ModuleDict):
    """``nn.ModuleDict`` of meta or ordinary modules."""
