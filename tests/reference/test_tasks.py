"""The optimizees against networks and formulas written another way; the protocol of a task."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from l2l_ref.data import Images, digits
from l2l_ref.modules import MetaLinear, MetaSequential, to_meta
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.errors import InputError
from l2l_ref.support.randomness import generator
from l2l_ref.tape import Tape
from l2l_ref.tasks import (
    TASKS,
    Capturable,
    Networks,
    Perceptrons,
    Quadratics,
    Task,
    check_sampler,
    get_sampler,
    trained_on,
)
from l2l_ref.unroll import begin, loss_and_gradient, meta_gradient, unroll


def test_quadratics_against_the_formula(device):
    task = Quadratics.sample(3, generator(0), device=device)
    theta = torch.randn(3, 10, device=device)
    losses, gradient = loss_and_gradient(task, theta, 0)
    for f in range(3):
        residual = task.W[f] @ theta[f] - task.y[f]
        torch.testing.assert_close(losses[f], residual @ residual)
        torch.testing.assert_close(gradient[f], 2 * task.W[f].T @ residual)


def test_quadratics_are_standard_normal():
    task = Quadratics.sample(20_000, generator(0))
    for values in (task.W, task.y):
        values = values.double()
        count = values.numel()
        assert abs(values.mean()) < 4 / count**0.5
        assert abs(values.var() - 1) < 4 * (2 / count) ** 0.5
        assert abs((values**4).mean() - 3) < 4 * (96 / count) ** 0.5  # of a Gaussian, not uniform
    assert torch.equal(task.start(), torch.zeros(20_000, 10))


@pytest.mark.parametrize("name", TASKS)
def test_what_every_task_promises(name, device, request):
    if name.startswith("mnist"):
        request.getfixturevalue("real_mnist")
    task = get_sampler(name)(3, generator(1, "a"), "train", device)
    assert isinstance(task, Task)
    theta = task.start()
    assert theta.device.type == device.type
    assert theta.shape[0] == 3
    # Deterministic in the step, whatever was asked before; another step, another minibatch.
    first, later = task.loss(theta, 0), task.loss(theta, 1)
    assert torch.equal(task.loss(theta, 0), first)
    again = get_sampler(name)(3, generator(1, "a"), "train", device)
    assert torch.equal(again.loss(again.start(), 1), later)
    other = get_sampler(name)(3, generator(1, "b"), "train", device)
    assert not torch.equal(other.loss(other.start(), 0), first)
    # Each function sees its own row only.
    moved = theta.clone()
    moved[0] += 1
    changed = task.loss(moved, 0) != first
    assert changed.tolist() == [True, False, False]


def test_the_same_functions_on_every_device(device):
    here, on_cpu = (
        get_sampler("digits")(2, generator(0), "train", where)
        for where in (device, torch.device("cpu"))
    )
    losses, gradient = loss_and_gradient(here, here.start(), 0)
    expected, expected_gradient = loss_and_gradient(on_cpu, on_cpu.start(), 0)
    torch.testing.assert_close(losses.cpu(), expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(gradient.cpu(), expected_gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "net"),
    {
        "": nn.Sequential(nn.Linear(64, 20), nn.Sigmoid(), nn.Linear(20, 10)),
        "-40": nn.Sequential(nn.Linear(64, 40), nn.Sigmoid(), nn.Linear(40, 10)),
        "-2layer": nn.Sequential(
            *(nn.Linear(64, 20), nn.Sigmoid(), nn.Linear(20, 20), nn.Sigmoid(), nn.Linear(20, 10))
        ),
        "-relu": nn.Sequential(nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10)),
    }.items(),
)
def test_the_networks_by_name(name, net):
    """Against torch's own modules, with the weights of the second function."""
    task = get_sampler(f"digits{name}")(2, generator(0))
    nn.utils.vector_to_parameters(task.start()[1], net.parameters())
    x, labels = task.minibatches(4)
    expected = F.cross_entropy(net(x[1]), labels[1])
    torch.testing.assert_close(task.loss(task.start(), 4)[1], expected)


@pytest.mark.parametrize(
    ("name", "coordinates"),
    [("", 15_910), ("-40", 31_810), ("-2layer", 16_330), ("-relu", 15_910)],
)
@pytest.mark.usefixtures("real_mnist")
def test_the_sizes_on_mnist(name, coordinates):
    """784-20-10 has 15,910 weights, as the paper's has; its first loss is about log 10."""
    task = get_sampler(f"mnist{name}")(2, generator(0))
    assert task.start().shape == (2, coordinates)
    assert task.minibatches(0)[0].shape == (2, 128, 784)
    torch.testing.assert_close(
        task.loss(task.start(), 0), torch.full((2,), 2.303), atol=0.2, rtol=0
    )


def test_what_a_transfer_was_trained_on():
    assert {trained_on(name) for name in TASKS} == {"quadratics", "digits", "mnist"}
    assert trained_on("mnist-2layer") == "mnist"


@pytest.mark.parametrize("hidden", [(20,), (7, 5)])
def test_perceptrons_against_meta_modules(hidden):
    images = digits("train")
    task = Perceptrons(images, 2, generator(0), hidden, torch.tanh)
    theta = task.start()
    sizes = [64, *hidden, 10]
    layers = [MetaLinear(i, o) for i, o in itertools.pairwise(sizes)]
    net = MetaSequential(*[m for layer in layers for m in (layer, nn.Tanh())][:-1])
    losses, gradients = loss_and_gradient(task, theta, 3)
    x, labels = task.minibatches(3)
    assert x.shape == (2, 128, 64)
    for f in range(2):
        row = theta[f].clone().requires_grad_()
        offset = 0
        for name, weight in net.named_parameters():
            net.set_param(name, row[offset : offset + weight.numel()].view_as(weight))
            offset += weight.numel()
        loss = F.cross_entropy(net(x[f]), labels[f])
        torch.testing.assert_close(losses[f], loss)
        torch.testing.assert_close(gradients[f], torch.autograd.grad(loss, row)[0])


def test_perceptrons_start_as_torch_initialises_linear_layers():
    task = Perceptrons(digits("train"), 500, generator(0))
    for weight, bias in task.layers(task.start()):
        bound = weight.shape[2] ** -0.5
        for values in (weight, bias):
            assert values.abs().max() <= bound
            assert values.abs().max() > 0.99 * bound
            assert abs(values.var() / (bound**2 / 3) - 1) < 0.1


def test_minibatches_are_drawn_from_all_images():
    task = get_sampler("digits")(100, generator(0))
    labels = torch.cat([task.minibatches(step)[1].flatten() for step in range(5)])
    expected = digits("train").labels.bincount() / len(digits("train").labels)
    torch.testing.assert_close(labels.bincount() / len(labels), expected, rtol=0, atol=0.01)


def test_networks_agree_with_perceptrons():
    images = digits("train")
    general = Networks(
        lambda: nn.Sequential(nn.Linear(64, 20), nn.Sigmoid(), nn.Linear(20, 10)),
        images,
        3,
        generator(0),
    )
    special = Perceptrons(images, 3, generator(1))
    special.minibatches = general.minibatches
    losses, gradient = loss_and_gradient(general, general.start(), 2)
    expected, expected_gradient = loss_and_gradient(special, general.start(), 2)
    torch.testing.assert_close(losses, expected)
    torch.testing.assert_close(gradient, expected_gradient)
    assert len(general.start().unique(dim=0)) == 3  # each network starts from weights of its own


def with_batch_norm():
    return nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 2, 3, stride=2),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(18, 10),
    )


@pytest.mark.parametrize("make", [with_batch_norm, lambda: to_meta(with_batch_norm())])
def test_finding_14_batch_norm_statistics_are_carried_through_all_windows(make):
    task = Networks(make, digits("train"), 2, generator(0))
    optimizer = LSTMOptimizer(hidden=3)
    run = begin(task, optimizer)
    tape = Tape(optimizer, run.theta.numel(), 2)
    for _ in range(2):
        _, _, run = meta_gradient(tape, run)
    carried = task.buffers

    # The first network again, by hand: plain modules on the same five minibatches.
    net, expected = with_batch_norm(), nn.BatchNorm2d(2)
    run = begin(task, optimizer)
    assert task.buffers["2.num_batches_tracked"].tolist() == [1, 1]  # a new run starts afresh
    for step in range(5):
        nn.utils.vector_to_parameters(run.theta[0], net.parameters())
        expected(net[:2](task.minibatches(step)[0][0]))
        if step < 4:
            _, run = unroll(optimizer, run, 1)
    assert carried["2.num_batches_tracked"].tolist() == [5, 5]
    torch.testing.assert_close(carried["2.running_mean"][0], expected.running_mean)
    torch.testing.assert_close(carried["2.running_var"][0], expected.running_var)


def test_a_task_of_ones_own_in_twenty_lines():
    class Rosenbrock:
        """f(x, y) = (1 - x)^2 + 100 (y - x^2)^2 from random starting points."""

        def __init__(self, theta_0):
            self.theta_0 = theta_0

        @classmethod
        def sample(cls, functions, generator, split="train", device="cpu"):
            return cls(torch.randn(functions, 2, generator=generator).to(device))

        def start(self):
            return self.theta_0

        def loss(self, theta, step):
            x, y = theta.unbind(1)
            return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    task = Rosenbrock.sample(4, generator(0))
    assert isinstance(task, Task)
    optimizer = LSTMOptimizer()
    losses, gradients, _ = meta_gradient(Tape(optimizer, 8, 5), begin(task, optimizer))
    assert losses.shape == (5, 4)
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_an_unknown_task():
    with pytest.raises(
        InputError, match="no task 'quadratic'; the tasks are quadratics, digits, digits-40"
    ):
        get_sampler("quadratic")


def test_streams_of_random_numbers_differ_and_repeat():
    def first(*names):
        return torch.rand(3, generator=generator(*names)).tolist()

    assert first(0, "train", 1) == first(0, "train", 1)
    others = [(0, "train", 2), (1, "train", 1), (0, "tune", 1), (0, "train"), (0, "train", "11")]
    assert len({tuple(first(*names)) for names in [(0, "train", 1), *others]}) == 6


@pytest.mark.parametrize("name", TASKS)
def test_some_steps_of_a_task_as_tensors(name, request):
    if name.startswith("mnist"):
        request.getfixturevalue("real_mnist")
    task, another = (get_sampler(name)(2, generator(seed)) for seed in (0, 1))
    assert isinstance(task, Capturable)
    theta = task.start() + 0.1
    some = another.on(task.tensors(range(3, 7)))
    for step in range(3, 7):
        assert torch.equal(some.loss(theta, step - 3), task.loss(theta, step))
    assert not torch.equal(another.loss(theta, 3), task.loss(theta, 3))


# Networks of every kind


def frozen_first():
    net = nn.Sequential(nn.Linear(64, 3), nn.Linear(3, 10))
    net[0].requires_grad_(False)
    return net


def with_meta_inside():
    return nn.Sequential(nn.Linear(64, 3), MetaLinear(3, 10))  # an ordinary parent


@pytest.mark.parametrize(
    ("make", "coordinates"), [(frozen_first, 40), (with_meta_inside, 65 * 3 + 40)]
)
def test_what_learns_is_what_can_be_trained(make, coordinates):
    task = Networks(make, digits("train"), 2, generator(0))
    assert task.start().shape == (2, coordinates)
    theta = task.start() + 0.1
    (expected, inner) = (task.loss(theta, 3), task.minibatches(3))
    for f in range(2):  # the f-th network by itself
        net = make()
        fixed = {n: b[f] for n, b in task.buffers.items()}
        net.load_state_dict(fixed, strict=False)
        free = [w for w in net.parameters() if w.requires_grad]
        nn.utils.vector_to_parameters(theta[f], free)
        loss = F.cross_entropy(net(inner[0][f]), inner[1][f])
        torch.testing.assert_close(loss, expected[f])
    with pytest.raises(ValueError, match="Sequential has no weights that can be trained"):
        Networks(lambda: frozen_first()[:1], digits("train"), 2, generator(0))


class LastState(nn.Module):
    """A recurrent network, which vmap cannot run."""

    def __init__(self):
        super().__init__()
        self.recurrent, self.read = nn.LSTM(1, 3, batch_first=True), nn.Linear(3, 1)

    def forward(self, x):
        return self.read(self.recurrent(x)[0][:, -1])[:, 0]


def sums(drawn):
    """A minibatch of sequences and their sums."""
    x = torch.randn(8, 5, 1, generator=drawn)
    return x, x.sum((1, 2))


def test_any_module_any_loss_any_data():
    task = Networks(LastState, sums, 2, generator(0), loss=F.mse_loss, side_by_side=False)
    losses, gradient = loss_and_gradient(task, task.start(), 4)
    x, y = task.minibatches(4)
    assert not torch.equal(x[0], x[1])
    for f in range(2):
        net = LastState()
        nn.utils.vector_to_parameters(task.start()[f], net.parameters())
        loss = F.mse_loss(net(x[f]), y[f])
        torch.testing.assert_close(loss, losses[f])
        slopes = torch.autograd.grad(loss, list(net.parameters()))
        torch.testing.assert_close(nn.utils.parameters_to_vector(slopes), gradient[f])
    optimizer = LSTMOptimizer(hidden=3)
    tape = Tape(optimizer, task.start().numel(), 2)
    assert all(g.isfinite().all() for g in meta_gradient(tape, begin(task, optimizer))[1])


@pytest.mark.parametrize("side_by_side", [True, False])
def test_what_a_network_draws_depends_on_the_task_and_the_step(side_by_side):
    def make():
        return nn.Sequential(nn.Linear(64, 50), nn.Dropout(0.5), nn.Linear(50, 10))

    task, same = (
        Networks(make, digits("train"), 2, generator(0), side_by_side=side_by_side)
        for _ in range(2)
    )
    losses = task.loss(task.start(), 3)
    torch.manual_seed(99)
    before = torch.get_rng_state()
    assert torch.equal(same.loss(same.start(), 3), losses)
    assert torch.equal(torch.get_rng_state(), before)  # the global generator is left alone
    assert not torch.equal(same.loss(same.start(), 4), losses)
    twice = task.start()[:1].expand(2, -1)
    x, y = task.minibatches(3)
    task.minibatches = lambda step: (x[:1].expand_as(x), y[:1].expand_as(y))
    one, other = task.loss(twice, 3)
    assert one != other  # two networks drop different units


def test_networks_that_cannot_be():
    task = Networks(LastState, sums, 2, generator(0), loss=F.mse_loss)
    theta = task.start()
    with pytest.raises(RuntimeError, match=r"cannot run LastState .* give side_by_side=False"):
        task.loss(theta, 0)
    with pytest.raises(TypeError, match=r"make\(\) gave a int"):
        Networks(lambda: 3, sums, 2, generator(0))
    with pytest.raises(TypeError, match="minibatch gave a dict; it must give a tuple of tensors"):
        Networks(LastState, lambda drawn: {"x": torch.ones(1)}, 2, generator(0))


def test_networks_that_do_not_go_together():
    one, sizes = nn.Linear(64, 10), itertools.count(1)
    impossible = {
        r"got device='meta' and images on cpu": {"device": "meta"},
        "got functions=0": {"functions": 0},
        "the same network twice": {"make": lambda: one},
        "with other weights": {"make": lambda: nn.Linear(64, next(sizes))},
    }
    settings = {"make": lambda: nn.Linear(64, 10), "data": digits("train"), "functions": 2}
    for message, changes in impossible.items():
        with pytest.raises(ValueError, match=message):
            Networks(**settings | changes, generator=generator(0))


def test_each_image_needs_a_label():
    images = digits("train")
    odd = Images.__new__(Images)  # past the type checks of the tests, which users do not have
    odd.__dict__.update(levels=images.levels, labels=images.labels[:5])
    with pytest.raises(ValueError, match="got 1078 images and 5 labels"):
        odd.__post_init__()


def differing(kind):
    """A function that makes networks which differ in something besides their weights."""
    made = itertools.count()

    def make():
        k = next(made)
        if kind == "an activation":
            return nn.Sequential(nn.Linear(4, 4), (nn.Tanh, nn.ReLU)[k % 2](), nn.Linear(4, 1))
        net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        if kind == "what is frozen":
            net[k % 2].requires_grad_(False)
        else:
            net[0].slope = float(k)
        return net

    return make


@pytest.mark.parametrize("side_by_side", [True, False])
@pytest.mark.parametrize("kind", ["an activation", "what is frozen", "an attribute"])
def test_networks_that_differ_in_more_than_their_weights(kind, side_by_side):
    def data(source):
        return torch.randn(4, 4, generator=source), torch.randn(4, 1, generator=source)

    with pytest.raises(ValueError, match="differ in more than their weights"):
        Networks(differing(kind), data, 2, generator(0), F.mse_loss, side_by_side)


@pytest.mark.parametrize("name", ["quadratics", "digits"])
def test_who_steps_in_place_leaves_the_start_alone(name):
    task = get_sampler(name)(2, generator(0), "train", torch.device("cpu"))
    if name == "digits":
        task = Networks(lambda: nn.Linear(64, 10), digits("train"), 2, generator(0))
    first = task.start().clone()
    task.start().add_(1)
    assert torch.equal(task.start(), first)
    perceptrons = get_sampler("digits")(2, generator(0), "train", torch.device("cpu"))
    first = perceptrons.start().clone()
    perceptrons.start().add_(1)
    assert torch.equal(perceptrons.start(), first)


def test_data_from_elsewhere_than_the_generator_is_noticed():
    def sampler(functions, source, split, device):
        def data(_):
            return torch.randn(16, 4), torch.randn(16, 1)

        return Networks(lambda: nn.Linear(4, 1), data, functions, source, loss=F.mse_loss)

    with pytest.raises(ValueError, match="whatever is random has to come from the generator"):
        check_sampler(sampler, generator(0), "train", torch.device("cpu"), torch.float32)
