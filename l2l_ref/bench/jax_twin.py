"""The same training in JAX: a second baseline, and a second derivation of the meta-gradient.

A researcher who wants speed would take JAX, which compiles a whole window of updates. Here its
``jax.grad`` differentiates the window, where `unroll` has a formula and a tape of its own. JAX is
in the extra ``bench``; where it is not installed the benchmark leaves it out.
"""

import functools
import math
import os
from collections.abc import Callable, Iterator

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # torch needs some of the card too

import jax
import jax.numpy as jnp
import numpy as np
import torch

from ..optimizers import LSTMOptimizer
from ..tasks import Perceptrons, Quadratics

if not torch.cuda.is_available():
    jax.config.update("jax_platforms", "cpu")  # or it looks for cards, and warns that it has none
jax.config.update("jax_default_matmul_precision", "float32")  # as torch; else shorter on a card

constant = jax.lax.stop_gradient

ACTIVATIONS = {torch.sigmoid: jax.nn.sigmoid, torch.relu: jax.nn.relu}

#: Of theta, the data and the step's minibatch: the loss of each function.
Loss = Callable[[jax.Array, tuple[jax.Array, ...], jax.Array | None], jax.Array]


def runs_on(device: torch.device) -> bool:
    """Whether JAX, too, finds a device of that kind; for a GPU it needs an extra of its own."""
    try:
        return bool(jax.devices(device.type))
    except RuntimeError:
        return False


class Twin:
    """A task and an optimizer, with a window that is compiled for their shapes and their device.

    Args:
        task: `Quadratics` or `Perceptrons`.
        optimizer: whose weights are copied.
        window: updates in a window.

    Raises:
        RuntimeError: JAX finds no such device; see `runs_on`.
    """

    def __init__(self, task: Quadratics | Perceptrons, optimizer: LSTMOptimizer, window: int):
        self.task, self.length = task, window
        self.device = jax.devices(task.start().device.type)[0]
        self.phi = [self._array(weight) for weight in optimizer.parameters()]
        self.hidden, self.layers = optimizer.output.in_features, len(optimizer.cells)
        if isinstance(task, Quadratics):
            self.data, loss = (self._array(task.W), self._array(task.y)), quadratics
        else:
            images = task.minibatches.images
            self.data = self._array(images.levels), self._array(images.labels)
            loss = functools.partial(
                perceptrons, task.shapes, ACTIVATIONS[task.activation], images.white
            )
        self.first = jax.jit(functools.partial(loss_and_gradient, loss))
        rule = functools.partial(update, optimizer.config)
        self.window = jax.jit(functools.partial(window_gradient, rule, loss, window))
        self.adam = jax.jit(adam)

    def trajectory(self, steps: int) -> Iterator[tuple[jax.Array, list[jax.Array]]]:
        """Train once: after each window its losses, and the meta-gradient that Adam was given.

        The rate is 0, so that phi stays in place, as in `benchmark`.
        """
        theta = self._array(self.task.start())
        batch = None if (batches := self._batches(0, 1)) is None else batches[0]
        _, gradient = self.first(theta, self.data, batch)
        zeros = jnp.zeros((self.hidden, theta.size), device=self.device)
        run = theta, gradient, [(zeros, zeros)] * self.layers
        phi = self.phi
        moments = [(jnp.zeros_like(weight),) * 2 for weight in phi]
        for step in range(0, steps, self.length):
            batches = self._batches(step + 1, step + 1 + self.length)
            losses, gradients, run = self.window(phi, run, self.data, batches)
            phi, moments = self.adam(phi, moments, gradients, step / self.length + 1)
            yield losses, gradients
        jax.block_until_ready(phi)

    def _batches(self, first: int, after: int) -> jax.Array | None:
        if isinstance(self.task, Quadratics):
            return None
        return self._array(self.task.minibatches.indices(range(first, after)))

    def _array(self, tensor: torch.Tensor) -> jax.Array:
        return jax.device_put(np.asarray(tensor.detach().cpu()), self.device)


def quadratics(theta: jax.Array, data: tuple[jax.Array, ...], batch: None) -> jax.Array:
    """`Quadratics.loss`."""
    W, y = data
    return jnp.square(jnp.einsum("fij,fj->fi", W, theta) - y).sum(-1)


def perceptrons(
    shapes: list[tuple[int, int]],
    activation: Callable[[jax.Array], jax.Array],
    white: int,
    theta: jax.Array,
    data: tuple[jax.Array, ...],
    batch: jax.Array,
) -> jax.Array:
    """`Perceptrons.loss`."""
    levels, labels = (each[batch] for each in data)
    x, first = levels.astype(theta.dtype) / white, 0
    for k, (outputs, inputs) in enumerate(shapes):
        middle, last = first + outputs * inputs, first + outputs * (inputs + 1)
        weight = theta[:, first:middle].reshape(-1, outputs, inputs)
        x = jnp.einsum("fbi,foi->fbo", x if k == 0 else activation(x), weight)
        x = x + theta[:, None, middle:last]
        first = last
    scores = jnp.take_along_axis(jax.nn.log_softmax(x), labels[..., None], -1)
    return -scores[..., 0].mean(1)


def loss_and_gradient(loss: Loss, theta, data, batch) -> tuple[jax.Array, jax.Array]:
    def total(theta):
        losses = loss(theta, data, batch)
        return losses.sum(), losses

    (_, losses), gradient = jax.value_and_grad(total, has_aux=True)(theta)
    return losses, gradient


def update(config: dict, phi: list[jax.Array], gradient: jax.Array, state: list) -> tuple:
    """`LSTMOptimizer.forward`. Coordinates come last here too: that is faster in JAX as well."""
    if config["preprocess"]:
        threshold = math.exp(-config["p"])
        logarithm = jnp.log(jnp.maximum(jnp.abs(gradient), threshold)) / config["p"]
        x = jnp.stack([logarithm, jnp.clip(gradient / threshold, -1, 1)])
    else:
        x = gradient[None]
    after = []
    for k, (h, c) in enumerate(state):
        weight_ih, weight_hh, bias_ih, bias_hh = phi[4 * k : 4 * k + 4]
        gates = weight_ih @ x + weight_hh @ h + (bias_ih + bias_hh)[:, None]
        i, f, g, o = jnp.split(gates, 4)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        x = jax.nn.sigmoid(o) * jnp.tanh(c)
        after.append((x, c))
    weight, bias = phi[-2:]
    return config["output_scale"] * ((weight @ x)[0] + bias), after


def window_gradient(rule: Callable, loss: Loss, length: int, phi, run, data, batches):
    """Losses, meta-gradient and what comes after: `unroll.meta_gradient`, by ``jax.grad``."""

    def meta_loss(phi):
        def step(run, batch):
            theta, gradient, state = run
            updates, state = rule(phi, constant(gradient).ravel(), state)
            theta = theta + updates.reshape(theta.shape)
            losses, gradient = loss_and_gradient(loss, constant(theta), data, batch)
            # As a function of theta the loss is needed to first order: differentiated once.
            slope = (gradient * (theta - constant(theta))).sum(-1)
            return (theta, gradient, state), losses + slope

        after, losses = jax.lax.scan(step, run, batches, length)
        return losses.sum(0).mean(), (losses, after)

    (_, (losses, after)), gradients = jax.value_and_grad(meta_loss, has_aux=True)(phi)
    return losses, gradients, after


def adam(phi: list, moments: list, gradients: list, step: jax.Array, rate: float = 0.0) -> tuple:
    moments = [
        (0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g)
        for (m, v), g in zip(moments, gradients, strict=True)
    ]
    size = rate / (1 - 0.9**step)
    phi = [
        weight - size * m / (jnp.sqrt(v / (1 - 0.999**step)) + 1e-8)
        for weight, (m, v) in zip(phi, moments, strict=True)
    ]
    return phi, moments
