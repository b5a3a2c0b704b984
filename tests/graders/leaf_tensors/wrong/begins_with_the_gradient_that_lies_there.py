"""Leaves are used as they are, and backward() adds to what is in their .grad.

Loses: the learned rates; those given stay as they were.
Axis: before.
"""


def learn_rates(loss_of, rates, meta_rate, steps):
    new = {
        n: r if r.requires_grad and r.is_leaf else r.detach().requires_grad_()
        for n, r in rates.items()
    }
    for _ in range(steps):
        loss_of(new).backward()
        slopes = [r.grad for r in new.values()]
        new = {
            n: (r - meta_rate * g).detach().requires_grad_()
            for (n, r), g in zip(new.items(), slopes)
        }
    return new
