"""What the exams compare with is itself compared: with finite differences in float64."""

import pytest
import torch
from answers import FOLDER, run, solved

from l2l_ref.checks.answering import Kept, NoAnswer, tensor_from
from l2l_ref.checks.examining import normal
from l2l_ref.checks.lstm_answers import Optimizer, gradients_of_steps, unpacked
from l2l_ref.checks.lstm_optimizer import check
from l2l_ref.checks.lstm_optimizer.optimizees import FUNCTIONS, Optimizee
from l2l_ref.checks.lstm_optimizer.windows import (
    Hidden,
    ends_of,
    problem,
    run_from,
    unrolled_otherwise,
)
from l2l_ref.checks.lstm_questions import SCALE, by_name, reference, turned, turned_back
from l2l_ref.support.randomness import generator
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


@pytest.mark.parametrize(
    ("mistake", "scale", "state"), [({"sign": -1}, -SCALE, 1), ({"fresh": True}, SCALE, 0)]
)
def test_mistakes_all_over_are_what_they_say(mistake, scale, state):
    """Updates subtracted are those of an optimizer with minus the scale; a fresh state is zero."""
    question = asked()
    found = unrolled_otherwise(question, LENGTH, **mistake)
    optimizer = reference(question["probe_weights"], scale)
    other = question | {"probe_state": state * question["probe_state"]}
    losses, _ = unroll(optimizer, run_from(other), LENGTH)
    torch.testing.assert_close(found[0], losses.sum().detach())
    torch.testing.assert_close(found[1], by_name(optimizer, losses.sum()))


def test_ends_in_the_first_weight():
    """Finite differences of what is left after one update, times the probes."""
    question, h = asked(), 1e-6
    parts = ["theta", *(f"{name} of cell {k}" for k in range(2) for name in "hc")]
    probes = normal(dict.fromkeys(parts, (5, 4)) | {"theta": (5,)}, generator(1, "oracle"))
    weights = {name: w.double() for name, w in question["probe_weights"].items()}

    def ends(by: float) -> list[torch.Tensor]:
        moved = weights["cells.0.weight_ih"].clone()
        moved[3, 0] += by
        optimizer = Optimizer(weights | {"cells.0.weight_ih": moved}, SCALE)
        gradient = run_from(question).gradient[0]
        updates, state = optimizer(gradient, unpacked(question["probe_state"].double()))
        after = [updates, *(part for pair in state for part in pair)]
        return [(p * end).sum().detach() for p, end in zip(probes.values(), after, strict=True)]

    derivatives = ends_of(question | {"probes": probes, "length": 1})
    for name, low, high in zip(probes, ends(-h), ends(h), strict=True):
        slope = (high - low) / (2 * h)
        torch.testing.assert_close(derivatives[name][3, 0], slope, rtol=1e-6, atol=1e-8)


def test_coordinates_first_and_last_are_the_same_optimizer():
    question = asked()
    optimizer = Optimizer(question["probe_weights"], question["probe_scale"]).double()
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
    optimizer = Optimizer(question["probe_weights"], question["probe_scale"])
    with pytest.raises(ValueError, match=r"a vector of gradients, got shape \(2, 3\)"):
        optimizer(torch.zeros(2, 3), optimizer.initial_state(6))


def test_a_tensor_crosses_in_the_precision_that_is_asked_for():
    like = torch.zeros(2)
    value = torch.tensor([1 + 1e-12, 0], dtype=torch.float64)
    assert tensor_from(value, like, "it").tolist() == [1, 0]
    assert torch.equal(tensor_from(value, like, "it", torch.float64), value)
    with pytest.raises(NoAnswer, match="a tensor of shape"):
        tensor_from(value[:1], like, "it", torch.float64)


def test_gradients_are_met_after_a_closure_has_run():
    weight = torch.nn.Parameter(torch.ones(2))
    sgd = torch.optim.SGD([weight], lr=0.5)
    met = gradients_of_steps(sgd)

    def closure():
        value = (3 * weight).sum()
        value.backward()
        return value

    assert sgd.step(closure) == 6
    assert met[0][0].tolist() == [3, 3]
    assert weight.tolist() == [-0.5, -0.5]


def test_what_is_in_grad_is_kept_too():
    weight = torch.nn.Parameter(torch.ones(2))
    weight.grad = torch.ones(2)
    kept = Kept("it", lambda: {"weight": weight})
    weight.grad = torch.ones(2)
    assert kept.changed() == []
    weight.grad += 1
    assert kept.changed() == ["weight.grad"]
    weight.grad = None
    assert kept.changed() == ["weight.grad"]


def report_on(question: str, wrong: str) -> str:
    """What is said about one of the wrong answers, on one line."""
    answers = run((FOLDER / "lstm_optimizer" / "wrong" / f"{wrong}.py").read_text())
    return " ".join(str(check.examine(question, solved("lstm_optimizer") | answers)).split())


@pytest.mark.parametrize(
    ("question", "wrong", "says"),
    [
        ("log_and_sign", "takes_the_logarithm_of_zero", "log(0) is -inf"),
        ("step_all", "subtracts_the_updates", "the sign is wrong"),
        ("step_all", "clears_the_gradients_afterwards", "changed: the gradient of "),
        ("meta_loss", "subtracts_the_updates", "this is theta - update"),
        ("meta_loss", "begins_the_window_with_a_fresh_state", "begins with a fresh state"),
        ("meta_loss", "hands_back_h_alone_with_its_graph", "graph: c of cell 0, c of cell 1."),
        ("truncated", "lets_gradients_add_up_over_windows", "add up from window to window"),
        ("truncated", "clears_grad_after_each_window_only", "in .grad from before"),
        ("meta_step", "steps_before_going_backward", "nothing was in .grad when step() was"),
    ],
)
def test_known_mistakes_are_named(question, wrong, says):
    assert says in report_on(question, wrong)


def test_log_of_zero_is_suspected_only_where_a_number_is_not_finite():
    assert "log(0)" not in report_on("log_and_sign", "clamps_the_logarithm_on_both_sides")


@pytest.mark.parametrize(
    "question", sorted(set(check.points) - {"log_and_sign", "is_meta_gradient"})
)
def test_an_error_is_told_in_the_words_of_the_question(question):
    """No word of tensors that only the check knows, such as the gradients of all steps in one."""

    def answer(*_):
        raise ValueError("too bad")

    report = str(check.examine(question, {question: answer}))
    assert "ValueError: too bad" in report
    assert "cells" in report or "gradients of weight (3, 2)" in report
    assert "=" not in report.split("too bad")[0]
