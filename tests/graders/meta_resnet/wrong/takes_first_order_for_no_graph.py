"""A gradient that is a constant is taken for a weight that is one.

Loses: diagnose: a flaw that is plain is named, and none where none is.
Axis: graph.
"""

import torch


def diagnose(implementation):
    theta = {name: torch.randn(3).double().requires_grad_() for name in ("shared", "own")}
    mean, x, t = (torch.randn(shape).double() for shape in ((3,), (5, 3), (5,)))
    given = mean.clone()
    after, new = implementation(theta, mean, x, t, 0.5)
    if not torch.equal(mean, given):
        return "written back"
    if torch.allclose(new, given):
        return "not carried"
    z, (shared, own) = x - x.mean(0), theta.values()
    loss = ((z * shared).tanh() @ own + z @ shared - t).square().mean()
    slopes = torch.autograd.grad(loss, list(theta.values()))
    for (name, w), slope in zip(theta.items(), slopes):
        if torch.allclose(after[name], w - slope):
            return "stepped twice"
        if not torch.allclose(after[name], w - 0.5 * slope):
            return "running mean"
    for name, w in theta.items():
        if not after[name].requires_grad:
            return "no graph"
        v = torch.randn(3).double()
        if torch.allclose(torch.autograd.grad(v @ after[name], w, retain_graph=True)[0], v):
            return "no graph"
    return "none"
