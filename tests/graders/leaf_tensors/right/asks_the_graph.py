"""Reads the kind off the graph; steps, losses and slopes with other functions of torch."""

import torch
from torch import nn
from torch.autograd.graph import get_gradient_edge
from torch.func import functional_call


def kind(tensor):
    try:
        node = get_gradient_edge(tensor).node
    except RuntimeError:
        return "constant"
    return "leaf" if node.name().endswith("AccumulateGrad") else "result"


def sgd_step(weights, gradients, rate):
    return {n: torch.addcmul(weights[n], rate, gradients[n], value=-1) for n in reversed(weights)}


def put(module, name, tensor):
    """Into a buffer that was registered empty, by ordinary assignment."""
    (old,) = [p for n, p in module.named_parameters() if n == name] or [None]
    if old is None:
        raise KeyError(f"{name} is no parameter of {type(module).__name__}")
    for part in module.modules():
        for last in [n for n, p in part._parameters.items() if p is old]:
            delattr(part, last)
            part.register_buffer(last, None, persistent=False)
            setattr(part, last, tensor)


class Run:
    """The weights after k steps, each from those before."""

    def __init__(self, module, x, y, rates):
        self.module, self.x, self.y, self.rates = module, x, y, rates
        self.names = [name for name, _ in module.named_parameters()]
        self.buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}

    def loss(self, weights):
        tensors = self.buffers | dict(zip(self.names, weights))
        return nn.MSELoss()(functional_call(self.module, tensors, (self.x,)), self.y)

    def weights(self, steps):
        if steps == 0:
            return [p.detach().clone().requires_grad_() for p in self.module.parameters()]
        before = self.weights(steps - 1)
        gradients = torch.autograd.grad(self.loss(before), before, create_graph=True)
        return [
            torch.addcmul(w, self.rates[n], g, value=-1)
            for n, w, g in zip(self.names, before, gradients)
        ]


def loss_after(module, x, y, rates, steps):
    run = Run(module, x, y, rates)
    return run.loss(run.weights(steps))


def first_order(module, x, y, rates, steps):
    """No graph: the slope in a small probe e at 0, in theta_K - e * (sum of the gradients)."""
    run = Run(module, x, y, rates)
    theta = [p.detach().clone() for p in module.parameters()]
    sums = [torch.zeros_like(p) for p in theta]
    for _ in range(steps):
        at = [p.clone().requires_grad_() for p in theta]
        for n, p, s, g in zip(run.names, theta, sums, torch.autograd.grad(run.loss(at), at)):
            s.add_(g)
            p.sub_(rates[n].detach() * g)
    probes = [torch.zeros_like(rates[n], requires_grad=True) for n in run.names]
    moved = [p - e * s for p, e, s in zip(theta, probes, sums)]
    return dict(zip(run.names, torch.autograd.grad(run.loss(moved), probes)))


def learn_rates(loss_of, rates, meta_rate, steps):
    learned = {n: torch.empty_like(r).copy_(r.detach()).requires_grad_() for n, r in rates.items()}
    optimizer = torch.optim.SGD(learned.values(), lr=meta_rate, foreach=False)
    for _ in range(steps):
        slopes = torch.autograd.grad(loss_of({**learned}), tuple(learned.values()))
        for rate, slope in zip(learned.values(), slopes):
            rate.grad = slope.detach()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return learned
