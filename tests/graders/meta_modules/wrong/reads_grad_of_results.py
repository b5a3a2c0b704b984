"""After the first update no weight is a leaf, and .grad is None.

Loses: the new weights, after one update and after some.
Loses: tied weights move as one, and unused ones not at all.
Loses: second order: the graph leads through the gradients.
Loses: first order: the gradients count as constants.
"""


def update(module, loss, rate, first_order=False):
    loss.backward(retain_graph=True, create_graph=not first_order)
    weights = [b for b in module.buffers() if b.requires_grad]
    new = {w: w if w.grad is None else w - rate * w.grad for w in weights}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
