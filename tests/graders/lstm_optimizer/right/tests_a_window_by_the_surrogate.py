"""Differences of the thetas, and the products with constant gradients."""

from itertools import pairwise

import torch


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    nablas, now, h = [optimizee(theta)[1]], theta, state
    for _ in range(length):
        update, h = rule(nablas[-1], h, phi)
        now = now + update
        nablas.append(optimizee(now)[1])

    def surrogate(phi):
        total, now, h = 0, theta, state
        for nabla, last in pairwise(nablas):
            update, h = rule(nabla, h, phi)
            now = now + update
            total = total + last @ now
        return total

    steps = 1e-5 * torch.eye(len(phi), dtype=phi.dtype)
    slopes = torch.stack([surrogate(phi + e) - surrogate(phi - e) for e in steps]) / 2e-5
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
