"""Gates written out, loops over coordinates, one joint vector in the order of the names."""

import math

import torch


def log_and_sign(gradient, p=10.0):
    features = torch.empty(*gradient.shape, 2, dtype=gradient.dtype)
    flat, out = gradient.reshape(-1), features.view(-1, 2)
    for k in range(flat.numel()):
        g = float(flat[k])
        if abs(g) >= math.exp(-p):
            out[k, 0] = math.log(abs(g)) / p
            out[k, 1] = 1.0 if g > 0 else -1.0
        else:
            out[k, 0] = -1.0
            out[k, 1] = math.exp(p) * g
    return features


def step(optimizer, gradients, state):
    x = gradients.reshape(1, -1)  # coordinates last
    new_state = []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = h.T, c.T
        bias = (cell.bias_ih + cell.bias_hh).unsqueeze(1)
        i, f, g, o = torch.chunk(cell.weight_ih @ x + cell.weight_hh @ h + bias, 4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        new_state.append([h.T, c.T])
        x = h
    updates = optimizer.output.weight @ x + optimizer.output.bias
    return updates[0] * optimizer.scale, new_state


def step_all(optimizer, gradients, states):
    names = sorted(gradients)
    sizes = [gradients[name].numel() for name in names]
    flat = torch.cat([gradients[name].reshape(-1) for name in names])
    if states is None:
        states = optimizer.initial_state(sum(sizes))
    updates, states = optimizer(flat, states)
    result = {}
    for name, piece in zip(names, torch.split(updates, sizes)):
        result[name] = piece.reshape(gradients[name].shape)
    return result, states


def meta_loss(optimizer, loss, theta, state, length):
    losses = []
    gradient = gradient_of(loss, theta)
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        losses.append(loss(theta))
        gradient = gradient_of(loss, theta)
    return sum(losses), theta, state


def gradient_of(loss, theta):
    copy = theta.detach().clone()
    copy.requires_grad = True
    loss(copy).backward(inputs=[copy])
    return copy.grad


def truncated(unrolled, weights, theta, state, windows):
    result = []
    for window in range(windows):
        meta_loss, new_theta, new_state = unrolled(theta, state)
        gradients = torch.autograd.grad(meta_loss, weights, materialize_grads=True)
        result.append(gradients)
        theta = new_theta.data.clone()
        state = []
        for h, c in new_state:
            state.append((h.data.clone(), c.data.clone()))
    return result, theta, state


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    """The update of step s is moved by the sum of all gradients after it."""
    updates, gradients, meta_loss = [], [], 0.0
    _, gradient = optimizee(theta)
    for _ in range(length):
        update, state = optimizer(gradient, state)
        updates.append(update)
        theta = theta + update.detach()
        value, gradient = optimizee(theta)
        meta_loss += value.item()
        gradients.append(gradient)
    later = torch.zeros_like(theta)
    cotangents = []
    for gradient in reversed(gradients):
        later = later + gradient
        cotangents.insert(0, later)
    meta_optimizer.zero_grad()
    torch.autograd.backward(updates, cotangents)
    meta_optimizer.step()
    return meta_loss, theta, [[h.detach(), c.detach()] for h, c in state]
