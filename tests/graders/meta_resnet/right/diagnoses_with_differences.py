"""Slopes are compared with differences of what the step itself gives; the gradient is by hand."""

import torch


def diagnose(implementation):
    d, n, rate = 2, 7, 0.1
    numbers = torch.Generator().manual_seed(11)

    def draw(*shape):
        return torch.randn(shape, generator=numbers, dtype=torch.float64)

    shared, own, mean, x, t = draw(d), draw(d), draw(d), draw(n, d) - 2, draw(n)

    def step(shared, own):
        given = mean.clone()
        theta = {"own": own, "shared": shared}
        return *implementation(theta, given, x, t, rate), given

    leaves = [w.clone().requires_grad_() for w in (shared, own)]
    after, new, given = step(*leaves)
    if (given != mean).any():
        return "written back"
    if (new - mean).norm() < 1e-8:
        return "not carried"
    for k, name in enumerate(("shared", "own")):
        if after[name].grad_fn is None:
            return "no graph"
        h = torch.zeros(d, dtype=torch.float64)
        h[0] = 1e-5
        ends = [[w + (i == k) * s * h for i, w in enumerate((shared, own))] for s in (1, -1)]
        plus, minus = (step(*[w.requires_grad_() for w in end])[0][name][0] for end in ends)
        (slope,) = torch.autograd.grad(after[name][0], leaves[k], retain_graph=True)
        if abs(slope[0] - (plus - minus) / 2e-5) > 1e-6:
            return "first order"
    z = x - x.mean(0)
    bent = (z * shared).tanh()
    left = (bent @ own + z @ shared - t) * 2 / n
    moved = (left[:, None] * z * (1 + own * (1 - bent * bent))).sum(0) * rate
    if (after["shared"] - (shared - 2 * moved)).norm() < 1e-8:
        return "stepped twice"
    return "none" if (after["shared"] - (shared - moved)).norm() < 1e-8 else "running mean"
