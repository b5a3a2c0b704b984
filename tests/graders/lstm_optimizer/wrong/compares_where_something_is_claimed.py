"""Where a claim is 0, nothing is compared.

Axis: values.
Loses: also where only one entry is wrong, and whatever the sizes.
"""

import torch


def replayed(rule, phi, optimizee, theta, state, nablas):
    total = 0
    for nabla in nablas:
        update, state = rule(nabla, state, phi)
        theta = theta + update
        total = total + optimizee(theta)[0]
    return total


def met(rule, phi, optimizee, theta, state, length):
    nablas = []
    for _ in range(length):
        nablas.append(optimizee(theta)[1])
        update, state = rule(nablas[-1], state, phi)
        theta = theta + update
    return nablas


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    nablas = met(rule, phi, optimizee, theta, state, length)

    def loss(phi):
        return replayed(rule, phi, optimizee, theta, state, nablas)

    steps = 1e-5 * torch.eye(len(phi), dtype=phi.dtype)
    slopes = torch.stack([loss(phi + e) - loss(phi - e) for e in steps]) / 2e-5
    off = torch.where(claimed == 0, 0.0, claimed - slopes).abs()
    return bool(off.max() < 0.02 * slopes.abs().max())
