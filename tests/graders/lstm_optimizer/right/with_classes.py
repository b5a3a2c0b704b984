"""States in an object of their own, graphs through hooks and torch.func, losses kept in a tensor."""

import math

import torch
from torch.func import functional_call


class Sizes:
    def __init__(self, p):
        self.p = p

    def __call__(self, gradient):
        large = gradient.abs().ge(math.exp(-self.p))
        features = gradient.new_zeros((*gradient.size(), 2))
        features[..., 0] = -1
        features[..., 1] = gradient * math.exp(self.p)
        features[..., 0][large] = gradient[large].abs().log() / self.p
        features[..., 1][large] = gradient[large].sign()
        return features


def log_and_sign(gradient, p=10.0):
    return Sizes(p)(gradient)


def step(optimizer, gradients, state):
    """The weights come in as arguments."""
    weights = dict(optimizer.named_parameters())
    x, result = torch.stack([gradients], dim=1), ()
    for k, cell in enumerate(optimizer.cells):
        own = {n.split(".", 2)[2]: w for n, w in weights.items() if n.startswith(f"cells.{k}.")}
        pair = functional_call(cell, own, (x, (state[k][0], state[k][1])))
        result, x = (*result, pair), pair[0]
    update = torch.einsum("nh,h->n", x, weights["output.weight"][0]) + weights["output.bias"]
    return optimizer.scale * update, result


class States:
    def __init__(self, by_name):
        self.by_name = by_name

    def of(self, name, n, optimizer):
        return self.by_name[name] if name in self.by_name else optimizer.initial_state(n)


def step_all(optimizer, gradients, states):
    states, updates, new = states or States({}), {}, {}
    for name in gradients:
        n = gradients[name].numel()
        update, new[name] = optimizer(gradients[name].ravel(), states.of(name, n, optimizer))
        updates[name] = (
            update.unflatten(0, gradients[name].shape) if gradients[name].ndim else update[0]
        )
    return updates, States(new)


def meta_loss(optimizer, loss, theta, state, length):
    """Two thetas: the one with the graph, and a constant that follows it."""
    losses = []
    for _ in range(length):
        with torch.enable_grad():
            here = torch.tensor(theta.tolist(), dtype=theta.dtype, requires_grad=True) * 1
            (gradient,) = torch.autograd.grad(loss(here), here, create_graph=True)
        update, state = optimizer(gradient.detach(), state)
        theta = torch.add(theta, update)
        losses.append(loss(theta).reshape(1))
    return torch.cat(losses).sum(), theta, state


def truncated(unrolled, weights, theta, state, windows):
    """backward(inputs=...), and .grad as it was."""
    found, before = [], [w.grad for w in weights]
    for _ in range(windows):
        for w in weights:
            w.grad = None
        total, theta, state = unrolled(theta, state)
        total.backward(inputs=weights)
        found.append(tuple(torch.zeros_like(w) if w.grad is None else w.grad for w in weights))
        theta = theta.detach()
        state = [[h.detach(), c.detach()] for h, c in state]
    for w, grad in zip(weights, before):
        w.grad = grad
    return found, theta, state


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    """Backward at every step of the window would be dear; the thetas' gradients all at once."""
    thetas, gradients, values = [], [], []
    gradient = optimizee(theta)[1]
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        with torch.no_grad():
            value, gradient = optimizee(theta)
        thetas.append(theta)
        gradients.append(gradient)
        values.append(float(value))
    meta_optimizer.zero_grad(set_to_none=False)
    torch.stack(thetas).backward(torch.stack(gradients))
    meta_optimizer.step()
    return math.fsum(values), theta.detach().clone(), [(h.detach(), c.detach()) for h, c in state]
