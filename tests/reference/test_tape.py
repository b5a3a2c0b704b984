"""The window without autograd against autograd, and against finite differences."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.tape import Tape, tanh_


def random_state(optimizer, n):
    return [(torch.randn_like(h), torch.randn_like(c)) for h, c in optimizer.initial_state(n)]


def readable(optimizer, gradients, state):
    """The updates of a window by `LSTMOptimizer.forward`, with their graph."""
    updates = []
    for g in gradients:
        update, state = optimizer(g, state)
        updates.append(update)
    return torch.stack(updates), state


def taped(tape, gradients, state):
    tape.begin(state)
    return torch.stack([tape.step(g) for g in gradients]), tape.state()


@given(st.integers(1, 4), st.integers(1, 3), st.booleans(), st.integers(1, 5), st.integers(1, 4))
def test_agrees_with_autograd(hidden, layers, preprocess, n, length):
    torch.set_default_dtype(torch.float64)
    optimizer = LSTMOptimizer(hidden, layers, preprocess, output_scale=0.7)
    tape = Tape(optimizer, n, length)
    state = random_state(optimizer, n)
    for _ in range(2):  # the second window uses the memory again
        start, (gradients, cotangents) = state, torch.randn(2, length, n)
        expected, expected_state = readable(optimizer, gradients, state)
        updates, state = taped(tape, gradients, state)
        torch.testing.assert_close(updates, expected)
        torch.testing.assert_close(state, expected_state)
        torch.testing.assert_close(
            tape.gradient(cotangents),
            list(torch.autograd.grad(expected, list(optimizer.parameters()), cotangents)),
        )
        torch.testing.assert_close(tape.state(), start)
        with pytest.raises(RuntimeError, match=f"has taken 0 of {length} steps"):
            tape.gradient(cotangents)


def test_agrees_to_rounding_in_float32(device):
    optimizer = LSTMOptimizer(preprocess=True).to(device)
    n, length = 200, 20
    gradients = torch.randn(length, n, device=device) * torch.logspace(-8, 2, n, device=device)
    cotangents = torch.randn(length, n, device=device)
    state = optimizer.initial_state(n)
    expected, _ = readable(optimizer, gradients, state)
    tape = Tape(optimizer, n, length)
    updates, _ = taped(tape, gradients, state)
    torch.testing.assert_close(updates, expected, rtol=0, atol=1e-6)
    wanted = torch.autograd.grad(expected, list(optimizer.parameters()), cotangents)
    for mine, theirs in zip(tape.gradient(cotangents), wanted, strict=True):
        assert (mine - theirs).norm() <= 2e-5 * theirs.norm()


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("length", [1, 3])
def test_finite_differences(length):
    """As an autograd function of the weights the tape passes torch's own check."""
    optimizer = LSTMOptimizer(hidden=2, preprocess=True)
    n = 3
    gradients, state = torch.randn(length, n), random_state(optimizer, n)

    def forward(weights):
        for weight, value in zip(optimizer.parameters(), weights, strict=True):
            weight.data.copy_(value)
        tape = Tape(optimizer, n, length)
        return taped(tape, gradients, state)[0], tape

    class Window(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *weights):
            ctx.weights = weights
            return forward(weights)[0]

        @staticmethod
        def backward(ctx, cotangents):  # the way back uses the tape up, so run forward again
            return tuple(forward(ctx.weights)[1].gradient(cotangents))

    weights = [weight.detach().clone().requires_grad_() for weight in optimizer.parameters()]
    assert gradcheck(Window.apply, weights)


def test_the_order_of_parameters():
    optimizer = LSTMOptimizer()
    tape = Tape(optimizer, 2, 1)
    taped(tape, torch.ones(1, 2), optimizer.initial_state(2))
    shapes = [gradient.shape for gradient in tape.gradient(torch.ones(1, 2))]
    assert shapes == [weight.shape for weight in optimizer.parameters()]


def test_a_tape_that_forgets_steps_alike_and_has_no_gradient():
    optimizer, gradients = LSTMOptimizer(hidden=3), torch.randn(5, 4)
    state = random_state(optimizer, 4)
    tape = Tape(optimizer, 4, 5, remember=False)
    updates, after = taped(tape, gradients, state)
    expected, expected_after = readable(optimizer, gradients, state)
    torch.testing.assert_close(updates, expected)
    torch.testing.assert_close(after, expected_after)
    with pytest.raises(RuntimeError, match="needs remember=True and all steps"):
        tape.gradient(torch.ones(5, 4))
    tape = Tape(optimizer, 4, 6)
    taped(tape, gradients, state)
    with pytest.raises(RuntimeError, match="has taken 5 of 6 steps"):
        tape.gradient(torch.ones(6, 4))


@pytest.mark.usefixtures("float64")
def test_blocks_of_different_sizes_agree_with_autograd(monkeypatch):
    monkeypatch.setattr("l2l_ref.tape.BLOCK", 3)
    optimizer, (gradients, cotangents) = LSTMOptimizer(hidden=3), torch.randn(2, 4, 7)
    state = random_state(optimizer, 7)
    expected, expected_after = readable(optimizer, gradients, state)
    tape = Tape(optimizer, 7, 4)
    updates, after = taped(tape, gradients, state)
    assert tape.sizes == [3, 2, 2]
    torch.testing.assert_close(updates, expected)
    torch.testing.assert_close(after, expected_after)
    wanted = torch.autograd.grad(expected, list(optimizer.parameters()), cotangents)
    torch.testing.assert_close(tape.gradient(cotangents), list(wanted))


@pytest.mark.parametrize(("dtype", "off"), [(torch.float32, 2e-7), (torch.float64, 5e-16)])
def test_tanh_in_place(dtype, off):
    """As torch's own, and as it at what no LSTM should meet."""
    x = torch.cat([torch.linspace(-20, 20, 100_001), torch.tensor([0.0, 1e38, -1e38])]).to(dtype)
    x = torch.cat([x, torch.tensor([torch.inf, -torch.inf, torch.nan], dtype=dtype)])
    expected = x.tanh()
    assert tanh_(x) is x
    torch.testing.assert_close(x, expected, rtol=0, atol=off, equal_nan=True)
