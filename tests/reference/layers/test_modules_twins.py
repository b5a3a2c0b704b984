"""Each meta layer against its twin in ``torch.nn``, over constructor arguments drawn at random."""

import copy
import pickle

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from l2l_ref.modules import (
    MetaBatchNorm2d,
    MetaConv2d,
    MetaConvTranspose2d,
    MetaLinear,
    MetaModule,
    MetaModuleDict,
    MetaModuleList,
    MetaSequential,
)

small = st.integers(1, 3)


@st.composite
def linear(draw):
    inputs = draw(small)
    arguments = {"in_features": inputs, "out_features": draw(small), "bias": draw(st.booleans())}
    shape = draw(st.sampled_from([(inputs,), (2, inputs), (2, 3, inputs)]))
    return MetaLinear, nn.Linear, arguments, torch.randn(shape)


@st.composite
def conv2d(draw):
    groups = draw(small)
    inputs = groups * draw(small)
    padding = draw(st.sampled_from([0, 1, (0, 1), "same", "valid"]))
    arguments = {
        "in_channels": inputs,
        "out_channels": groups * draw(small),
        "kernel_size": draw(st.sampled_from([1, 2, 3, (1, 2)])),
        "stride": 1 if padding == "same" else draw(st.sampled_from([1, 2, (1, 2)])),
        "padding": padding,
        "dilation": draw(st.integers(1, 2)),
        "groups": groups,
        "bias": draw(st.booleans()),
        "padding_mode": draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"])),
    }
    if padding == "valid":  # torch pads with nothing but zeros then
        arguments["padding_mode"] = "zeros"
    return MetaConv2d, nn.Conv2d, arguments, torch.randn(2, inputs, 6, 7)


@st.composite
def conv_transpose2d(draw):
    groups, stride = draw(small), draw(small)
    inputs = groups * draw(small)
    arguments = {
        "in_channels": inputs,
        "out_channels": groups * draw(small),
        "kernel_size": draw(st.sampled_from([1, 2, 3, (3, 2)])),
        "stride": stride,
        "padding": draw(st.integers(0, 1)),
        "output_padding": draw(st.integers(0, stride - 1)),
        "groups": groups,
        "bias": draw(st.booleans()),
        "dilation": draw(st.integers(1, 2)),
    }
    return MetaConvTranspose2d, nn.ConvTranspose2d, arguments, torch.randn(2, inputs, 5, 4)


@st.composite
def batch_norm2d(draw):
    channels = draw(small)
    arguments = {
        "num_features": channels,
        "eps": draw(st.sampled_from([1e-5, 1e-2])),
        "momentum": draw(st.sampled_from([None, 0.1, 0.7])),
        "affine": draw(st.booleans()),
        "track_running_stats": draw(st.booleans()),
    }
    return MetaBatchNorm2d, nn.BatchNorm2d, arguments, torch.randn(3, channels, 4, 5)


@st.composite
def containers(draw):
    """A nest of all container classes around drawn layers; the forward pass uses every layer."""
    width, layers = draw(small), draw(st.integers(1, 3))

    def build(Linear, Sequential, ModuleList, ModuleDict, Net):
        net = Net()
        net.blocks = ModuleList([Sequential(Linear(width, width), nn.Tanh())])
        net.blocks.extend(Sequential(Linear(width, width)) for _ in range(layers - 1))
        net.heads = ModuleDict({"a": Linear(width, 2), "b": Linear(width, 1, bias=False)})
        return net

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return torch.cat([head(x) for head in self.heads.values()], dim=-1)

    net = type("Net", (nn.Module,), {"forward": forward})
    meta_net = type("MetaNet", (MetaModule,), {"forward": forward})
    twin = (nn.Linear, nn.Sequential, nn.ModuleList, nn.ModuleDict, net)
    meta = (MetaLinear, MetaSequential, MetaModuleList, MetaModuleDict, meta_net)
    return lambda: build(*meta), lambda: build(*twin), {}, torch.randn(4, width)


layers = st.one_of(linear(), conv2d(), conv_transpose2d(), batch_norm2d())


def twins(drawn):
    """Build both; the meta one loads the twin's state dict strictly."""
    meta_class, twin_class, arguments, x = drawn
    meta, twin = meta_class(**arguments), twin_class(**arguments)
    meta.load_state_dict(twin.state_dict())
    return meta, twin, x


def run(module, x):
    """The output and the gradients in the input and in every weight."""
    x = x.clone().requires_grad_()
    output = module(x)
    weights = list(module.parameters())
    return output, torch.autograd.grad(output.square().sum(), [x, *weights])


def assert_same(meta, twin, x, **tolerance):
    """Outputs, gradients, weights, buffers: all equal, bit for bit by default."""
    tolerance = tolerance or {"rtol": 0, "atol": 0}
    output, gradients = run(meta, x)
    expected_output, expected_gradients = run(twin, x)
    torch.testing.assert_close(output, expected_output, **tolerance)
    torch.testing.assert_close(gradients, expected_gradients, **tolerance)
    torch.testing.assert_close(dict(meta.state_dict()), dict(twin.state_dict()), **tolerance)


def assert_trainable(meta):
    """Every weight is a leaf buffer with requires_grad."""
    buffers = dict(meta.named_buffers(remove_duplicate=False))
    for name, weight in meta.named_parameters(remove_duplicate=False):
        assert buffers[name] is weight
        assert weight.is_leaf
        assert weight.requires_grad


@given(st.one_of(layers, containers()))
def test_outputs_and_gradients(drawn):
    meta, twin, x = twins(drawn)
    assert_trainable(meta)
    assert_same(meta, twin, x)  # in training mode, with the statistics that it leaves behind
    assert_same(meta.eval(), twin.eval(), x)
    assert meta.training is twin.training is False


@given(st.one_of(layers, containers()), st.booleans())
def test_state_dicts_load_strictly_both_ways(drawn, assign):
    meta, twin, x = twins(drawn)
    assert list(meta.state_dict()) == list(twin.state_dict())
    for weight in meta.parameters():
        weight.data.add_(1)
    twin.load_state_dict(meta.state_dict(), assign=assign)
    assert_same(meta, twin, x)
    other = copy.deepcopy(twin)
    for weight in other.parameters():
        weight.data.mul_(2)
    meta.load_state_dict(other.state_dict(), assign=assign)
    assert_trainable(meta)
    assert_same(meta, other, x)


@given(st.one_of(layers, containers()))
def test_repr_and_names(drawn):
    meta, twin, _ = twins(drawn)
    expected = repr(twin)
    for name in ("Linear", "Conv", "BatchNorm", "Sequential", "ModuleList", "ModuleDict", "Net"):
        expected = expected.replace(f" {name}", f" Meta{name}")
    expected = f"Meta{expected}"
    assert repr(meta) == expected
    assert set(dir(twin)) - {"net"} <= set(dir(meta))
    for arguments in ({}, {"prefix": "p"}, {"recurse": False}, {"remove_duplicate": False}):
        names = [name for name, _ in meta.named_parameters(**arguments)]
        assert names == [name for name, _ in twin.named_parameters(**arguments)]
        assert names == [name for name, _ in meta.named_params(**arguments)]
    shallow = [w.shape for w in meta.parameters(recurse=False)]
    assert shallow == [w.shape for w in twin.parameters(recurse=False)]


@given(layers, st.sampled_from(["deepcopy", "pickle", "pickle 2"]), st.booleans())
def test_copies(drawn, way, updated):
    meta, twin, x = twins(drawn)
    if updated and list(meta.parameters()):  # its weights are computed, not leaves
        lr = torch.tensor(0.1, requires_grad=True)
        gradients = [torch.ones_like(w) for w in meta.parameters()]
        meta.update_params(lr, source_params=gradients)
        twin.load_state_dict(meta.state_dict())
    other = copy.deepcopy(meta) if way == "deepcopy" else pickle.loads(pickle.dumps(meta))
    assert type(other) is type(meta)
    assert_trainable(other)
    assert_same(other, twin, x)
    for weight in other.parameters():
        weight.data.add_(1)  # the copy has memory of its own
    for weight, expected in zip(meta.parameters(), twin.parameters(), strict=True):
        assert torch.equal(weight, expected)


@given(layers, st.sampled_from(["double", "to", "half and back", "float"]), st.booleans())
def test_casts(drawn, way, updated):
    meta, twin, x = twins(drawn)
    if updated and list(meta.parameters()):
        meta.update_params(
            torch.tensor(0.0, requires_grad=True),
            source_params=[torch.ones_like(w) for w in meta.parameters()],
        )
    for module in (meta, twin):
        if way == "double":
            module.double()
        elif way == "to":
            module.to(torch.float64)
        elif way == "half and back":
            module.half().float()
        else:
            module.float()
    assert_trainable(meta)
    x = x.double() if way in ("double", "to") else x
    assert_same(meta, twin, x)
    meta(x.requires_grad_()).square().sum().backward()
    for weight in meta.parameters():
        assert weight.grad is not None


@given(layers)
def test_moves_to_a_gpu(drawn):
    if not torch.cuda.is_available():
        pytest.skip("no GPU here")
    meta, twin, x = twins(drawn)
    meta.cuda()
    assert_trainable(meta)
    twin.cuda()
    assert_same(meta, twin, x.cuda(), rtol=1e-5, atol=1e-5)
    assert all(weight.is_cuda for weight in meta.parameters())


@given(linear(), st.sampled_from([torch.optim.SGD, torch.optim.Adam]))
def test_torch_optim_trains_both_alike(drawn, optimizer_class):
    meta, twin, x = twins(drawn)
    for module in (meta, twin):
        optimizer = optimizer_class(module.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            module(x).square().sum().backward()
            optimizer.step()
    assert_same(meta, twin, x)


def test_a_cast_keeps_gradients_and_the_optimizers_hold():
    layer = MetaLinear(2, 2)
    optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
    layer(torch.ones(2)).sum().backward()
    layer.double()
    before = layer.weight.detach().clone()
    optimizer.step()
    assert layer.weight.grad.dtype == torch.float64
    assert torch.equal(layer.weight, before - 1)


def test_to_empty_and_the_meta_device():
    with torch.device("meta"):
        layer = MetaLinear(2, 3)
    layer.to_empty(device="cpu")
    assert_trainable(layer)
    layer.load_state_dict(nn.Linear(2, 3).state_dict())


def test_containers_do_what_lists_and_dicts_do():
    net = MetaSequential(MetaLinear(2, 2), nn.Tanh())
    for joined in (net + MetaSequential(MetaLinear(2, 1)), net * 2, net[:1], 2 * net):
        assert isinstance(joined, MetaSequential)
        assert len(list(joined.parameters())) == len(set(joined.parameters())) >= 2
    both = MetaModuleList([MetaLinear(1, 1)]) + MetaModuleList([MetaLinear(1, 2)])
    assert isinstance(both, MetaModuleList)
    assert [name for name, _ in both.named_parameters()] == [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
    ]
    both.insert(0, MetaLinear(2, 1))
    both.append(MetaLinear(3, 1))
    assert len(list(both.parameters())) == 8
    heads = MetaModuleDict({"a": MetaLinear(1, 1)})
    heads.update({"b": MetaLinear(1, 1, bias=False)})
    assert list(heads) == ["a", "b"]
    del heads["a"]
    assert [name for name, _ in heads.named_parameters()] == ["b.weight"]
