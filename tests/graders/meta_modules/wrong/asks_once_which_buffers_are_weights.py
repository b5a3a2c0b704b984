"""The places of the weights of a module are looked for in the first call, and are known from then on.

Loses: all weights by their dotted names, and nothing else.
Loses: the network computes with the tensor, and its graph leads back.
Loses: the new weights, after one update and after some.
Axis: again.
"""

import functools

import torch


@functools.lru_cache(maxsize=4)
def places(module):
    """The names of all weights."""
    pairs = module.named_buffers(remove_duplicate=False)
    return [name for name, buffer in pairs if buffer.requires_grad]


def there(module):
    """The weights by name, tied ones under each of theirs."""
    return {name: module.get_buffer(name) for name in places(module)}


def exchange(module, old, new):
    for name, buffer in there(module).items():
        if buffer is old:
            path, _, last = name.rpartition(".")
            setattr(module.get_submodule(path), last, new)


def named_weights(module):
    first = {}
    for name, buffer in there(module).items():
        first.setdefault(buffer, name)
    return {name: buffer for buffer, name in first.items()}


def put_weight(module, name, tensor):
    old = there(module)[name]
    if old.shape != tensor.shape:
        raise ValueError(name)
    exchange(module, old, tensor)


def update(module, loss, rate, first_order=False):
    weights = list(named_weights(module).values())
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    for weight, gradient in zip(weights, torch.autograd.grad(loss, weights, **options)):
        exchange(module, weight, weight - rate * gradient)
