"""As short as it gets."""

import torch
import torch.nn.functional as F
from torch import func


def kind(tensor):
    return "constant" if not tensor.requires_grad else "leaf" if tensor.is_leaf else "result"


def sgd_step(weights, gradients, rate):
    return {n: torch.add(weights[n], gradients[n] * rate, alpha=-1) for n in weights}


def put(module, name, tensor):
    old = dict(module.named_parameters())[name]
    for m in module.modules():
        m._parameters.update({n: tensor for n, p in m._parameters.items() if p is old})


def unrolled(module, x, y, rates, steps, gradient_of):
    def loss(weights, buffers):
        return F.mse_loss(func.functional_call(module, weights | buffers, (x,)), y)

    def buffers():
        return {n: b.clone() for n, b in module.named_buffers()}

    weights = {n: w.detach() for n, w in module.named_parameters()}
    for _ in range(steps):
        g = gradient_of(loss)(weights, buffers())
        weights = {n: weights[n] - rates[n] * g[n] for n in weights}
    return loss(weights, buffers())


def loss_after(module, x, y, rates, steps):
    return unrolled(module, x, y, rates, steps, func.grad)


def first_order(module, x, y, rates, steps):
    def constant(loss):
        return lambda *a: {n: g.detach() for n, g in func.grad(loss)(*a).items()}

    return func.grad(lambda r: unrolled(module, x, y, r, steps, constant))(rates)


def learn_rates(loss_of, rates, meta_rate, steps):
    rates = {n: r.detach().clone().requires_grad_() for n, r in rates.items()}
    adam = torch.optim.SGD(rates.values(), lr=meta_rate)
    for _ in range(steps):
        adam.zero_grad()
        loss_of(rates).backward(inputs=list(rates.values()))
        adam.step()
    return rates
