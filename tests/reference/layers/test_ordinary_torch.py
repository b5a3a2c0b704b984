"""Meta modules among ordinary torch code: each row of the table in `l2l_ref.modules` has a test."""

import copy
import functools
import io
import pickle
import re
import warnings

import pytest
import torch
from torch import nn
from torch.func import functional_call, stack_module_state
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn.utils import parametrizations, parametrize, prune
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.checkpoint import checkpoint

from l2l_ref import modules
from l2l_ref.modules import MetaBatchNorm2d, MetaConv2d, MetaLinear, MetaSequential, to_meta

TABLE = re.findall(r"^    (\S.*?)  +(works|refused|cuts|passed by)", modules.__doc__, re.MULTILINE)
TESTED = {}


def row(name, verdict):
    """This test holds a row of the table."""

    def of(test):
        TESTED.setdefault(name, verdict)
        assert TESTED[name] == verdict
        return test

    return of


def test_each_row_of_the_table_has_a_test():
    assert dict(TABLE) == TESTED
    assert len(TABLE) > 20


class Net(nn.Module):
    """An ordinary parent: the base class `MetaModule` was forgotten."""

    def __init__(self, conv=MetaConv2d):
        super().__init__()
        self.conv = conv(1, 2, 3)
        self.body = nn.Sequential()
        self.body.append(nn.Flatten())
        self.body.append(MetaLinear(18, 3) if conv is MetaConv2d else nn.Linear(18, 3))

    def forward(self, x):
        return self.body(self.conv(x))


@pytest.fixture
def net():
    return Net()


@pytest.fixture
def twin(net):
    """The same network of ordinary layers."""
    twin = Net(nn.Conv2d)
    twin.load_state_dict(net.state_dict())
    return twin


X = torch.randn(4, 1, 5, 5)
NAMES = ["conv.weight", "conv.bias", "body.1.weight", "body.1.bias"]


def names(module):
    return [name for name, _ in module.named_parameters()]


def stepped(module, x):
    """A step in the graph, then the gradient in its rate: what makes a module a meta module."""
    rate = torch.tensor(0.1, requires_grad=True)
    weights = list(module.parameters())
    gradients = torch.autograd.grad(module(x).square().sum(), weights, create_graph=True)
    module.update_params(rate, source_params=gradients)
    (slope,) = torch.autograd.grad(module(x).square().sum(), rate, retain_graph=True)
    return slope


# Parents, and what asks them for parameters


@row("an ordinary parent, any container", "works")
def test_an_ordinary_parent_has_the_weights(net, twin):
    assert names(net) == names(twin) == NAMES
    assert [n for n, _ in net.named_parameters(recurse=False)] == []
    assert list(net.state_dict()) == list(twin.state_dict()) == NAMES
    net.body.insert(0, nn.Identity())
    net.list, net.dict = nn.ModuleList([MetaLinear(1, 1)]), nn.ModuleDict({"a": MetaLinear(1, 1)})
    net.list.insert(0, MetaLinear(1, 1))
    assert len(list(net.parameters())) == 4 + 6


@row("an ordinary parent, any container", "works")
def test_an_optimizer_over_a_parent_moves_every_weight(net, twin):
    for module in (net, twin):
        optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            module(X).square().sum().backward()
            optimizer.step()
    for mine, theirs in zip(net.parameters(), twin.parameters(), strict=True):
        assert torch.equal(mine, theirs)


@row("requires_grad_, zero_grad, train, eval", "works")
def test_switches_of_a_parent_reach_the_weights(net):
    net(X).sum().backward()
    net.zero_grad()
    assert all(weight.grad is None for weight in net.parameters())
    net.requires_grad_(False)
    assert not net(X).requires_grad
    net.requires_grad_()
    assert net(X).requires_grad
    assert net.eval().conv.training is net.train(False).body[1].training is False


@row("clip_grad_norm_, parameters_to_vector", "works")
def test_functions_of_parameters(net, twin):
    for module in (net, twin):
        module(X).square().sum().backward()
    mine, theirs = (nn.utils.clip_grad_norm_(m.parameters(), 1e-3) for m in (net, twin))
    assert mine == theirs
    assert torch.equal(net.conv.weight.grad, twin.conv.weight.grad)
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert torch.equal(vector, nn.utils.parameters_to_vector(twin.parameters()))
    nn.utils.vector_to_parameters(vector * 0, net.parameters())
    assert not net(X).any()


@row("AMP: autocast, GradScaler", "works")
def test_mixed_precision(net, twin):
    for module in (net, twin):
        scaler = torch.amp.GradScaler("cpu")
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        with torch.autocast("cpu", torch.bfloat16):
            loss = module(X).square().sum()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    assert torch.equal(net.conv.weight, twin.conv.weight)
    assert net.conv.weight.dtype == torch.float32


# Copies, files, state dicts


@row("deepcopy", "cuts")
def test_a_deep_copy_has_no_gradients_and_no_graph(net):
    for computed in (False, True):
        if computed:
            net.conv.update_params(0.1)
            net.conv.detach_params()
        net(X).sum().backward(retain_graph=True)
        copied = copy.deepcopy(net)
        assert all(weight.grad is None for weight in copied.parameters())
        assert all(weight.is_leaf for weight in copied.parameters())
        assert torch.equal(copied(X), net(X))
        assert copied.conv.weight is not net.conv.weight


@row("clone()", "works")
@pytest.mark.usefixtures("float64")
def test_a_clone_keeps_the_graph():
    """The slope of the adapted loss in a first weight, against finite differences."""
    net, x = MetaSequential(MetaLinear(2, 3), nn.Tanh(), nn.BatchNorm1d(3)), torch.randn(4, 2)
    net[0].bias.requires_grad_(False)

    def adapted_loss():
        clone = net.clone()
        assert names(clone) == names(net)
        assert not clone[0].bias.requires_grad
        trainable = {n: w for n, w in clone.named_parameters() if w.requires_grad}
        loss, weights = clone(x).square().sum(), list(trainable.values())
        gradients = torch.autograd.grad(loss, weights, create_graph=True)
        for (name, weight), gradient in zip(trainable.items(), gradients, strict=True):
            clone.set_param(name, weight - 0.1 * gradient)
        return (clone(x) * torch.arange(12.0).view(4, 3)).square().sum()

    weight, step = net[0].weight, 1e-6
    (slope,) = torch.autograd.grad(adapted_loss(), weight)
    assert weight.is_leaf
    assert not net[2].running_mean.any()  # its statistics are its own
    measured = torch.empty_like(slope)
    for index in range(weight.numel()):
        there = []
        for sign in (1, -1):
            with torch.no_grad():
                weight.view(-1)[index] += sign * step
            there.append(adapted_loss())
            with torch.no_grad():
                weight.view(-1)[index] -= sign * step
        measured.view(-1)[index] = (there[0] - there[1]) / (2 * step)
    torch.testing.assert_close(slope, measured.detach(), rtol=1e-6, atol=1e-6)


@row("clone()", "works")
def test_a_clone_under_no_grad_keeps_its_graph():
    layer = MetaLinear(1, 1)
    with torch.no_grad():
        clone = layer.clone()
    clone(torch.ones(1)).backward()
    assert layer.weight.grad == 1


@row("copy.copy", "works")
def test_a_shallow_copy_shares_the_weights():
    layer = MetaLinear(2, 2)
    assert copy.copy(layer).weight is layer.weight


@row("pickle, torch.save", "cuts")
def test_files(net):
    net.conv.update_params(0.1, source_params=[torch.ones_like(w) for w in net.conv.parameters()])
    file = io.BytesIO()
    torch.save(net, file)
    file.seek(0)
    for loaded in (torch.load(file, weights_only=False), pickle.loads(pickle.dumps(net))):
        assert names(loaded) == NAMES
        assert torch.equal(loaded(X), net(X))
        assert all(weight.is_leaf and weight.requires_grad for weight in loaded.parameters())
        assert stepped(loaded.conv, X).isfinite()


@row("share_memory", "cuts")
def test_shared_memory(net):
    assert all(weight.is_shared() for weight in net.share_memory().parameters())


@row("to(), double(), the meta device", "cuts")
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_of_computed_weights_move_too(copied):
    net = MetaSequential(MetaLinear(2, 2), MetaLinear(2, 2))
    net.update_params(0.1, source_params=[torch.ones_like(w) for w in net.parameters()])
    moved = copied(net).to("meta").to_empty(device="cpu").double()
    assert all(weight.requires_grad and weight.is_leaf for weight in moved.parameters())


@row("to(), double(), the meta device", "cuts")
@pytest.mark.parametrize("flag", ["", "swap_module_params", "overwrite_module_params"])
def test_casts_and_moves(net, flag):
    net.conv.update_params(0.1, source_params=[torch.ones_like(w) for w in net.conv.parameters()])
    setter = getattr(torch.__future__, f"set_{flag}_on_conversion", lambda _: None)
    setter(True)
    try:
        net.double()
        assert all(w.is_leaf and w.requires_grad for w in net.parameters())
        assert {w.dtype for w in net.parameters()} == {torch.float64}
        net.to("meta")
        assert all(w.is_meta and w.requires_grad for w in net.parameters())
        net.to_empty(device="cpu")
    finally:
        setter(False)
    assert all(w.is_leaf and w.requires_grad for w in net.parameters())
    assert names(net) == NAMES


@row("load_state_dict, assign=True too", "cuts")
@pytest.mark.parametrize("assign", [False, True])
def test_a_parents_state_dict_over_computed_weights(net, twin, assign):
    stepped(net.conv, X)
    net.conv.bias = net.conv.bias.detach().requires_grad_(False)
    frozen = net.conv.bias.requires_grad
    net.load_state_dict(twin.state_dict(), assign=assign)
    for weight, other in zip(net.parameters(), twin.parameters(), strict=True):
        assert weight.is_leaf
        assert torch.equal(weight, other)
    assert net.conv.weight.requires_grad
    assert net.conv.bias.requires_grad == frozen
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    net(X).square().sum().backward()
    optimizer.step()
    assert not torch.equal(net.conv.weight, twin.conv.weight.detach()) or assign


@row("hooks: forward, state dict", "works")
def test_hooks(net):
    seen = []
    net.conv.register_forward_hook(lambda *_: seen.append("forward"))
    net.conv.register_state_dict_pre_hook(lambda *_: seen.append("state"))
    net.conv.register_load_state_dict_pre_hook(lambda *_: seen.append("load"))
    net.conv.register_load_state_dict_post_hook(lambda *_: seen.append("loaded"))
    net(X)
    net.load_state_dict(net.state_dict())
    assert seen == ["forward", "state", "load", "loaded"]


# Weights put in place


@row("module.weight = tensor", "works")
def test_a_tensor_assigned_takes_the_weights_place():
    layer = MetaLinear(2, 2)
    layer.weight = torch.zeros(2, 2)
    assert layer.weight.requires_grad
    scale = torch.tensor(2.0, requires_grad=True)
    layer.weight = torch.ones(2, 2) * scale
    layer(torch.ones(2)).sum().backward()
    assert scale.grad == 4
    before = layer.weight
    for wrong, error in ((torch.zeros(3), ValueError), (torch.zeros(2, 2, dtype=int), TypeError)):
        with pytest.raises(error, match="the tensor for weight 'weight' has"):
            layer.weight = wrong
    with pytest.raises(TypeError):
        layer.weight = [[0.0, 0.0], [0.0, 0.0]]
    assert layer.weight is before
    layer.bias = None
    assert names(layer) == ["weight"]
    del layer.weight
    assert names(layer) == []


@row("module.weight = tensor", "works")
@pytest.mark.parametrize("way", ["assigned", "set_param", "clone", "copy", "update_params"])
def test_a_computed_weight_without_grad_is_not_passed_by_in_silence(way):
    layer, scale = MetaLinear(2, 2), torch.tensor(2.0, requires_grad=True)
    computed = {name: weight * scale for name, weight in layer.named_parameters()}
    if way == "assigned":
        layer.weight, layer.bias = computed["weight"], computed["bias"]
    elif way == "set_param":
        for name, weight in computed.items():
            layer.set_param(name, weight)
    elif way == "update_params":
        layer.update_params(scale, source_params=computed)
    else:
        layer.weight = computed["weight"]
        other = layer.clone() if way == "clone" else MetaLinear(2, 2)
        if way == "copy":
            other.copy(layer, same_var=True)
        layer = other
    before, x = layer.weight, torch.randn(3, 2)
    layer(x).square().sum().backward()
    with pytest.raises(RuntimeError, match="weight 'weight' was computed, and torch collects no"):
        layer.update_params(0.1)
    assert layer.weight is before
    gradients = torch.autograd.grad(layer(x).square().sum(), list(layer.parameters()))
    layer.update_params(0.1, source_params=gradients)
    torch.testing.assert_close(layer.weight, before - 0.1 * gradients[0])


@row("functional_call, grad, vmap, jvp", "works")
def test_a_step_inside_torch_func():
    layer, x = MetaLinear(2, 1), torch.randn(3, 2)
    ones = [torch.ones_like(weight) for weight in layer.parameters()]

    def loss_after(rate):
        adapted = layer.clone()
        adapted.update_params(rate, source_params=ones)
        return adapted(x).square().sum()

    rates = torch.tensor([0.1, 0.2], requires_grad=True)
    slopes = torch.func.vmap(torch.func.grad(loss_after))(rates.detach())
    expected = torch.autograd.grad(loss_after(rates[0]) + loss_after(rates[1]), rates)[0]
    torch.testing.assert_close(slopes, expected)


@row("functional_call, grad, vmap, jvp", "works")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", ["set_param", "assigned", "clone", "dict"])
def test_forward_mode_follows_what_is_put_in_place(way):
    layer, x, W = MetaLinear(3, 1, bias=False), torch.ones(2, 3), torch.ones(1, 3)

    def loss(scale):
        weight = scale * W
        if way == "assigned":
            layer.weight = weight
        elif way == "dict":
            return (x @ modules.MetaParameterDict({"a": weight})["a"].T).square().mean()
        else:
            layer.set_param("weight", weight)
        return (layer.clone() if way == "clone" else layer)(x).square().mean()

    scale, one = torch.tensor(2.0), torch.tensor(1.0)
    assert torch.func.grad(loss)(scale) == 36
    assert torch.func.jvp(loss, (scale,), (one,))[1] == 36
    assert torch.func.jacfwd(loss)(scale) == 36
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(scale, one)
        assert torch.autograd.forward_ad.unpack_dual(loss(dual)).tangent == 36


@row("torch.fx", "works")
def test_make_fx_follows_what_is_put_in_place():
    layer, x = MetaLinear(3, 1, bias=False), torch.ones(2, 3)

    def total(weight):
        layer.set_param("weight", weight * 1.0)
        return layer(x).sum()

    traced = make_fx(total)(torch.ones(1, 3))
    assert traced(torch.full((1, 3), 10.0)) == 60


@row("ParameterList, ParameterDict", "works")
def test_containers_of_parameters_keep_the_graph():
    rate = torch.tensor(2.0, requires_grad=True)
    items = to_meta(nn.ParameterList([torch.ones(2), torch.ones(2)]))
    items.update_params(rate, source_params=[torch.ones(2), torch.ones(2)])
    items[0] = items[1] * rate  # (1 - r) r
    items.append(items[1] * rate)
    items += [rate.square()]
    for item, slope in zip(items[:3], (-3, -1, -3), strict=True):
        assert torch.autograd.grad(item[0], rate, retain_graph=True)[0] == slope
    assert names(items) == ["0", "1", "2", "3"]

    table = to_meta(nn.ParameterDict({"a": torch.ones(2)}))
    table["a"] = table["a"] * rate
    table["b"] = table["a"] * rate
    joined = table.copy() | nn.ParameterDict({"c": torch.ones(1)})
    assert names(joined) == ["a", "b", "c"]
    assert torch.autograd.grad(joined["b"][0], rate)[0] == 4
    assert joined["c"].is_leaf


@row("ParameterList, ParameterDict", "works")
def test_containers_of_parameters_in_a_meta_module_keep_the_graph():
    class Own(modules.MetaModule):
        def __init__(self):
            super().__init__()
            self.table = nn.ParameterDict({"a": torch.ones(2)})
            self.items = nn.ParameterList([torch.ones(2)])

    scale = torch.tensor(2.0, requires_grad=True)
    for net in (Own(), to_meta(Own())):
        net.table["a"] = net.items[0] = scale * torch.ones(2)
        for item in (net.table["a"], net.items[0]):
            assert torch.autograd.grad(item.sum(), scale, retain_graph=True)[0] == 2


class WithItsOwnClone(nn.Linear):
    def clone(self):
        return "a clone of another kind"

    def detach_params(self):
        raise AssertionError

    def forward(self, x):
        return super().forward(x) if self.clone().endswith("kind") else None


@row("a class's own clone, copy, ...", "works")
def test_a_method_of_the_same_name_stays():
    layer = to_meta(WithItsOwnClone(2, 2)).double()
    rate = stepped_rate = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    x = torch.ones(1, 2, dtype=torch.float64)
    adapted = modules.MetaModule.clone(layer)
    adapted.update_params(rate, source_params=[torch.ones_like(w) for w in layer.parameters()])
    assert adapted.clone() == "a clone of another kind"
    assert torch.autograd.grad(adapted(x).sum(), stepped_rate)[0] == -6
    layer.load_state_dict(layer.state_dict())
    assert type(copy.deepcopy(layer)) is type(layer)


@pytest.mark.parametrize("name", modules.METHODS)
def test_a_child_or_weight_that_a_method_would_hide_is_refused(name):
    for hidden in (nn.Linear(1, 1), nn.Parameter(torch.ones(1))):
        module = nn.Module()
        setattr(module, name, hidden)
        with pytest.raises(TypeError, match=f"holds something called '{name}'"):
            to_meta(nn.Sequential(module))
    with pytest.raises(TypeError, match=f"holds something called '{name}'"):
        setattr(modules.MetaModule(), name, nn.Linear(1, 1))


@row("an nn.Parameter handed over", "works")
def test_a_parameter_from_elsewhere_gets_the_gradient():
    theirs, layer = nn.Linear(2, 2), MetaLinear(2, 2)
    for hand_over in (
        lambda: setattr(layer, "weight", theirs.weight),
        lambda: layer.set_param("weight", theirs.weight),
        lambda: layer.copy(theirs, same_var=True),
    ):
        hand_over()
        theirs.zero_grad()
        layer(torch.ones(2)).sum().backward()
        assert torch.equal(theirs.weight.grad, torch.ones(2, 2))
        layer.detach_params()


@row("weights tied across modules", "works")
def test_ties_with_ordinary_modules():
    class Language(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(5, 3)
            self.head = MetaLinear(3, 5, bias=False)
            self.head.weight = self.words.weight
            self.all = [self.head.weight]

        def forward(self, index):
            return self.head(self.words(index))

    net, index = Language(), torch.tensor([1, 2])
    assert names(net) == ["words.weight"]
    net(index).square().sum().backward()
    gradient = net.words.weight.grad
    functional = torch.func.grad(lambda w: (functional_call(net, w, index)).square().sum())
    together = functional({"words.weight": net.words.weight.detach()})["words.weight"]
    assert net.all[0] is net.head.weight is net.words.weight
    torch.testing.assert_close(gradient, together)
    assert copy.deepcopy(net).all[0].shape == (5, 3)
    meta = to_meta(net)
    meta.update_params(0.1, source_params=[torch.ones(5, 3)])
    assert meta.head.weight is meta.words.weight


# torch.nn.utils


@row("parametrizations (weight_norm, ...)", "works")
@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm", "orthogonal"])
def test_parametrizations(name):
    add, plain = getattr(parametrizations, name), nn.Linear(3, 3)
    torch.manual_seed(1)
    after = add(to_meta(plain))
    torch.manual_seed(1)
    before = to_meta(add(copy.deepcopy(plain)))
    assert names(after) == names(before)
    assert names(nn.Sequential(after)) == [f"0.{each}" for each in names(before)]
    x = torch.randn(2, 3)
    torch.testing.assert_close(stepped(after.eval(), x), stepped(before.eval(), x))


@row("parametrizations (weight_norm, ...)", "works")
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm", "orthogonal"])
def test_copies_of_parametrized_modules(name, order):
    add = getattr(parametrizations, name)
    layer = add(MetaLinear(3, 3)) if order else to_meta(add(nn.Linear(3, 3)))
    x, lr = torch.randn(2, 3), torch.tensor(0.1, requires_grad=True)
    gradients = torch.autograd.grad(layer.eval()(x).square().sum(), list(layer.parameters()))
    layer.update_params(lr, source_params=gradients)
    for twin in (layer.clone(), copy.deepcopy(layer), to_meta(layer)):
        torch.testing.assert_close(twin(x), layer(x))
        assert names(twin) == names(layer)
    assert torch.equal(
        *(
            torch.autograd.grad(net(x).sum(), lr, retain_graph=True)[0]
            for net in (layer, layer.clone())
        )
    )


@row("parametrizing a computed weight", "cuts")
@pytest.mark.parametrize("make", [MetaLinear, lambda *sizes: MetaSequential(nn.Linear(*sizes))])
@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm", "orthogonal"])
def test_a_computed_weight_is_parametrized(name, make):
    module, x, rate = make(3, 3), torch.randn(2, 3), torch.tensor(0.1, requires_grad=True)
    layer = module if isinstance(module, MetaLinear) else module[0]
    ones = [torch.ones_like(weight) for weight in module.parameters()]
    module.update_params(rate, source_params=ones)
    twin = nn.Linear(3, 3)
    twin.load_state_dict(layer.state_dict())
    for each in (layer, twin):
        torch.manual_seed(0)
        getattr(parametrizations, name)(each)
    assert names(layer) == names(twin)
    original = [weight for key, weight in layer.named_parameters() if "original" in key]
    assert all(weight.is_leaf and weight.requires_grad for weight in original)
    for one in (module, copy.deepcopy(module), module.clone()):
        torch.testing.assert_close(one.eval()(x), twin.eval()(x))
    before = module(x)
    gradients = torch.autograd.grad(before.square().sum(), list(module.parameters()))
    module.update_params(rate, source_params=gradients)
    assert not torch.equal(module(x), before)
    parametrize.register_parametrization(layer, "bias", nn.Identity())  # computed as well
    assert names(module.clone()) == names(module)


@row("remove_parametrizations, prune.remove", "cuts")
@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm", "orthogonal"])
def test_removed_parametrizations(name, order):
    add = getattr(parametrizations, name)
    layer = add(MetaLinear(3, 3)) if order else to_meta(add(nn.Linear(3, 3)))
    x, lr = torch.randn(2, 3), torch.tensor(0.1, requires_grad=True)
    gradients = torch.autograd.grad(layer.eval()(x).square().sum(), list(layer.parameters()))
    layer.update_params(lr, source_params=gradients)
    before = layer(x)
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is MetaLinear
    assert sorted(names(layer)) == ["bias", "weight"]
    assert layer.weight.is_leaf
    assert layer.weight.requires_grad
    torch.testing.assert_close(layer(x), before)


@row("remove_parametrizations, prune.remove", "cuts")
def test_removed_pruning():
    layer, x, lr = MetaLinear(4, 4), torch.randn(2, 4), torch.tensor(0.1, requires_grad=True)
    prune.l1_unstructured(layer, "weight", 0.5)
    gradients = torch.autograd.grad(layer(x).square().sum(), list(layer.parameters()))
    layer.update_params(lr, source_params=gradients)
    before = layer(x)
    prune.remove(layer, "weight")
    assert names(layer) == ["bias", "weight"]
    assert layer.weight.is_leaf
    assert layer.weight.requires_grad
    assert torch.equal(layer(x), before)


@row("the old weight_norm and spectral_norm", "works")
@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
def test_old_norms(name):
    plain = nn.Linear(3, 3)
    layer, x = to_meta(plain), torch.randn(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        for module in (layer, plain):
            torch.manual_seed(1)
            getattr(nn.utils, name)(module)
    assert torch.equal(layer(x), plain(x))
    assert names(layer) == names(plain)
    assert list(layer.state_dict()) == list(plain.state_dict())
    assert stepped(layer, x) != 0
    getattr(nn.utils, f"remove_{name}")(layer)
    assert names(layer) == ["bias", "weight"]


@row("pruning", "works")
def test_pruning():
    plain = nn.Linear(4, 4)
    layer, x = to_meta(plain), torch.randn(2, 4)
    for module in (layer, plain):
        prune.l1_unstructured(module, "weight", 0.5)
    assert names(layer) == names(plain) == ["bias", "weight_orig"]
    assert torch.equal(layer(x), plain(x))
    layer(x).square().sum().backward()
    assert (layer.weight_orig.grad == 0).sum() == 8
    for module in (layer, plain):
        prune.remove(module, "weight")
    assert names(layer) == names(plain)
    assert torch.equal(layer(x), plain(x))


# torch.func and the compilers


@row("functional_call, grad, vmap, jvp", "works")
@pytest.mark.filterwarnings("ignore:.*jit.script")
def test_functions_of_modules(net, twin):
    results = []
    for module in (net, twin):
        weights = {name: weight.detach() for name, weight in module.named_parameters()}

        def loss(weights, x, module=module):
            return functional_call(module, weights, (x,)).square().sum()

        slopes = torch.func.grad(loss)(weights, X)
        each = torch.func.vmap(torch.func.grad(loss), (None, 0))(weights, X[:, None])
        _, forward = torch.func.jvp(lambda w, loss=loss: loss(w, X), (weights,), (slopes,))
        results.append((slopes, each, forward, torch.func.jacrev(loss)(weights, X)))
    torch.testing.assert_close(*results)
    assert net.conv.weight.requires_grad


@row("stack_module_state, ensembles", "works")
def test_an_ensemble():
    layers = [MetaLinear(2, 1) for _ in range(3)]
    weights, _ = stack_module_state(layers)
    base = copy.deepcopy(layers[0]).to("meta")
    call = torch.func.vmap(lambda w, x: functional_call(base, w, (x,)), (0, None))
    expected = torch.stack([layer(torch.ones(2)) for layer in layers])
    torch.testing.assert_close(call(weights, torch.ones(2)), expected)


@row("stack_module_state, ensembles", "works")
def test_an_ensemble_with_statistics():
    nets = [to_meta(nn.BatchNorm1d(3)).eval() for _ in range(2)]
    nets[1].running_mean.fill_(3.0)
    weights, buffers = stack_module_state(nets)
    state = weights | {name: b for name, b in buffers.items() if name not in weights}
    base, x = copy.deepcopy(nets[0]), torch.randn(6, 3)
    outputs = torch.func.vmap(lambda state: functional_call(base, state, (x,)))(state)
    torch.testing.assert_close(outputs, torch.stack([net(x) for net in nets]))


@row("an ensemble's buffers handed over too", "refused")
def test_an_ensemble_with_buffers():
    weights, buffers = stack_module_state([MetaLinear(2, 1) for _ in range(3)])
    with pytest.raises(ValueError, match="appeared in multiple dictionaries"):
        functional_call(MetaLinear(2, 1), (weights, buffers), (torch.ones(2),))


@row("torch.compile", "works")
@pytest.mark.filterwarnings("ignore")
def test_compile(net):
    compiled = torch.compile(net, backend="aot_eager")
    assert len(list(compiled.parameters())) == 4
    torch.testing.assert_close(compiled(X), net(X))
    stepped(net.conv, X)
    torch.testing.assert_close(compiled(X), net(X))  # it meets the new weights


def exported():
    """Modules with an input each: a bare layer, batch norm, a recurrent net, a parent."""
    norm = to_meta(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))).eval()
    return [
        (MetaLinear(3, 2), torch.randn(2, 3)),
        (norm, X),
        (to_meta(nn.LSTM(3, 2)), torch.randn(4, 1, 3)),
        (Net(), X),
    ]


@row("torch.export(strict=True)", "works")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("module", "x"), exported())
def test_export(module, x):
    program = torch.export.export(module, (x,), strict=True)
    torch.testing.assert_close(program.module()(x), module(x))


@row("torch.export", "refused")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("module", "x"), exported()[:3])
def test_export_that_is_not_strict(module, x):
    with pytest.raises((IndexError, RuntimeError, KeyError)):
        torch.export.export(module, (x,), strict=False).module()


@row("torch.fx", "works")
def test_fx(net):
    traced, file = torch.fx.symbolic_trace(net), io.BytesIO()
    assert sorted(names(traced)) == sorted(NAMES)
    assert torch.equal(traced(X), net(X))
    torch.save(torch.fx.symbolic_trace(to_meta(Net(nn.Conv2d))), file)


@row("fx of batch norm, feature extractors", "works")
@pytest.mark.filterwarnings("ignore")
def test_feature_extractors():
    from torchvision.models.feature_extraction import create_feature_extractor

    net = to_meta(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Tanh())).eval()
    leaves = {"leaf_modules": [MetaBatchNorm2d]}
    features = create_feature_extractor(net, ["1"], tracer_kwargs=leaves)
    assert torch.equal(features(X)["1"], net[:2](X))
    assert names(features) == names(net)
    with pytest.raises(torch.fx.proxy.TraceError):
        create_feature_extractor(net, ["1"])


@row("torch.jit", "refused")
@pytest.mark.filterwarnings("ignore")
def test_scripts(net):
    with pytest.raises(TypeError, match=r"jit.script knows no computed .* cannot take MetaConv2d"):
        torch.jit.script(net)
    with pytest.raises(ValueError, match="parameter sharing"):
        torch.jit.trace(net, X)
    mixed = MetaSequential(MetaLinear(2, 2), torch.jit.script(nn.Linear(2, 2))).double().float()
    before = mixed[0].weight
    with pytest.raises(TypeError, match="Linear is a scripted module"):
        mixed.update_params(0.1, source_params=[torch.ones_like(w) for w in mixed.parameters()])
    assert mixed[0].weight is before
    with pytest.raises(TypeError, match="Linear is a scripted module"):
        to_meta(nn.Sequential(mixed[1]))


# Memory, several processes, statistics


def powers(layer, x):
    return layer(x) ** 2


@row("checkpoint, then new weights", "refused")
@pytest.mark.parametrize("reentrant", [True, False])
def test_a_checkpoint_that_would_run_with_other_weights(reentrant):
    layer, x = MetaLinear(1, 1, bias=False), torch.ones(1, 1, requires_grad=True)
    y = checkpoint(powers, layer, x, use_reentrant=reentrant)
    y.backward()  # nothing was replaced: fine
    assert x.grad is not None
    y = checkpoint(powers, layer, x, use_reentrant=reentrant)
    layer.update_params(1.0, source_params=[torch.ones(1, 1)])
    with pytest.raises(RuntimeError, match="weight 'weight' has been replaced since; hand the wei"):
        y.backward()
    checkpoint(powers, layer, x, use_reentrant=reentrant).backward()  # the present ones are fine


REPLACING = {
    "update_params": lambda layer: layer.update_params(1.0, source_params=[torch.ones(1, 1)]),
    "a Parameter": lambda layer: setattr(layer, "weight", nn.Parameter(torch.ones(1, 1))),
    "registered": lambda layer: layer.register_parameter("weight", nn.Parameter(torch.ones(1, 1))),
    "assigned": lambda layer: layer.load_state_dict({"weight": torch.ones(1, 1)}, assign=True),
    "shared": lambda layer: layer.copy(MetaLinear(1, 1, bias=False), same_var=True),
}


@row("checkpoint, then new weights", "refused")
@pytest.mark.parametrize("replace", REPLACING.values(), ids=REPLACING)
@pytest.mark.parametrize("reentrant", [True, False])
def test_a_checkpoint_of_a_function_that_reads_the_weight(reentrant, replace):
    layer, x = MetaLinear(1, 1, bias=False), torch.ones(1, 1, requires_grad=True)
    y = checkpoint(lambda x: nn.functional.linear(x * x, layer.weight), x, use_reentrant=reentrant)
    replace(layer)
    with pytest.raises(RuntimeError, match="weight 'weight' has been replaced since"):
        y.backward()


@row("checkpoint, then new weights", "refused")
@pytest.mark.parametrize("parent", [False, True])
@pytest.mark.parametrize("reentrant", [True, False])
def test_a_checkpoint_of_a_function_of_parameters(reentrant, parent):
    """A penalty on the weights, say."""
    layer, x = MetaLinear(1, 1, bias=False), torch.ones(1, 1, requires_grad=True)
    holder = nn.Sequential(layer) if parent else layer

    def penalty(x):
        return x * sum(weight.square().sum() for weight in holder.parameters())

    checkpoint(penalty, x, use_reentrant=reentrant).backward()
    y = checkpoint(penalty, x, use_reentrant=reentrant)
    layer.update_params(1.0, source_params=[torch.ones(1, 1)])
    with pytest.raises(RuntimeError, match="weight 'weight' has been replaced since"):
        y.backward()


@row("checkpoint, weights as arguments", "works")
def test_a_checkpoint_that_puts_its_weights_in_place_itself():
    slopes = []
    not_again = functools.partial(checkpoint, use_reentrant=False)
    for run in (lambda function, *given: function(*given), not_again):
        layer, x = MetaLinear(1, 1, bias=False), torch.ones(1, 1)
        rate = torch.tensor(0.5, requires_grad=True)
        layer.weight = nn.Parameter(torch.full((1, 1), 2.0))

        def stepped(rate, weight, layer=layer, x=x):
            layer.set_param("weight", weight)
            loss = layer(x).square().sum()
            gradients = torch.autograd.grad(loss, list(layer.parameters()), create_graph=True)
            layer.update_params(rate, source_params=gradients)
            return layer.weight

        for _ in range(2):
            layer.set_param("weight", run(stepped, rate, layer.weight))
        slopes.append(torch.autograd.grad(layer(x).square().sum(), rate)[0])
    assert slopes[0] == slopes[1]


@row("checkpoint of a compiled module", "passed by")
def test_a_checkpoint_of_a_compiled_module():
    layer, x = MetaLinear(1, 1, bias=False), torch.ones(1, 1, requires_grad=True)
    compiled = torch.compile(layer, backend="eager")
    y = checkpoint(compiled, x, use_reentrant=False)
    layer.weight = torch.full((1, 1), 3.0)
    y.backward()
    assert x.grad == 3


@row("checkpoint, then new weights", "refused")
@pytest.mark.parametrize("reentrant", [True, False])
def test_a_checkpoint_whose_weights_are_there_again(reentrant):
    layer, x = MetaLinear(1, 1, bias=False), torch.ones(1, 1, requires_grad=True)
    y = checkpoint(powers, layer, x, use_reentrant=reentrant)
    functional_call(layer, {"weight": torch.zeros(1, 1)}, x)
    y.backward()


def test_a_backward_of_ones_own_meets_the_weights_of_now():
    class Implicit(torch.autograd.Function):
        """Adapts on the way, and looks at what it has adapted on the way back, as iMAML does."""

        @staticmethod
        def forward(context, x, layer):
            context.layer = layer
            layer.weight = torch.full((1, 1), 3.0)
            return x.sum()

        @staticmethod
        def backward(context, slope):
            with torch.enable_grad():
                return slope * context.layer(torch.ones(1, 1)), None

    x = torch.ones(1, 1, requires_grad=True)
    Implicit.apply(x, MetaLinear(1, 1, bias=False)).backward()
    assert x.grad == 3


@row("checkpoint, weights as arguments", "works")
def test_a_checkpoint_with_its_weights():
    slopes = []
    for run in (functional_call, functools.partial(checkpoint, functional_call)):
        torch.manual_seed(0)
        net, x = MetaSequential(MetaLinear(2, 3), nn.Tanh(), MetaLinear(3, 1)), torch.randn(4, 2)
        first = list(net.parameters())
        options = {} if run is functional_call else {"use_reentrant": False}
        for _ in range(2):
            loss = run(net, dict(net.named_parameters()), x, **options).square().sum()
            gradients = torch.autograd.grad(loss, list(net.parameters()), create_graph=True)
            net.update_params(0.1, source_params=gradients)
        loss = run(net, dict(net.named_parameters()), x, **options).square().sum()
        slopes.append(torch.autograd.grad(loss, first))
    torch.testing.assert_close(*slopes)


@row("an optimizer of replaced weights", "refused")
def test_an_optimizer_that_holds_the_weights_of_before():
    layer, x = MetaLinear(1, 1), torch.ones(1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    first = list(layer.parameters())
    gradients = torch.autograd.grad(layer(x).sum(), first, create_graph=True)
    layer.update_params(0.1, source_params=gradients)
    layer(x).sum().backward()
    optimizer.step()  # MAML's outer step: the first weights have gradients
    optimizer.zero_grad()
    layer.detach_params()
    layer(x).sum().backward()
    with pytest.raises(RuntimeError, match="SGD has nothing to move: weight 'weight' is no longer"):
        optimizer.step()
    for (name, _), weight in zip(list(layer.named_parameters()), first, strict=True):
        layer.set_param(name, weight)
    optimizer.step()  # they are weights again


@row("an optimizer of replaced weights", "refused")
@pytest.mark.parametrize("replace", ["all", "one"])
def test_an_optimizer_that_also_holds_other_weights(replace):
    body, head = nn.Linear(2, 2), MetaLinear(2, 2)
    optimizer = torch.optim.Adam([*body.parameters(), *head.parameters()])
    if replace == "all":
        head.update_params(0.1, source_params=[torch.ones(2, 2), torch.ones(2)])
        head.detach_params()
    else:
        head.weight = torch.zeros(2, 2)
    head(body(torch.ones(1, 2))).square().sum().backward()
    with pytest.raises(RuntimeError, match="has nothing to move: weight 'weight'"):
        optimizer.step()


@row("an optimizer of replaced weights", "refused")
@pytest.mark.parametrize("replace", REPLACING.values(), ids=REPLACING)
def test_an_optimizer_whichever_way_the_weight_is_replaced(replace):
    layer = MetaLinear(1, 1, bias=False)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    replace(layer)
    layer.detach_params()
    layer(torch.ones(1, 1)).backward()
    with pytest.raises(RuntimeError, match="has nothing to move: weight 'weight'"):
        optimizer.step()


@row("an optimizer of replaced weights", "refused")
@pytest.mark.parametrize("slow", [nn.Linear(3, 2), MetaLinear(3, 2)])
def test_an_optimizer_of_weights_that_stand_elsewhere_is_not_refused(slow):
    fast = to_meta(slow)
    optimizer = torch.optim.SGD(slow.parameters(), lr=0.1)
    for _ in range(2):
        fast.copy(slow, same_var=True)
        fast.set_param("bias", torch.zeros(2))  # a fresh one for the task
        fast(torch.ones(2, 3)).sum().backward()
        optimizer.step()
        optimizer.zero_grad()


@row("an optimizer of replaced weights", "refused")
@pytest.mark.parametrize("trainable", [True, False])
def test_an_optimizer_that_was_told_is_not_refused(trainable):
    layer = MetaLinear(1, 1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer.weight = nn.Parameter(torch.ones(1, 1), trainable)  # another, or one that stays
    if trainable:
        optimizer.add_param_group({"params": [layer.weight]})
    layer(torch.ones(1, 1)).backward()
    optimizer.step()
    assert layer.weight.item() == pytest.approx(0.9 if trainable else 1)


@row("AveragedModel", "refused")
def test_an_average_that_becomes_meta():
    with pytest.raises(TypeError, match="no average of the weights of Linear"):
        to_meta(nn.Sequential(AveragedModel(nn.Linear(1, 1))))


@row("AveragedModel", "refused")
def test_averages(net):
    with pytest.raises(TypeError, match="no average of the weights of MetaConv2d"):
        AveragedModel(net)
    with torch.no_grad():
        average = [weight.clone() for weight in net.parameters()]
        get_ema_multi_avg_fn(0.5)(average, [weight + 1 for weight in net.parameters()], 1)
    for mean, weight in zip(average, net.parameters(), strict=True):
        torch.testing.assert_close(mean, weight + 0.5)


@row("own code over buffers(), _buffers", "passed by")
def test_a_module_that_loops_over_its_buffers():
    class Total(nn.Linear):
        def forward(self, x):
            return sum(buffer.sum() for buffer in self.buffers())

    assert Total(2, 2)(None) == 0
    assert to_meta(Total(2, 2))(None) != 0


@row("nn.Embedding(max_norm=...)", "works")
def test_an_embedding_that_shortens_its_rows():
    table = nn.Embedding(4, 2, max_norm=0.1)
    net, rate = to_meta(table), torch.tensor(0.1, requires_grad=True)
    index = torch.tensor([1, 2])
    weights = {"weight": table.weight * rate}
    theirs = functional_call(table, weights, (index,)).square().sum()
    net.weight = table.weight * rate
    mine = net(index).square().sum()
    assert mine == theirs
    assert torch.autograd.grad(mine, rate)[0] == torch.autograd.grad(theirs, rate)[0]


@row("SyncBatchNorm", "cuts")
def test_synchronised_batch_norm():
    layer = MetaSequential(MetaBatchNorm2d(2))
    converted = nn.SyncBatchNorm.convert_sync_batchnorm(layer)
    assert names(converted) == ["0.weight", "0.bias"]
    assert all(weight.is_leaf for weight in converted.parameters())
    converted.eval()
    assert stepped(converted, X[:, [0, 0]]) != 0


@row("quantize_dynamic", "passed by")
@pytest.mark.filterwarnings("ignore")
def test_quantization(net):
    net.plain = nn.Linear(2, 2)
    quantized = torch.ao.quantization.quantize_dynamic(net, {nn.Linear})
    assert type(quantized.body[1]) is MetaLinear
    assert "quantized" in type(quantized.plain).__module__


@row("DataParallel", "works")
def test_data_parallel_without_a_gpu(net):
    parallel = nn.DataParallel(net)
    assert len(list(parallel.parameters())) == 4
    if not torch.cuda.is_available():
        assert torch.equal(parallel(X), net(X))


def in_a_group(rank, folder):
    """What one of two processes does: the same training of meta and of ordinary layers."""
    import torch.distributed as group
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    place = f"file://{folder}/meeting"
    group.init_process_group("gloo", init_method=place, rank=rank, world_size=2)
    shard = functools.partial(fully_shard, mesh=init_device_mesh("cpu", (2,)))  # not on a GPU
    found = {}
    for name, wrap in {"DDP": nn.parallel.DistributedDataParallel, "FSDP": shard}.items():
        for layer in (MetaLinear, nn.Linear):
            torch.manual_seed(rank)  # rank 0 hands its weights to the other
            net = nn.Sequential(layer(2, 2))
            wrapped = wrap(net)
            optimizer = torch.optim.SGD(wrapped.parameters(), lr=0.1)
            for step in range(2):
                optimizer.zero_grad()
                wrapped(torch.full((1, 2), rank + step + 1.0)).square().sum().backward()
                optimizer.step()
            weight = net[0].weight.detach()
            found[name, layer.__name__] = weight if name == "DDP" else weight.full_tensor()
    for broadcast in (True, False):
        layer = MetaLinear(2, 2)
        wrapped = nn.parallel.DistributedDataParallel(layer, broadcast_buffers=broadcast)
        ones, before = [torch.ones_like(w) for w in layer.parameters()], layer.weight.detach()
        try:
            layer.update_params(float(rank), source_params=ones)
            wrapped(torch.ones(1, 2))
            found[broadcast] = torch.equal(layer.weight, before - rank)
        except RuntimeError as error:
            found[broadcast] = str(error)
    torch.save(found, f"{folder}/{rank}.pt")
    group.destroy_process_group()


@row("DDP, FSDP", "works")
@row("DDP over computed weights", "refused")
def test_two_processes(tmp_path):
    torch.multiprocessing.spawn(in_a_group, (str(tmp_path),), nprocs=2)
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt")
        for way in ("DDP", "FSDP"):
            torch.testing.assert_close(found[way, "MetaLinear"], found[way, "Linear"])
        assert "give it broadcast_buffers=False" in found[True]
        assert found[False] is True
