"""What is handed on and handed back has no graph, and is ready to get one."""

import torch


def ready(tensor):
    return tensor.detach().clone().requires_grad_()


def truncated(unrolled, weights, theta, state, windows):
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(torch.autograd.grad(total, weights, materialize_grads=True))
        theta, state = ready(theta), [tuple(map(ready, pair)) for pair in state]
    return gradients, theta, state


def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    gradient = optimizee(theta)[1]
    total, thetas, nablas = 0.0, [], []
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta)
        total += float(value)
        thetas.append(theta)
        nablas.append(gradient)
    meta_optimizer.zero_grad()
    torch.autograd.backward(thetas, nablas)
    meta_optimizer.step()
    return total, ready(theta), [tuple(map(ready, pair)) for pair in state]
