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

Among ordinary torch code a meta module does this, as far as it has been tried. "Cuts" means that
computed weights become trainable leaves, and that no gradient reaches what they were computed from.

    an ordinary parent, any container       works      its parameters() lists meta weights
    requires_grad_, zero_grad, train, eval  works      computed weights: detach_params() first
    clip_grad_norm_, parameters_to_vector   works
    AMP: autocast, GradScaler               works
    deepcopy                                cuts       without the gradients, as in nn
    clone()                                 works      the copy that keeps the graph
    copy.copy                               works      it shares the weights
    pickle, torch.save                      cuts
    share_memory                            cuts
    to(), double(), the meta device         cuts
    load_state_dict, assign=True too        cuts       also when a parent loads
    hooks: forward, state dict              works
    module.weight = tensor                  works      a tensor of the weight's shape
    ParameterList, ParameterDict            works      items keep their graph, slices and copies too
    a class's own clone, copy, ...          works      then MetaModule.clone(module), ...
    an nn.Parameter handed over             works      it is the weight, and gets the gradient
    weights tied across modules             works      by the module that holds them all
    parametrizations (weight_norm, ...)     works      weight_norm to first order, as in torch
    parametrizing a computed weight         cuts       so does assigning to a parametrized one
    remove_parametrizations, prune.remove   cuts
    the old weight_norm and spectral_norm   works
    pruning                                 works
    functional_call, grad, vmap, jvp        works
    stack_module_state, ensembles           works      with the buffers that are no weights
    an ensemble's buffers handed over too   refused    "appeared in multiple dictionaries"
    torch.compile                           works
    torch.export(strict=True)               works
    torch.export                            refused    by torch, in its own words
    torch.fx                                works      a trace keeps the weights of then
    fx of batch norm, feature extractors    works      with leaf_modules=[MetaBatchNorm2d]
    torch.jit                               refused    script or trace the nn twin
    checkpoint, then new weights            refused    on the way back, in one thread
    checkpoint of a compiled module         passed by  new weights go unnoticed: give them along
    checkpoint, weights as arguments        works      checkpoint(functional_call, net, ...)
    an optimizer of replaced weights        refused    once they get no gradient: "nothing to move"
    AveragedModel                           refused    as any loop over buffers(), it copies them
    own code over buffers(), _buffers       passed by  it meets the weights there as well
    nn.Embedding(max_norm=...)              works      the norm counts as a constant, as in torch
    SyncBatchNorm                           cuts       its weights are ordinary parameters
    quantize_dynamic                        passed by  it looks for nn.Linear itself
    DataParallel                            works      untried on several GPUs
    DDP, FSDP                               works      for first-order training
    DDP over computed weights               refused    give it broadcast_buffers=False
"""

import copy
import difflib
import functools
import inspect
import numbers
from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import Float, Inexact
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.utils.weak import WeakTensorKeyDictionary

from .support.weights import (
    Weights,
    followed,
    is_weight,
    put,
    refuse_to_average,
    stands_elsewhere,
)

Weight = Inexact[Tensor, "..."]
Rate = float | Float[Tensor, "..."]


class MetaModule(nn.Module):
    """An ``nn.Module`` whose own weights are buffers.

    Derive from it as from ``nn.Module``. Every ``nn.Parameter`` assigned to it is kept among its
    buffers, where a computed tensor can take its place. Three rules hold: ``parameters()`` lists
    the weights, also when an ordinary parent is asked; a trainable weight stays trainable, whatever
    replaces it; weights that are one tensor (tied) stay one tensor. For ties, ask the module that
    holds all their places: a step or a move of one part leaves the others where they were, and
    modules or weights in a plain list are in no place.

    Children may be ordinary modules. The first time a weight of one is replaced, that child
    becomes a meta module itself, in place.

    A loss of computed weights, ``backward``-ed, also adds to the ``.grad`` of the first weights
    that they were computed from: that is the meta-gradient. Who wants the inner gradient alone
    calls ``torch.autograd.grad`` and hands it to `update_params`.
    """

    # Where the weights are

    def register_parameter(self, name: str, param: Weight | None) -> None:
        """Keep ``param`` as a weight: a buffer that ``parameters()`` returns.

        A plain tensor is welcome too: pruning and the old norms hand a weight on under
        another name.

        Raises:
            TypeError: the parameter is lazy, so it has no shape yet.
        """
        if nn.parameter.is_lazy(param):
            raise TypeError(
                f"weight {name!r} of {type(self).__name__} has no shape yet; run the lazy module "
                "once on an input, then convert it with to_meta"
            )
        self._keep_weights_in_buffers()
        plain = isinstance(param, Tensor) and not isinstance(param, nn.Parameter)
        # The name and the parameter are checked there.
        super().register_parameter(name, nn.Parameter(param) if plain else param)
        if plain:
            self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """As ``nn.Module`` does, which takes no name that a parameter has.

        What is a weight stays one: ``remove_parametrizations`` takes a computed one for a buffer.
        """
        if name in self.__dict__.get("_parameters", ()):
            raise KeyError(
                f"{name!r} is a weight of {type(self).__name__}; to put a tensor in its place, "
                "assign it; to make it a plain buffer, delete the weight first"
            )
        if is_weight(tensor) and not tensor.is_leaf:
            self.register_parameter(name, _cut(tensor))
        else:
            super().register_buffer(name, tensor, persistent)

    def _keep_weights_in_buffers(self) -> None:
        """From now on, and for the weights there are."""
        weights = self._parameters
        if not isinstance(weights, Weights):
            self.__dict__["_parameters"] = Weights(self._buffers)
            self._parameters.update(weights)

    def named_params(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Weight]]:
        """``named_parameters``, under the name the original code gave it."""
        return self.named_parameters(prefix, recurse, remove_duplicate)

    # Putting tensors in their place

    def __setattr__(self, name: str, value) -> None:
        """As ``nn.Module`` does, but a weight takes a plain tensor, with its graph.

        Only this place is filled; `set_param` fills those of tied weights too.

        Raises:
            TypeError: not of a floating dtype where the weight is.
            ValueError: the tensor has another shape than the weight.
        """
        weights = self.__dict__.get("_parameters", {})
        weight = weights.get(name)
        plain = isinstance(value, Tensor) and not isinstance(value, nn.Parameter)
        if plain and value is getattr(weights, "deleted", None):  # pruning gives it its name back
            self.register_parameter(name, value if value.is_leaf else _cut(value))
        elif weight is None or not plain:
            super().__setattr__(name, value)
        else:
            _require_fit(f"the tensor for weight {name!r}", value, weight)
            put(self, name, _as_trainable_as(weight, value))

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
        stands_elsewhere(tensor)
        self._replace({weights[name]: tensor})

    def update_params(
        self,
        lr_inner: Rate | Mapping[str, Rate] | Sequence[Rate],
        first_order: bool = False,
        source_params: Sequence[Weight | None] | Mapping[str, Weight | None] | None = None,
        detach: bool = False,
    ) -> None:
        """Take one step of gradient descent that stays in the graph: w <- w - lr_inner * g.

        Args:
            lr_inner: the rate, or one for each weight: a dict by the names of
                ``named_parameters()``, or a sequence in their order. A rate is a number, or a
                tensor that may carry a graph of its own, with one number or one for each
                coordinate of the weight (or a shape that spreads over it).
            first_order: treat the gradients as constants (no second derivatives).
            source_params: the gradients, one for each of ``parameters()``, in that order or by
                name; None stands for a weight that does not move. By default those in ``.grad``, as
                ``loss.backward(create_graph=True)`` leaves them. The new weights then collect
                ``.grad`` in their turn, so that steps can follow one another; torch adds to it in
                ``torch.autograd.grad`` too, so keep to one of the two ways.
            detach: take no step and cut the graph instead, as `detach_params` does.

        Raises:
            KeyError: the rates or gradients are for other weights than there are.
            TypeError: a rate is no number and no tensor, ``first_order`` no bool, or a rate or a
                gradient would change a weight's dtype.
            ValueError: the number or the shapes of gradients or rates do not fit the weights.
            RuntimeError: no weight has a gradient, or one was computed and collects none.
        """
        if not isinstance(first_order, bool):
            raise TypeError(
                f"first_order is True or False, and got {type(first_order).__name__}; gradients "
                "are given by name: source_params=gradients"
            )
        if detach:
            MetaModule.detach_params(self)
            return
        weights = dict(self.named_parameters())
        if source_params is None:
            source = {name: _grad(name, weight) for name, weight in weights.items()}
        else:
            source = _of_each("gradients", source_params, weights)
        rates = rates_of(lr_inner, weights)
        stepped = {}
        for name, weight in weights.items():
            gradient = source[name]
            if gradient is None:
                continue
            _require_fit(f"the gradient of weight {name!r}", gradient, weight)
            _require_dtype(f"the gradient of weight {name!r}", gradient, weight)
            require_rate(name, rates[name], weight)
            gradient = gradient.detach() if first_order else gradient
            stepped[weight] = weight - rates[name] * gradient
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

    def clone(self) -> "MetaModule":
        """A copy whose weights are computed from these: gradients flow back through it.

        What is trained on the copy, step after step, leaves this module as it is; a loss of the
        copy reaches this module's weights and whatever they were computed from. Frozen weights
        and other buffers are copied, and cut if they were computed.
        """
        with torch.enable_grad():
            moving = [w for w in self.parameters() if w.requires_grad or followed(w)]
            memo = {id(weight): weight.clone() for weight in moving}
        twin = copy.deepcopy(self, memo)
        for child in twin.modules():
            _make_meta(child)
        return twin

    def detach_params(self) -> None:
        """Cut the graph: every weight that was computed becomes a trainable leaf."""
        computed = [weight for weight in self.parameters() if not weight.is_leaf]
        self._replace({weight: _cut(weight) for weight in computed})

    def copy(self, other: nn.Module, same_var: bool = False) -> None:
        """Take over the weights of another module.

        Args:
            other: a module, meta or not, with the same weights by name and shape.
            same_var: share the tensors themselves, graph included, instead of copying values.
                So an inner loop begins from shared first weights: its loss reaches them.

        Raises:
            KeyError: the two modules do not have the same weight names.
            ValueError: two weights of one name differ in shape, or weights are tied only here.
        """
        mine = dict(self.named_parameters(remove_duplicate=False))
        theirs = dict(other.named_parameters(remove_duplicate=False))
        if differing := mine.keys() ^ theirs.keys():
            raise KeyError(f"only one of the two modules has {', '.join(sorted(differing))}")
        first = {}
        for name, weight in mine.items():
            _require_fit(f"weight {name!r} of the other module", theirs[name], weight)
            tied = first.setdefault(weight, name)
            one, other_one = theirs[tied], theirs[name]
            if one is not other_one and (same_var or not torch.equal(one, other_one)):
                raise ValueError(
                    f"weights {tied!r} and {name!r} are one tensor here, and two in the other "
                    "module; tie them there too, or load its state dict into an untied module"
                )
            if same_var:
                stands_elsewhere(theirs[name])
        if not same_var:  # in the memory format, dtype and place of our own
            theirs = {n: torch.empty_like(w).copy_(theirs[n].detach()) for n, w in mine.items()}
        self._replace({weight: theirs[name] for name, weight in mine.items()})

    def _replace(self, replacement: Mapping[Tensor, Tensor]) -> None:
        """Exchange weights for tensors, each in every place where it stands."""
        new = {old: _as_trainable_as(old, tensor) for old, tensor in replacement.items()}
        places = [
            (module, name, new[weight])
            for module in self.modules()
            for name, weight in module._parameters.items()
            if weight is not None and weight in new
        ]
        for module, _, _ in places:
            _make_meta(module)
        for module, name, tensor in places:
            put(module, name, tensor)

    # Staying trainable through nn.Module's own operations

    def _apply(self, fn, recurse=True):
        """Move or cast the weights; ``.to()``, ``.double()``, ``.cuda()`` and others come here.

        ``nn.Module`` would map a buffer with the graph on and make it a non-leaf. So for the time
        being the weights are no buffers, which keeps leaves, gradients and ties.
        """
        MetaModule.detach_params(self)
        view, weights = self._parameters, self._parameters.copy()
        for name, weight in weights.items():
            # Without data to move a new leaf takes its place, which has to be a parameter.
            if weight is not None and (weight.is_meta or not isinstance(weight, nn.Parameter)):
                weights[name] = _cut(weight)
        if isinstance(view, Weights):
            self._buffers.update(dict.fromkeys(weights))
        self.__dict__["_parameters"] = weights
        try:
            return super()._apply(fn, recurse)
        finally:
            self.__dict__["_parameters"] = view
            view.update(weights)

    def _load_from_state_dict(self, *arguments, **options) -> None:
        """Computed weights become leaves first; then as ``nn.Module`` does for one module."""
        for name, weight in self._parameters.copy().items():
            if weight is not None and not weight.is_leaf:
                self._parameters[name] = _cut(weight)
        before = self._parameters.copy()
        super()._load_from_state_dict(*arguments, **options)
        for name, old in before.items():  # with assign, the state dict's own tensors are here
            new = self._parameters[name]
            if new is not old and not (new.is_leaf and new.requires_grad == old.requires_grad):
                self._parameters[name] = new.detach().requires_grad_(old.requires_grad)

    def load_state_dict(self, state_dict: Mapping, strict: bool = True, assign: bool = False):
        """Load a state dict of this module or of its ``nn`` twin; see ``nn.Module``.

        Computed weights become leaves first. With ``assign=True`` the state dict's tensors take
        the weights' places; trainable, frozen and tied weights stay what they were.
        """
        MetaModule.detach_params(self)
        before = dict(self.named_parameters(remove_duplicate=False))
        try:
            return super().load_state_dict(state_dict, strict, assign)
        finally:
            new, first = dict(self.named_parameters(remove_duplicate=False)), {}
            for name, old in before.items():
                path, _, attribute = name.rpartition(".")
                first.setdefault(old, new[name])
                self.get_submodule(path)._parameters[attribute] = first[old]

    def __prepare_scriptable__(self):
        """Called by ``torch.jit.script``."""
        raise TypeError(
            f"torch.jit.script knows no computed weights, so it cannot take {type(self).__name__}; "
            "load its state_dict() into the nn twin and script that"
        )

    def __deepcopy__(self, memo: dict) -> "MetaModule":
        """Copy the module. Torch cannot copy a computed tensor, so those become leaves."""
        _copy_weights(self, memo)
        twins_own = getattr(super(), "__deepcopy__", None)  # torch.fx's modules have one
        if twins_own is not None:
            return twins_own(memo)
        twin = self.__class__.__new__(self.__class__)
        memo[id(self)] = twin
        # A parametrized module can be copied, but hands out no state to be pickled.
        state = vars(self) if parametrize.is_parametrized(self) else self.__getstate__()
        twin.__setstate__(copy.deepcopy(state, memo))
        return twin


#: What a meta module can do and an ordinary one cannot.
METHODS = [n for n in vars(MetaModule) if not n.startswith("_") and not hasattr(nn.Module, n)]


def to_meta(module: nn.Module) -> MetaModule:
    """Turn any initialised module into its meta version.

    The result is a copy with the same outputs and the same state-dict keys. Its class, and the
    class of every module inside, derives from the original class and from `MetaModule`. Frozen
    weights stay frozen and tied ones tied.

    Second derivatives through ``nn.MultiheadAttention`` need torch's plain kernel: run it under
    ``torch.nn.attention.sdpa_kernel(SDPBackend.MATH)``.

    Raises:
        TypeError: no module, or it holds one that is scripted, lazy and not yet initialised, or an
            ``AveragedModel``, or a child or weight by the name of a method of `MetaModule`.
    """
    if not isinstance(module, nn.Module):
        what = f"the class {module.__name__}" if isinstance(module, type) else repr(module)
        raise TypeError(f"to_meta needs a module, such as nn.Linear(2, 1); it got {what}")
    for child in module.modules():
        _refuse_scripted(child)
        _refuse_hidden(child)
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        if nn.parameter.is_lazy(tensor):
            raise TypeError(
                f"to_meta got a lazy module: {name!r} has no shape yet; run the module once on an "
                "input, then convert it"
            )
    memo = {}
    for child in module.modules():
        refuse_to_average(child, getattr(child, "module", child))
        _copy_weights(child, memo)
    meta = copy.deepcopy(module, memo)
    for child in meta.modules():
        _make_meta(child)
    return meta


def _make_meta(module: nn.Module) -> None:
    """Make one module, not its children, a meta module in place."""
    if not isinstance(module, MetaModule):
        _refuse_scripted(module)
        module.__class__ = _parametrized(module) or meta_class(type(module))
    module._keep_weights_in_buffers()
    if parametrize.is_parametrized(module):
        _make_meta(module.parametrizations)


def _refuse_scripted(module: nn.Module) -> None:
    if isinstance(module, torch.jit.ScriptModule):
        raise TypeError(
            f"{module.original_name} is a scripted module, whose weights cannot be computed; take "
            "the Python module that it was made from"
        )


def _refuse_hidden(module: nn.Module) -> None:
    """A method hides what lies on an instance under its name: a child, a weight, a buffer."""
    for name in METHODS:
        if name in module._modules or name in module._parameters or name in module._buffers:
            _refuse_name(module, name)


def _refuse_name(module: nn.Module, name: str) -> None:
    raise TypeError(
        f"{type(module).__name__} holds something called {name!r}, and so is a method of meta "
        "modules; give it another name"
    )


def _adopt(parent: nn.Module, name: str, child: nn.Module | None) -> None:
    """See to a new child of a meta module.

    Lists and dicts of parameters hold the module's own weights. And as a meta module the dict of
    parametrizations takes originals that were computed.
    """
    if isinstance(parent, MetaModule):
        if name in METHODS:
            _refuse_name(parent, name)
        if isinstance(child, nn.ParameterList | nn.ParameterDict) or name == "parametrizations":
            _make_meta(child)


nn.modules.module.register_module_module_registration_hook(_adopt)


def _parametrized(module: nn.Module) -> type[MetaModule] | None:
    """The class of a parametrized module, had its twin been a meta module before.

    Torch gives each such module a class of its own, with a property for each tensor, on top of the
    class that it goes back to.
    """
    if not parametrize.is_parametrized(module):
        return None
    own = type(module)
    meta = meta_class(own.__bases__[0])
    properties = {name: value for name, value in vars(own).items() if name != "__deepcopy__"}
    return type(f"Parametrized{meta.__name__}", (meta,), properties)


@functools.cache
def meta_class(twin: type[nn.Module]) -> type[MetaModule]:
    """The class that mixes `MetaModule` into ``twin``, which may be one; below some are defined.

    A method of ``twin`` that has the name of one of `MetaModule`'s stays: its forward pass may need
    it. For such a module call ``MetaModule.clone(module)``.
    """
    if issubclass(twin, MetaModule):
        return twin
    defined = globals().get(f"Meta{twin.__name__}")
    if getattr(defined, "__bases__", None) == (MetaModule, twin):
        return defined
    own = {name: inspect.getattr_static(twin, name) for name in METHODS if hasattr(twin, name)}
    # The class has no importable name, so a pickle names the twin instead.
    own["__reduce_ex__"] = lambda self, _: (_new_meta, (twin,), self.__getstate__())
    return type(f"Meta{twin.__name__}", (MetaModule, twin), own)


def _new_meta(twin: type[nn.Module]) -> MetaModule:
    cls = meta_class(twin)
    return cls.__new__(cls)


def _as_trainable_as(old: Tensor, new: Tensor) -> Tensor:
    """The new tensor, or where only the old one was trainable a leaf in the new one's memory."""
    constant = old.requires_grad > new.requires_grad and not followed(new)
    return nn.Parameter(new.detach()) if constant else new


def _cut(tensor: Tensor) -> nn.Parameter:
    """A parameter in a tensor's memory: one for each tensor, so that ties hold."""
    if tensor not in _leaf_of:
        leaf = _leaf_of[tensor] = nn.Parameter(tensor.detach(), tensor.requires_grad)
        leaf.grad = tensor.grad if tensor.is_leaf else None
    return _leaf_of[tensor]


#: The parameter that stands for a computed tensor.
_leaf_of = WeakTensorKeyDictionary()


def _copy_weights(module: nn.Module, memo: dict) -> None:
    """Put leaf copies of a module's weights into the memo of a deep copy, without gradients.

    Of computed tensors too, which torch cannot copy: replaced weights, and what
    ``torch.nn.utils.weight_norm`` keeps beside its parameters.
    """
    weights = [weight for weight in module._parameters.values() if weight is not None]
    others = [*module._buffers.values(), *vars(module).values()]
    computed = [x for x in others if isinstance(x, Tensor) and not x.is_leaf]
    for tensor in (*weights, *computed):
        if id(tensor) not in memo and not isinstance(tensor, nn.Parameter):
            copied = tensor.detach().clone().requires_grad_(tensor.requires_grad)
            memo[id(tensor)] = copied


def _grad(name: str, weight: Tensor) -> Tensor | None:
    """``weight.grad``, if the weight is one that gets it."""
    if weight.requires_grad and not weight.is_leaf and not weight.retains_grad:
        raise RuntimeError(
            f"weight {name!r} was computed, and torch collects no .grad for it; pass "
            "source_params=torch.autograd.grad(loss, module.parameters(), create_graph=True)"
        )
    return weight.grad


def rates_of(
    lr_inner: Rate | Mapping[str, Rate] | Sequence[Rate], weights: Mapping[str, Tensor]
) -> Mapping[str, Rate]:
    """The rate of each weight, by name."""
    lists = Mapping | Sequence | nn.ParameterList | nn.ParameterDict
    if isinstance(lr_inner, lists) and not isinstance(lr_inner, str):
        return _of_each("rates", lr_inner, weights)
    return dict.fromkeys(weights, lr_inner)


def _of_each(what: str, given: Mapping | Sequence, weights: Mapping[str, Tensor]) -> Mapping:
    """What was given for each weight, by name.

    Raises:
        KeyError: the names are others than those of the weights.
        ValueError: there are more or fewer than weights.
    """
    if isinstance(given, Mapping | nn.ParameterDict):
        if differing := set(given.keys()) ^ weights.keys():
            raise KeyError(
                f"{what} by name need one for each of {', '.join(weights)}, and no other; only "
                f"one side has {', '.join(sorted(map(str, differing)))}"
            )
        return given
    given = list(given)
    if len(given) != len(weights):
        raise ValueError(
            f"got {len(given)} {what} for {len(weights)} weights; give one for each of "
            "parameters(), in that order"
        )
    return dict(zip(weights, given, strict=True))


def require_rate(name: str, rate: Rate, weight: Tensor) -> None:
    if not isinstance(rate, Tensor):
        if isinstance(rate, numbers.Real) and not isinstance(rate, bool):
            return
        raise TypeError(f"the rate of weight {name!r} is {rate!r}; it must be a number or a tensor")
    try:
        fits = torch.broadcast_shapes(rate.shape, weight.shape) == weight.shape
    except RuntimeError:
        fits = False
    if not fits:
        raise ValueError(
            f"the rate of weight {name!r} has shape {tuple(rate.shape)}; it must be one number, or "
            f"spread over the weight's {tuple(weight.shape)}"
        )
    _require_dtype(f"the rate of weight {name!r}", rate, weight)


def _require_dtype(what: str, tensor: Tensor, weight: Tensor) -> None:
    """See that arithmetic with the weight leaves it its dtype."""
    if torch.result_type(tensor, weight) != weight.dtype:
        raise TypeError(
            f"{what} has dtype {tensor.dtype}, which would change the weight's {weight.dtype}; "
            f"give it with .to({weight.dtype})"
        )


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


def _has_graph(value) -> bool:
    return isinstance(value, Tensor) and (not value.is_leaf or followed(value))


class MetaParameterList(MetaModule, nn.ParameterList):
    """``nn.ParameterList``, where an item can carry a graph."""

    def __setitem__(self, index: int, value) -> None:
        if _has_graph(value):
            _set_item(self, self._get_abs_string_index(index), value)
        else:
            super().__setitem__(index, value)


class MetaParameterDict(MetaModule, nn.ParameterDict):
    """``nn.ParameterDict``, where an item can carry a graph. Its ``copy`` is that of a dict."""

    def __setitem__(self, key: str, value) -> None:
        if _has_graph(value):
            self._keys[key] = None
            _set_item(self, self._key_to_attr(key), value)
        else:
            super().__setitem__(key, value)

    def copy(self) -> "MetaParameterDict":
        return MetaParameterDict(self.items())


def _set_item(module: MetaModule, name: str, value: Tensor) -> None:
    """Put a computed tensor where torch's containers would make a parameter of it."""
    if name in module._parameters:
        setattr(module, name, value)
    else:
        module.register_parameter(name, value)
