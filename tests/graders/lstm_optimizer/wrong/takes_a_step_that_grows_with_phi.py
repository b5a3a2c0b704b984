"""An entry far from 0 takes a longer step, over which its meta-loss bends.

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

    sizes = 1e-5 * (1 + phi.detach().abs())
    slopes = torch.stack([loss(phi + e) - loss(phi - e) for e in sizes.diag()]) / (2 * sizes)
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
