"""What the exams compare with is itself compared: with finite differences in float64."""

import pytest
import torch

from l2l_ref.checks.answering import NoAnswer, tensor_from
from l2l_ref.checks.lstm_optimizer import (
    Hidden,
    by_name,
    problem,
    reference,
    run_from,
    turned,
    turned_back,
    unrolled_otherwise,
)
from l2l_ref.checks.lstm_optimizer_run import FUNCTIONS, Optimizee, Optimizer, unpacked
from l2l_ref.randomness import generator
from l2l_ref.unroll import loss_and_gradient, unroll

LENGTH = 3


def asked(loss: str = "logarithmic") -> dict:
    return problem(loss, generator(0, "oracle"))


def replayed(question: dict, weights: dict, gradients: list | None) -> torch.Tensor:
    """The meta-loss with these weights; the optimizer sees given gradients, or those it meets."""
    optimizer, task = reference(weights), Hidden(question)
    theta, state, total = task.start(), turned(question["probe_state"]), 0.0
    for step in range(LENGTH):
        gradient = gradients[step] if gradients else loss_and_gradient(task, theta, 0)[1]
        updates, state = optimizer(gradient[0], state)
        theta = theta + updates
        total = total + task.loss(theta, 0).sum()
    return total.detach()


def differences(question: dict, gradients: list | None) -> dict:
    """Finite differences of the meta-loss in a few entries of each weight."""
    found, h = {}, 1e-5
    weights = {name: w.double() for name, w in question["probe_weights"].items()}
    for name, weight in weights.items():
        for index in range(0, weight.numel(), 5):
            values = []
            for sign in (-1, 1):
                moved = weight.clone()
                moved.view(-1)[index] += sign * h
                values.append(replayed(question, weights | {name: moved}, gradients))
            found[name, index] = (values[1] - values[0]) / (2 * h)
    return found


def gradients_met(question: dict) -> list:
    """The optimizee's gradients on the way."""
    run, found = run_from(question), []
    for _ in range(LENGTH):
        found.append(run.gradient)
        _, run = unroll(reference(question["probe_weights"]), run, 1)
    return found


@pytest.mark.parametrize("loss", FUNCTIONS)
def test_with_gradients_as_inputs(loss):
    question = asked(loss)
    optimizer = reference(question["probe_weights"])
    losses, _ = unroll(optimizer, run_from(question), LENGTH)
    derivatives = by_name(optimizer, losses.sum())
    for (name, index), slope in differences(question, gradients_met(question)).items():
        torch.testing.assert_close(derivatives[name].view(-1)[index], slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("loss", FUNCTIONS)
def test_with_second_derivatives(loss):
    """What the exam takes for the mistake of keeping them is just that."""
    question = asked(loss)
    _, derivatives = unrolled_otherwise(question, LENGTH, second=True)
    for (name, index), slope in differences(question, None).items():
        torch.testing.assert_close(derivatives[name].view(-1)[index], slope, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("loss", FUNCTIONS)
def test_without_mistakes_it_is_the_reference(loss):
    question = asked(loss)
    optimizer = reference(question["probe_weights"])
    losses, _ = unroll(optimizer, run_from(question), LENGTH)
    total, derivatives = unrolled_otherwise(question, LENGTH)
    torch.testing.assert_close(total, losses.sum().detach())
    torch.testing.assert_close(derivatives, by_name(optimizer, losses.sum()))


def test_coordinates_first_and_last_are_the_same_optimizer():
    question = asked()
    optimizer = Optimizer(question["probe_weights"], question["scale"]).double()
    gradients = torch.randn(5, generator=generator(1, "oracle"), dtype=torch.float64)
    updates, state = optimizer(gradients, unpacked(question["probe_state"].double()))
    expected, turned_state = reference(question["probe_weights"])(
        gradients, turned(question["probe_state"])
    )
    torch.testing.assert_close(updates, expected)
    again = torch.stack([torch.stack(pair) for pair in state])
    torch.testing.assert_close(again, turned_back(turned_state).to(again))


def test_an_optimizee_tells_when_its_values_are_overwritten():
    question = asked()
    f = Optimizee("quadratic", question["probe_W"], question["probe_y"])
    value = f(question["theta"])
    assert not f.overwritten()
    value += 1
    assert f.overwritten()


def test_the_optimizer_refuses_what_is_no_vector():
    question = asked()
    optimizer = Optimizer(question["probe_weights"], question["scale"])
    with pytest.raises(ValueError, match=r"a vector of gradients, got shape \(2, 3\)"):
        optimizer(torch.zeros(2, 3), optimizer.initial_state(6))


def test_a_tensor_crosses_in_the_precision_that_is_asked_for():
    like = torch.zeros(2)
    value = torch.tensor([1 + 1e-12, 0], dtype=torch.float64)
    assert tensor_from(value, like, "it").tolist() == [1, 0]
    assert torch.equal(tensor_from(value, like, "it", torch.float64), value)
    with pytest.raises(NoAnswer, match="a tensor of shape"):
        tensor_from(value[:1], like, "it", torch.float64)
