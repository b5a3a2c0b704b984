"""A weight replaced through ``set_param`` carries its graph: checked by finite differences."""

import copy
import warnings

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck

from l2l_ref.modules import (
    MetaBatchNorm2d,
    MetaConv2d,
    MetaConvTranspose2d,
    MetaLinear,
    MetaModule,
    MetaSequential,
    meta_class,
    to_meta,
)

pytestmark = pytest.mark.usefixtures("float64")


def small_net():
    return MetaSequential(
        MetaConv2d(1, 2, 2),
        MetaBatchNorm2d(2),
        nn.PReLU(),
        MetaConvTranspose2d(2, 1, 2),
        nn.Flatten(),
        MetaLinear(9, 2),
    )


def test_gradients_reach_what_a_weight_was_computed_from():
    net, x = small_net(), torch.randn(3, 1, 3, 3)
    originals = {name: weight.detach() for name, weight in net.named_parameters()}

    def loss(scale, shift):
        for name, weight in originals.items():
            net.set_param(name, weight * scale + shift)
        return net(x).square().sum()

    inputs = [torch.tensor(value, requires_grad=True) for value in (1.2, 0.1)]
    assert gradcheck(loss, inputs)


@pytest.mark.parametrize("way", ["source_params", "grad"])
def test_gradients_through_steps_of_second_order(way):
    net, x = small_net(), torch.randn(3, 1, 3, 3)
    names = [name for name, _ in net.named_parameters()]

    def loss_after_two_steps(lr, *weights):
        for name, weight in zip(names, weights, strict=True):
            net.set_param(name, weight)
        for _ in range(2):
            loss = net(x).square().mean()
            if way == "source_params":
                gradients = torch.autograd.grad(loss, list(net.parameters()), create_graph=True)
                net.update_params(lr, source_params=gradients)
            else:
                for weight in net.parameters():
                    if weight.is_leaf:
                        weight.grad = None
                loss.backward(create_graph=True)
                net.update_params(lr)
        return net(x).square().mean()

    weights = [weight.detach().requires_grad_() for weight in net.parameters()]
    lr = torch.tensor(0.01, requires_grad=True)
    if way == "grad":  # gradcheck would collect .grad itself: compare with the other way
        with warnings.catch_warnings():  # torch warns of backward(create_graph=True), once
            warnings.simplefilter("ignore")
            loss = loss_after_two_steps(lr, *weights)
        gradients = torch.autograd.grad(loss, [lr, *weights])
        way = "source_params"
        expected = torch.autograd.grad(loss_after_two_steps(lr, *weights), [lr, *weights])
        torch.testing.assert_close(gradients, expected)
    else:
        assert gradcheck(loss_after_two_steps, [lr, *weights])


def test_first_order_treats_gradients_as_constants():
    net = MetaLinear(1, 1, bias=False)
    w, lr, x = 0.7, 0.1, 1.5

    def gradient_in_w(first_order):
        weight = torch.full((1, 1), w, requires_grad=True)
        net.set_param("weight", weight)
        loss = net(torch.tensor([x])).square().sum()  # w^2 x^2
        (gradient,) = torch.autograd.grad(loss, list(net.parameters()), create_graph=True)
        net.update_params(lr, first_order, [gradient])
        (result,) = torch.autograd.grad(net(torch.tensor([x])).sum(), weight)
        return result.item()

    # The step: w - lr 2 w x^2. Its derivative is 1 - 2 lr x^2, or 1 where g is a constant.
    assert gradient_in_w(first_order=False) == pytest.approx(x * (1 - 2 * lr * x**2))
    assert gradient_in_w(first_order=True) == pytest.approx(x)


def test_the_step_agrees_with_sgd():
    net, twin = MetaLinear(3, 2), nn.Linear(3, 2)
    twin.load_state_dict(net.state_dict())
    x = torch.randn(4, 3)
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.1)
    for _ in range(3):
        gradients = torch.autograd.grad(net(x).square().sum(), list(net.parameters()))
        net.update_params(0.1, source_params=gradients)
        optimizer.zero_grad()
        twin(x).square().sum().backward()
        optimizer.step()
    torch.testing.assert_close(dict(net.state_dict()), dict(twin.state_dict()))


def test_replacing_rnn_weights_carries_the_graph():
    net, x = to_meta(nn.LSTM(2, 3)), torch.randn(4, 1, 2)
    start = net.weight_hh_l0.detach()

    def loss(scale):
        net.set_param("weight_hh_l0", start * scale)
        return net(x)[0].square().sum()

    assert gradcheck(loss, [torch.tensor(1.5, requires_grad=True)])


def test_copy_refuses_what_is_tied_only_here():
    tied, untied = MetaSequential(MetaLinear(2, 2), MetaLinear(2, 2)), nn.Sequential()
    tied[1].weight = tied[0].weight
    for name in "01":
        untied.add_module(name, nn.Linear(2, 2))
    before = tied[0].weight.clone()
    for same_var in (False, True):
        with pytest.raises(ValueError, match=r"'0.weight' and '1.weight' are one tensor here"):
            tied.copy(untied, same_var)
    assert torch.equal(tied[0].weight, before)
    untied.load_state_dict(tied.state_dict())
    tied.copy(untied)  # the same numbers


def test_gradients_in_the_place_of_first_order_are_refused():
    layer = MetaLinear(2, 2)
    with pytest.raises(TypeError):
        layer.update_params(0.1, [torch.ones(2, 2), torch.ones(2)])


def test_copy_shares_the_graph_or_copies_values():
    source, net = MetaLinear(1, 1), MetaLinear(1, 1)
    scale = torch.tensor(2.0, requires_grad=True)
    source.set_param("weight", torch.ones(1, 1) * scale)
    net.copy(source, same_var=True)
    assert net.weight is source.weight
    net(torch.ones(1)).sum().backward()
    assert scale.grad == 1
    net.copy(source)
    assert net.weight.is_leaf
    assert net.weight.requires_grad
    assert net.weight == 2


def test_a_plain_tensor_becomes_a_trainable_leaf_in_the_same_memory():
    net, zeros = MetaLinear(2, 1), torch.zeros(1, 2)
    with torch.no_grad():
        net.set_param("weight", zeros)
    assert net.weight.requires_grad
    assert net.weight.data_ptr() == zeros.data_ptr()
    net.weight.requires_grad_(False)
    net.set_param("weight", torch.ones(1, 2))
    assert not net.weight.requires_grad  # a frozen weight stays frozen


def test_detach_as_in_the_original_cuts_the_graph_and_takes_no_step():
    net = MetaLinear(1, 1)
    net.set_param("weight", torch.ones(1, 1, requires_grad=True) * 3)
    net.update_params(0.1, detach=True)
    assert net.weight.is_leaf
    assert net.weight == 3


def step_at(rate):
    """A step of all weights at a rate, or at several."""
    return lambda net: net.update_params(
        rate, source_params=[torch.ones_like(w) for w in net.parameters()]
    )


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (lambda net: net.set_param("0.wieght", torch.ones(2, 2)), KeyError, r"0\.weight"),
        (lambda net: net.set_param("1", torch.ones(2, 2)), KeyError, "no weight '1'"),
        (lambda net: net.set_param("0.bias", torch.ones(3)), ValueError, r"\(3,\).*\(2,\)"),
        (lambda net: net.set_param("0.bias", torch.ones(2, dtype=int)), TypeError, "dtype|Inexact"),
        (lambda net: net.set_param("0.bias", [1.0, 2.0]), TypeError, "tensor|type"),
        (lambda net: net.update_params(0.1), RuntimeError, "create_graph=True"),
        (lambda net: net.update_params(0.1, source_params=[None]), ValueError, "1 gradients for 2"),
        (
            lambda net: net.update_params(0.1, source_params=[torch.ones(1), None]),
            ValueError,
            r"gradient of weight '0\.weight' has shape \(1,\)",
        ),
        (lambda net: net.copy(MetaLinear(2, 2)), KeyError, r"0\.bias"),
        (step_at("0.1"), TypeError, "'0.1'; it must be a number|type"),
        (step_at(None), TypeError, "None; it must be a number|type"),
        (step_at(True), TypeError, "True; it must|type"),
        (step_at(torch.ones(3, 1)), ValueError, r"shape \(3, 1\); it must be one number, or sp"),
        (step_at([0.1]), ValueError, "got 1 rates for 2 weights"),
        (step_at({"0.weight": 0.1}), KeyError, r"only one side has 0\.bias"),
        (step_at({"0.weight": 0.1, "0.bias": 0.1, "1": 0.1}), KeyError, "only one side has 1"),
        (lambda net: net.copy(MetaSequential(MetaLinear(2, 3))), ValueError, r"\(3, 2\)"),
    ],
)
def test_bad_input_changes_nothing(action, error, message):
    net = MetaSequential(MetaLinear(2, 2))
    before = dict(net.named_parameters())
    with pytest.raises(error, match=message):
        action(net)
    after = dict(net.named_parameters())
    assert all(after[name] is before[name] for name in before)


def test_a_module_of_ones_own():
    class Scale(MetaModule):
        def __init__(self):
            super().__init__()
            self.factor = nn.Parameter(torch.ones(1))
            self.inner = MetaLinear(1, 1)
            self.register_parameter("unused", None)

        def forward(self, x):
            return self.inner(x) * self.factor

    net = Scale()
    assert [name for name, _ in net.named_parameters()] == ["factor", "inner.weight", "inner.bias"]
    assert list(net.state_dict()) == ["factor", "inner.weight", "inner.bias"]
    doubled = torch.tensor([2.0], requires_grad=True)
    net.set_param("factor", doubled * 3)
    net(torch.ones(1)).sum().backward()
    assert doubled.grad is not None
    net.factor = nn.Parameter(torch.zeros(1))
    assert next(name for name, _ in net.named_parameters()) == "factor"
    assert net.factor.is_leaf
    del net.factor
    assert "factor" not in dict(net.named_parameters())


def test_a_rate_for_each_weight():
    """By name, by place, and one for each coordinate; each carries a graph."""
    start = MetaLinear(2, 2)
    gradients = [torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([5.0, 6.0])]
    coordinates = torch.tensor([[0.1, 0.2], [0.3, 0.4]], requires_grad=True)
    bias = torch.tensor(0.5, requires_grad=True)
    by_name, by_place = {"bias": bias, "weight": coordinates}, [coordinates, bias]
    for rates in (by_name, by_place, tuple(by_place)):
        net = copy.deepcopy(start)
        net.update_params(rates, source_params=gradients)
        torch.testing.assert_close(net.weight, start.weight - coordinates * gradients[0])
        torch.testing.assert_close(net.bias, start.bias - 0.5 * gradients[1])
        slopes = torch.autograd.grad(net.weight.sum() + net.bias.sum(), [coordinates, bias])
        assert torch.equal(slopes[0], -gradients[0])
        assert slopes[1] == -11


def test_what_would_change_a_dtype():
    net = MetaLinear(2, 2, dtype=torch.float32)
    ones = [torch.ones_like(weight) for weight in net.parameters()]
    with pytest.raises(TypeError, match=r"rate of .* has dtype torch.float64, which"):
        net.update_params(torch.ones(2), source_params=ones)
    with pytest.raises(TypeError, match=r"gradient of .* has dtype torch.float64"):
        net.update_params(0.1, source_params=[one.double() for one in ones])
    net.update_params(torch.tensor(0.1), source_params=ones)  # one number is no array
    assert net.weight.dtype == torch.float32


def test_the_message_where_nothing_can_move():
    with pytest.raises(RuntimeError, match="no weight has a gradient"):
        MetaSequential(nn.Tanh()).update_params(0.1)


def test_a_buffer_takes_no_weights_place():
    layer = MetaLinear(1, 1)
    with pytest.raises(KeyError, match="'weight' is a weight of MetaLinear; to put a tensor in"):
        layer.register_buffer("weight", torch.zeros(3))
    del layer.weight
    layer.register_buffer("weight", torch.zeros(1, 1))
    assert [name for name, _ in layer.named_parameters()] == ["bias"]


def test_gradients_by_name():
    layer = MetaLinear(1, 1)
    before = {name: weight.detach().clone() for name, weight in layer.named_parameters()}
    layer.update_params(0.5, source_params={"bias": torch.ones(1), "weight": None})
    assert torch.equal(layer.weight, before["weight"])
    assert torch.equal(layer.bias, before["bias"] - 0.5)
    with pytest.raises(KeyError, match=r"gradients by name .* only one side has b, bias"):
        layer.update_params(0.5, source_params={"b": torch.ones(1), "weight": None})


def test_the_meta_class_of_a_meta_class():
    assert meta_class(MetaLinear) is MetaLinear
