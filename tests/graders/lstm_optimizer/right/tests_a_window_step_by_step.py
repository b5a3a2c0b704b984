"""The chain rule by hand: how theta and the state move with phi, from differences of single steps."""

import numpy as np
import torch


def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length, small=1e-6):
    phi, m, slopes = phi.detach(), len(phi), np.zeros(len(phi))
    by_theta, by_state = torch.zeros(m, *theta.shape), torch.zeros(m, *state.shape)
    by_theta, by_state = by_theta.double(), by_state.double()
    for _ in range(length):
        _, nabla = optimizee(theta)
        for k in range(m):
            e = torch.zeros(m, dtype=torch.float64).index_fill(0, torch.tensor(k), small)
            above = rule(nabla, state + small * by_state[k], phi + e)
            below = rule(nabla, state - small * by_state[k], phi - e)
            by_theta[k] += (above[0] - below[0]) / (2 * small)
            by_state[k] = (above[1] - below[1]) / (2 * small)
        update, state = rule(nabla, state, phi)
        theta = theta + update
        slopes += (by_theta @ optimizee(theta)[1]).numpy()
    return np.abs(claimed.numpy() - slopes).max() < 0.02 * np.abs(slopes).max()
