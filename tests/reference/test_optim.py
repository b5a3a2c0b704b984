"""`LearnedOptimizer` against the minimizer, and in all that a ``torch.optim`` optimizer meets."""

import copy
import pickle
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributed.checkpoint.state_dict import get_optimizer_state_dict

from l2l_ref.data import digits
from l2l_ref.minimizers import learned
from l2l_ref.modules import MetaLinear
from l2l_ref.optim import LearnedOptimizer
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.errors import InputError
from l2l_ref.support.files import ARTIFACTS
from l2l_ref.support.randomness import generator
from l2l_ref.tasks import get_sampler
from l2l_ref.unroll import loss_and_gradient

X, Y = torch.randn(16, 5), torch.randint(3, (16,))


def make_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))


def train(net, optimizer, steps=3):
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(X), Y).backward()
        optimizer.step()
    return [p.detach().clone() for p in net.parameters()]


def assert_all_equal(a, b):
    for x, y in zip(a, b, strict=True):
        assert torch.equal(x, y)


@pytest.mark.parametrize("name", ["quadratics", "digits", "mnist"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_is_the_minimizer(name, dtype, device):
    torch.set_default_dtype(dtype)
    sampler = get_sampler("quadratics" if name == "quadratics" else "digits")
    task = sampler(3, generator(0), "report", device)
    optimizer = LSTMOptimizer.load(ARTIFACTS / f"{name}.safetensors").to(device, dtype)
    expected = learned(optimizer)(task, 20)
    theta = nn.Parameter(task.start().clone())
    optimizer, losses = LearnedOptimizer([theta], name), []
    for step in range(21):
        loss, theta.grad = loss_and_gradient(task, theta, step)
        losses.append(loss)
        optimizer.step()
    torch.testing.assert_close(torch.stack(losses), expected, rtol=1e-5, atol=1e-6)


def test_many_parameters_go_as_one():
    """Coordinates do not see each other: in one tensor or in many, in any order of groups."""
    nets = [make_net() for _ in range(3)]
    one, other, third = nets
    whole = train(one, LearnedOptimizer(one.parameters()))
    assert_all_equal(
        train(other, LearnedOptimizer([{"params": [p]} for p in other.parameters()])), whole
    )
    backwards = list(third.parameters())[::-1]
    for a, b in zip(train(third, LearnedOptimizer(backwards)), whole, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("stop", [1, 3])
@pytest.mark.parametrize("way", ["file", "deepcopy", "pickle"])
def test_resumed_it_goes_on_bit_for_bit(stop, way, tmp_path):
    net = make_net()
    whole = train(net, LearnedOptimizer(net.parameters()), 6)
    net = make_net()
    optimizer = LearnedOptimizer(net.parameters())
    train(net, optimizer, stop)
    if way == "file":
        torch.save([net.state_dict(), optimizer.state_dict()], tmp_path / "saved.pt")
        net = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))
        optimizer = LearnedOptimizer(net.parameters())
        weights, state = torch.load(tmp_path / "saved.pt", weights_only=True)
        net.load_state_dict(weights)
        optimizer.load_state_dict(state)
    elif way == "deepcopy":
        net, optimizer = copy.deepcopy((net, optimizer))
    else:
        net, optimizer = pickle.loads(pickle.dumps((net, optimizer)))
    assert_all_equal(train(net, optimizer, 6 - stop), whole)


def test_looking_at_the_state_changes_nothing():
    net = make_net()
    whole = train(net, LearnedOptimizer(net.parameters()), 4)
    net = make_net()
    optimizer = LearnedOptimizer(net.parameters())
    seen = []
    for _ in range(4):
        train(net, optimizer, 1)
        memory = optimizer.state_dict()["state"][0]["memory"]
        assert memory.shape == (4, 20, 4, 5)  # h and c of two layers of 20 units, 4 x 5 weights
        seen.append((memory, memory.clone()))
    assert_all_equal(net.parameters(), whole)
    for memory, then in seen:  # what was saved does not change with the training
        assert torch.equal(memory, then)


def test_half_precision_keeps_its_memory_in_float32():
    net = make_net().bfloat16()
    optimizer = LearnedOptimizer(net.parameters())
    for _ in range(2):
        net(X.bfloat16()).float().square().mean().backward()
        optimizer.step()
    state = optimizer.state_dict()
    assert state["state"][0]["memory"].dtype == torch.float32
    assert net[0].weight.dtype == torch.bfloat16
    other = LearnedOptimizer(copy.deepcopy(net).parameters())
    other.load_state_dict(state)
    assert torch.equal(other.state_dict()["state"][0]["memory"], state["state"][0]["memory"])


def test_frozen_and_unused_parameters_are_passed_by():
    net = make_net()
    net[0].bias.requires_grad_(False)
    net.unused = nn.Parameter(torch.ones(2))
    optimizer = LearnedOptimizer(net.parameters())
    before = [p.detach().clone() for p in net.parameters()]
    after = train(net, optimizer, 3)
    moved = [not torch.equal(a, b) for a, b in zip(after, before, strict=True)]
    names = [name for name, _ in net.named_parameters()]
    assert dict(zip(names, moved, strict=True)) == {
        "unused": False,
        "0.weight": True,
        "0.bias": False,
        "2.weight": True,
        "2.bias": True,
    }
    assert len(optimizer.state_dict()["state"]) == 3


def test_a_parameter_that_rests_goes_on_where_it_was():
    """Its memory stays as it is while others move."""
    a, b = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
    optimizer = LearnedOptimizer([a, b])
    for step in range(6):
        a.grad = torch.full((3,), 0.1 * (step + 1))
        b.grad = a.grad.clone() if step in (1, 4) else None
        optimizer.step()
    alone = nn.Parameter(torch.ones(3))
    optimizer = LearnedOptimizer([alone])
    for step in (1, 4):
        alone.grad = torch.full((3,), 0.1 * (step + 1))
        optimizer.step()
    torch.testing.assert_close(b, alone)


def test_groups_and_schedulers_scale_the_updates():
    a, b = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
    optimizer = LearnedOptimizer([{"params": [a]}, {"params": [b], "lr": 0.25}], lr=0.5)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)
    lengths = []
    for _ in range(2):
        was_a, was_b = a.detach().clone(), b.detach().clone()
        a.grad, b.grad = torch.full((3,), 0.2), torch.full((3,), 0.2)
        optimizer.step()
        scheduler.step()
        torch.testing.assert_close((a - was_a) * 0.5, b - was_b)
        lengths.append((a - was_a).norm())
    one = nn.Parameter(torch.ones(3))
    optimizer, expected = LearnedOptimizer([one]), []
    for _ in range(2):
        was = one.detach().clone()
        one.grad = torch.full((3,), 0.2)
        optimizer.step()
        expected.append((one - was).norm())
    torch.testing.assert_close(lengths[0], 0.5 * expected[0])
    torch.testing.assert_close(lengths[1], 0.05 * expected[1], rtol=1e-4, atol=0)
    assert torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)


def test_closures_and_hooks():
    net = make_net()
    optimizer, seen = LearnedOptimizer(net.parameters()), []
    optimizer.register_step_pre_hook(lambda *_: seen.append("before"))
    optimizer.register_step_post_hook(lambda *_: seen.append("after"))

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(net(X), Y)
        loss.backward()
        return loss

    losses = [optimizer.step(closure) for _ in range(3)]
    other = make_net()
    assert_all_equal(net.parameters(), train(other, LearnedOptimizer(other.parameters())))
    assert losses[0] > losses[-1]
    assert seen == ["before", "after"] * 3


def test_the_scaler_of_mixed_precision():
    net = make_net()
    optimizer, scaler = LearnedOptimizer(net.parameters()), torch.amp.GradScaler("cpu")
    before = [p.detach().clone() for p in net.parameters()]
    with torch.autocast("cpu", torch.bfloat16):
        loss = F.cross_entropy(net(X), Y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    after = [p.detach().clone() for p in net.parameters()]
    assert not torch.equal(before[0], after[0])
    optimizer.zero_grad()
    scaler.scale(F.cross_entropy(net(X), Y) * torch.inf).backward()
    scaler.step(optimizer)  # an overflow: the step is skipped
    assert_all_equal(net.parameters(), after)


def test_it_learns_and_it_trains_meta_modules():
    net = nn.Sequential(MetaLinear(5, 4), nn.Tanh(), MetaLinear(4, 3))
    optimizer = LearnedOptimizer(net.parameters(), "digits")
    first = F.cross_entropy(net(X), Y)
    train(net, optimizer, 50)
    assert F.cross_entropy(net(X), Y) < 0.5 * first


def test_a_group_added_later():
    net, more = make_net(), nn.Parameter(torch.ones(2))
    optimizer = LearnedOptimizer(net.parameters())
    train(net, optimizer, 1)
    optimizer.add_param_group({"params": [more], "lr": 0.1})
    more.grad = torch.ones(2)
    optimizer.step()
    assert (more != 1).all()


@pytest.mark.parametrize("kind", ["sparse", "complex"])
def test_gradients_that_it_cannot_read(kind):
    a = nn.Parameter(torch.ones(3))
    b = nn.Parameter(torch.ones(3, dtype=torch.complex64 if kind == "complex" else None))
    a.grad, b.grad = torch.ones(3), torch.ones(3, dtype=b.dtype)
    if kind == "sparse":
        b.grad = b.grad.to_sparse()
    optimizer = LearnedOptimizer([a, b])
    with pytest.raises(RuntimeError, match=f"takes no {kind} gradients"):
        optimizer.step()
    assert torch.equal(a, torch.ones(3))


def test_bad_input(tmp_path):
    weight = nn.Parameter(torch.ones(1))
    with pytest.raises(InputError, match=r"no trained optimizer 'adam': .* are digits, mnist"):
        LearnedOptimizer([weight], "adam")
    (tmp_path / "damaged.safetensors").write_bytes(b"no")
    with pytest.raises(InputError, match="may be damaged"):
        LearnedOptimizer([weight], tmp_path / "damaged.safetensors")
    with pytest.raises(InputError, match=r"folder; name .* as .*optimizer.safetensors"):
        LearnedOptimizer([weight], tmp_path)
    for lr in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="it must be 0 or more"):
            LearnedOptimizer([weight], lr=lr)
        with pytest.raises(ValueError, match="it must be 0 or more"):
            LearnedOptimizer([{"params": [weight], "lr": lr}])
    with pytest.raises(ValueError, match="empty parameter list"):
        LearnedOptimizer([])
    other = nn.Parameter(torch.ones(2))
    other.grad = torch.ones(2)
    optimizer = LearnedOptimizer([other])
    optimizer.step()
    with pytest.raises(ValueError, match=r"for the shape \(2,\), not \(1,\): load it"):
        LearnedOptimizer([weight]).load_state_dict(optimizer.state_dict())
    with pytest.raises(ValueError, match="doesn't match the size"):
        LearnedOptimizer([other, weight]).load_state_dict(optimizer.state_dict())
    state = LearnedOptimizer([weight], "digits").state_dict()
    with pytest.raises(InputError, match="make it with the optimizer that it was saved with"):
        LearnedOptimizer([weight], "mnist").load_state_dict(state)
    with pytest.raises(InputError, match="the state is of another kind of optimizer"):
        LearnedOptimizer([weight]).load_state_dict(torch.optim.Adam([weight]).state_dict())


def test_what_the_readme_shows():
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    images = digits("train")
    net = nn.Sequential(nn.Linear(64, 20), nn.Sigmoid(), nn.Linear(20, 10))
    first = F.cross_entropy(net(images.pixels), images.labels)
    exec(code, {"net": net, "batches": [images[i : i + 100] for i in range(0, 1000, 100)] * 10})
    assert F.cross_entropy(net(images.pixels), images.labels) < 0.3 * first


@pytest.mark.filterwarnings("ignore")
def test_a_compiled_step():
    net, same = make_net(), make_net()
    optimizer = LearnedOptimizer(net.parameters())
    step = torch.compile(optimizer.step, backend="eager")
    for _ in range(3):
        optimizer.zero_grad()
        F.cross_entropy(net(X), Y).backward()
        step()
    assert_all_equal(net.parameters(), train(same, LearnedOptimizer(same.parameters())))


def test_making_one_and_stepping_draws_no_random_numbers():
    net = make_net()
    before = torch.get_rng_state()
    optimizer = LearnedOptimizer(net.parameters())
    train(net, optimizer, 1)
    assert torch.equal(torch.get_rng_state(), before)


def test_frozen_with_a_gradient_left_it_rests():
    net = make_net()
    optimizer = LearnedOptimizer(net.parameters())
    train(net, optimizer, 2)
    net[0].weight.requires_grad_(False)
    before, memory = net[0].weight.clone(), optimizer.state_dict()["state"][0]["memory"].clone()
    optimizer.step()
    assert torch.equal(net[0].weight, before)
    assert torch.equal(optimizer.state_dict()["state"][0]["memory"], memory)


def test_autocast_leaves_the_arithmetic_alone():
    def run(autocast):
        weight = nn.Parameter(torch.zeros(5))
        optimizer = LearnedOptimizer([weight])
        for _ in range(3):
            weight.grad = torch.linspace(-0.1, 0.1, 5)
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                optimizer.step()
        return weight

    assert torch.equal(run(True), run(False))


def test_a_group_taken_away():
    net = make_net()
    optimizer = LearnedOptimizer([{"params": layer.parameters()} for layer in (net[0], net[2])])
    train(net, optimizer, 2)
    optimizer.param_groups.pop()
    train(net, optimizer, 2)
    assert sorted(optimizer.state_dict()["state"]) == [0, 1]


def test_a_rate_in_the_place_of_the_optimizer():
    with pytest.raises(TypeError, match=r"second argument is .* got 0.001 \(a rate|type"):
        LearnedOptimizer([nn.Parameter(torch.ones(1))], 1e-3)


@pytest.mark.parametrize("lr", ["1", None, torch.ones(2), 1j])
def test_rates_that_are_no_number(lr):
    weight = nn.Parameter(torch.ones(1))
    with pytest.raises(TypeError, match="it must be a number"):
        LearnedOptimizer([{"params": [weight], "lr": lr}])


DAMAGES = {
    "nothing": lambda state: state.clear(),
    "no groups": lambda state: state.pop("param_groups"),
    "empty groups": lambda state: state.update(param_groups=[]),
    "no state": lambda state: state.pop("state"),
    "no memory": lambda state: state["state"][0].pop("memory"),
    "a text": lambda state: state["state"][0].update(memory="0"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_state_changes_nothing(damage):
    weight = nn.Parameter(torch.ones(1))
    optimizer = LearnedOptimizer([weight])
    weight.grad = torch.ones(1)
    optimizer.step()
    before = copy.deepcopy(optimizer.state_dict())
    damaged = copy.deepcopy(before)
    damage(damaged)
    with pytest.raises(InputError, match="or a damaged one; give what its state_dict"):
        optimizer.load_state_dict(damaged)
    after = optimizer.state_dict()
    assert torch.equal(after["state"][0]["memory"], before["state"][0]["memory"])


def test_settings_of_other_optimizers_are_refused():
    with pytest.raises(ValueError, match="a group sets weight_decay, which would have no effect"):
        LearnedOptimizer([{"params": [nn.Parameter(torch.ones(1))], "weight_decay": 0.1}])


def test_looking_at_the_state_shows_the_memory_and_changes_nothing():
    weights = [nn.Parameter(torch.ones(2)) for _ in range(2)]
    optimizers = [LearnedOptimizer([weight]) for weight in weights]
    for _ in range(3):
        for weight, optimizer in zip(weights, optimizers, strict=True):
            weight.grad = weight.detach().clone()
            optimizer.step()
        assert optimizers[0].state[weights[0]]["memory"].shape == (4, 20, 2)
    assert torch.equal(*weights)


def test_the_state_that_distributed_checkpoints_ask_for():
    weights = [nn.Parameter(torch.ones(2)) for _ in range(2)]
    nets = [nn.ParameterDict({"weight": weight}) for weight in weights]
    optimizers = [LearnedOptimizer([weight]) for weight in weights]
    for step in range(4):
        for weight, optimizer in zip(weights, optimizers, strict=True):
            weight.grad = weight.detach().clone()
            optimizer.step()
            optimizer.zero_grad()
        if step == 1:
            state = get_optimizer_state_dict(nets[0], optimizers[0])
            assert state["state"]["weight"]["memory"].any()
    assert torch.equal(*weights)


def test_a_state_taken_away_is_forgotten():
    net = make_net()
    optimizer = LearnedOptimizer(net.parameters())
    train(net, optimizer)
    optimizer.state = {}
    twin = copy.deepcopy(net)
    assert_all_equal(train(net, optimizer), train(twin, LearnedOptimizer(twin.parameters())))


def test_hooks_before_loading_have_their_turn():
    net = make_net()
    optimizer, other = LearnedOptimizer(net.parameters()), LearnedOptimizer(net.parameters())
    train(net, optimizer)
    seen = []
    other.register_load_state_dict_pre_hook(lambda _, given: given["inside"])
    other.register_load_state_dict_pre_hook(lambda *_: seen.append("once"))
    other.load_state_dict({"inside": optimizer.state_dict()})
    assert seen == ["once"]
    first = next(net.parameters())
    assert torch.equal(other.state[first]["memory"], optimizer.state[first]["memory"])
    foreign = LearnedOptimizer(net.parameters(), "digits").state_dict()
    other.register_load_state_dict_pre_hook(lambda *_: foreign)
    with pytest.raises(InputError, match="this is the learned optimizer"):
        other.load_state_dict({"inside": optimizer.state_dict()})


IN_THE_STATE = {
    "text keys": lambda s: s.update(state={str(k): v for k, v in s["state"].items()}),
    "nobody's": lambda s: s["state"].update({9: s["state"].pop(0)}),
    "integers": lambda s: s["state"][0].update(memory=s["state"][0]["memory"].long()),
    "NaN": lambda s: s["state"][0]["memory"].fill_(float("nan")),
    "a negative rate": lambda s: s["param_groups"][0].update(lr=-1.0),
    "a rate in words": lambda s: s["param_groups"][0].update(lr="x"),
    "no rate": lambda s: s["param_groups"][0].pop("lr"),
    "decay": lambda s: s["param_groups"][0].update(weight_decay=0.1),
}


@pytest.mark.parametrize("spoil", IN_THE_STATE.values(), ids=IN_THE_STATE)
def test_a_state_that_cannot_be_is_refused(spoil):
    net = make_net()
    optimizer = LearnedOptimizer(net.parameters())
    train(net, optimizer)
    state = copy.deepcopy(optimizer.state_dict())
    spoil(state)
    other = LearnedOptimizer(net.parameters())
    with pytest.raises((ValueError, TypeError)):
        other.load_state_dict(state)
    assert not other.state


def test_groups_have_no_learned_optimizer_of_their_own():
    for setting in ({"optimizer": "digits"}, {"learned": "x"}):
        with pytest.raises(ValueError, match="a group has no learned optimizer of its own"):
            LearnedOptimizer([{"params": make_net().parameters(), **setting}])
    net = make_net()
    optimizer = LearnedOptimizer(net.parameters())
    optimizer.param_groups[0]["weight_decay"] = 0.1
    with pytest.raises(ValueError, match="weight_decay, which would have no effect"):
        train(net, optimizer)
