"""The errors are right, but some numbers are loaded by then.

Loses: load: a name too few or too many raises KeyError first.
Loses: load: another shape raises ValueError first.
Axis: refusal.
"""


def load_pretrained(network, state, head):
    own, prefix = network.state_dict(), head + "."
    state = {name: tensor for name, tensor in state.items() if not name.startswith(prefix)}
    for name, tensor in state.items():
        if own[name].shape != tensor.shape:
            raise ValueError(name)
        own[name].copy_(tensor)
    missing = [name for name in own if name not in state]
    if any(not name.startswith(prefix) for name in missing):
        raise KeyError(missing)
    return missing
