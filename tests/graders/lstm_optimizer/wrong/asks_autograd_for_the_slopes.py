"""Autograd is asked, of functions that have cut their graph.

Axis: graph.
Loses: a right meta-gradient passes, and one along other edges is found.
Loses: also where only one entry is wrong, and whatever the sizes.
"""

import torch


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    leaf = phi.detach().requires_grad_()
    total, now, h = 0, theta, state
    for _ in range(length):
        update, h = rule(optimizee(now)[1], h, leaf)
        now = now + update
        total = total + optimizee(now)[0]
    (slopes,) = torch.autograd.grad(total, leaf)
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
