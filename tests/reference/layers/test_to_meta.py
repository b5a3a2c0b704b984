"""``to_meta`` on modules of many kinds: same outputs, same keys, trainable, replaceable."""

import copy
import pickle

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils import parametrizations

from l2l_ref.modules import MetaConv2d, MetaLinear, MetaModule, MetaSequential, to_meta


class Attention(nn.Module):
    def __init__(self, **arguments):
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True, **arguments)

    def forward(self, x):
        return self.attention(x, x, x)[0]


class Recurrent(nn.Module):
    def __init__(self, recurrent):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x):
        return self.recurrent(x)[0]


class WithLists(nn.Module):
    def __init__(self):
        super().__init__()
        self.list = nn.ParameterList([torch.ones(2), torch.full((2,), 2.0)])
        self.dict = nn.ParameterDict({"a": torch.full((2,), 3.0)})

    def forward(self, x):
        return x * self.list[0] * self.list[1] + self.dict["a"]


def tied():
    net = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 3))
    net[2].weight = net[0].weight
    return net


def frozen():
    net = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    net[0].requires_grad_(False)
    return net


def old_weight_norm():
    with pytest.warns(FutureWarning):
        return nn.utils.weight_norm(nn.Linear(3, 2))


MODULES = {
    **{
        f"conv{d}d": (getattr(nn, f"Conv{d}d")(2, 4, 3, padding=1, groups=2), (2, 2, *[4] * d))
        for d in (1, 2, 3)
    },
    **{
        f"conv transpose {d}d": (getattr(nn, f"ConvTranspose{d}d")(2, 3, 2), (2, 2, *[4] * d))
        for d in (1, 2, 3)
    },
    "group norm": (nn.GroupNorm(2, 4), (3, 4, 2)),
    "layer norm": (nn.LayerNorm([4, 2]), (3, 4, 2)),
    "instance norm": (nn.InstanceNorm2d(3, affine=True, track_running_stats=True), (2, 3, 4, 4)),
    "batch norm": (nn.BatchNorm1d(3), (5, 3)),
    "attention": (Attention(), (2, 5, 4)),
    "attention, separate": (Attention(kdim=4, vdim=4, bias=False), (2, 5, 4)),
    "transformer": (nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True), (2, 5, 4)),
    "LSTM": (Recurrent(nn.LSTM(3, 4, 2, bidirectional=True)), (5, 2, 3)),
    "GRU": (Recurrent(nn.GRU(3, 4, batch_first=True)), (5, 2, 3)),
    "LSTM cell": (Recurrent(nn.LSTMCell(3, 4)), (5, 3)),
    "weight norm": (parametrizations.weight_norm(nn.Conv1d(2, 3, 2)), (2, 2, 4)),
    "orthogonal": (parametrizations.orthogonal(nn.Linear(3, 3)), (2, 3)),
    "PReLU": (nn.Sequential(nn.Linear(3, 3), nn.PReLU(3)), (2, 3)),
    "no bias": (nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False)), (2, 3)),
    "parameter lists": (WithLists(), (3, 2)),
    "tied": (tied(), (2, 3)),
    "frozen": (frozen(), (4, 3)),
    "meta already": (MetaSequential(MetaLinear(3, 2)), (2, 3)),
}


@pytest.fixture(params=MODULES)
def pair(request):
    twin, shape = MODULES[request.param]
    twin = copy.deepcopy(twin)
    return to_meta(twin), twin, torch.randn(shape)


def test_same_outputs_keys_and_names(pair):
    meta, twin, x = pair
    with torch.no_grad():
        assert torch.equal(meta(x), twin(x))
        assert torch.equal(meta.eval()(x), twin.eval()(x))
    assert list(meta.state_dict()) == list(twin.state_dict())
    for remove_duplicate in (True, False):
        mine = dict(meta.named_parameters(remove_duplicate=remove_duplicate))
        theirs = dict(twin.named_parameters(remove_duplicate=remove_duplicate))
        assert {n: w.requires_grad for n, w in mine.items()} == {
            n: w.requires_grad for n, w in theirs.items()
        }
        assert list(mine) == list(theirs)
    assert all(isinstance(module, MetaModule) for module in meta.modules())
    buffers = dict(meta.named_buffers())
    assert all(buffers[name] is weight for name, weight in meta.named_parameters())


def test_the_original_is_left_alone(pair):
    meta, twin, _ = pair
    if isinstance(twin, MetaModule):
        pytest.skip("it was meta already")
    assert not any(isinstance(module, MetaModule) for module in twin.modules())
    theirs = {weight.data_ptr() for weight in twin.parameters()}
    assert not theirs & {weight.data_ptr() for weight in meta.parameters()}


def test_a_step_reaches_the_rate(pair):
    meta, twin, x = pair
    lr = torch.tensor(0.01, requires_grad=True)
    trainable = [weight for weight in meta.parameters() if weight.requires_grad]
    with sdpa_kernel(SDPBackend.MATH):  # torch's other kernels have no second derivative
        loss = meta(x).square().sum()
        gradients = iter(torch.autograd.grad(loss, trainable, create_graph=True))
        by_weight = [next(gradients) if w.requires_grad else None for w in meta.parameters()]
        meta.update_params(lr, source_params=by_weight)
        (through,) = torch.autograd.grad(meta(x).square().sum(), lr)
    assert through.isfinite()
    assert through != 0
    # The same step by torch's own optimizer gives the same network.
    optimizer = torch.optim.SGD([w for w in twin.parameters() if w.requires_grad], lr=0.01)
    twin(x).square().sum().backward()
    optimizer.step()
    for mine, theirs in zip(meta.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_state_dicts_assign_and_casts_keep_it_trainable(pair):
    meta, twin, x = pair
    wanted = [weight.requires_grad for weight in twin.parameters()]
    meta.load_state_dict(twin.state_dict(), assign=True)
    assert [weight.requires_grad for weight in meta.parameters()] == wanted
    assert all(weight.is_leaf for weight in meta.parameters())
    twin.load_state_dict(meta.state_dict())
    meta.double()
    twin.double()
    assert [weight.requires_grad for weight in meta.parameters()] == wanted
    torch.testing.assert_close(meta(x.double()), twin(x.double()))


def test_copies(pair):
    meta, twin, x = pair
    meta.update_params(
        torch.tensor(0.0, requires_grad=True),
        source_params=[torch.ones_like(w) if w.requires_grad else None for w in meta.parameters()],
    )
    copies = [copy.deepcopy(meta)]
    if "Parametrized" not in repr(type(meta)):  # torch refuses to pickle those
        copies.append(pickle.loads(pickle.dumps(meta)))
    wanted = [weight.requires_grad for weight in twin.parameters()]
    for other in copies:
        assert all(weight.is_leaf for weight in other.parameters())
        assert [weight.requires_grad for weight in other.parameters()] == wanted
        torch.testing.assert_close(other.eval()(x), twin.eval()(x))


def test_embeddings():
    twin = nn.Embedding(5, 3, padding_idx=0)
    meta = to_meta(twin)
    index = torch.tensor([[0, 1], [4, 1]])
    assert torch.equal(meta(index), twin(index))
    scale = torch.tensor(2.0, requires_grad=True)
    meta.set_param("weight", twin.weight.detach() * scale)
    meta(index).sum().backward()
    torch.testing.assert_close(scale.grad, twin.weight[[1, 4, 1]].sum().detach())


def test_old_weight_norm():
    twin = old_weight_norm()
    meta, x = to_meta(twin), torch.randn(4, 3)
    assert torch.equal(meta(x), twin(x))
    assert list(meta.state_dict()) == list(twin.state_dict())
    scale = torch.tensor(2.0, requires_grad=True)
    meta.set_param("weight_g", twin.weight_g.detach() * scale)
    torch.testing.assert_close(meta(x) - twin.bias, 2 * (twin(x) - twin.bias))
    meta(x).sum().backward()
    assert scale.grad is not None
    copied = copy.deepcopy(meta)
    assert torch.equal(copied(x), meta(x))


def test_known_layers_become_the_classes_of_the_package():
    meta = to_meta(nn.Sequential(nn.Linear(1, 1), nn.Conv2d(1, 1, 1), nn.PReLU()))
    assert [type(module) for module in meta][:2] == [MetaLinear, MetaConv2d]
    assert type(meta) is MetaSequential
    assert type(meta[2]) is type(to_meta(nn.PReLU()))
    assert isinstance(meta[2], nn.PReLU)


def test_functional_call_works_on_meta_modules():
    meta = to_meta(nn.Linear(2, 1))
    weights = {name: torch.zeros_like(weight) for name, weight in meta.named_parameters()}
    result = torch.func.functional_call(meta, weights, (torch.ones(2),))
    assert result == 0
    assert meta(torch.ones(2)) != 0


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.LazyLinear(2), "lazy module: 'weight' has no shape yet; run the module once"),
        (nn.Sequential(nn.LazyConv2d(1, 1)), "'0.weight'"),
        (nn.LazyBatchNorm1d(affine=False), "'running_mean'"),
    ],
)
def test_lazy_modules_are_refused(module, message):
    with pytest.raises(TypeError, match=message):
        to_meta(module)


def test_an_initialised_lazy_module_is_welcome():
    lazy = nn.LazyLinear(2)
    lazy(torch.ones(3))
    assert torch.equal(to_meta(lazy)(torch.ones(3)), lazy(torch.ones(3)))


def test_scripted_modules_are_refused():
    with pytest.warns((DeprecationWarning, FutureWarning), match="deprecated"):
        scripted = torch.jit.script(nn.Linear(1, 1))
    with pytest.raises(TypeError, match="scripted"):
        to_meta(scripted)


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match=r"it got the class Linear|type"):
        to_meta(nn.Linear)
