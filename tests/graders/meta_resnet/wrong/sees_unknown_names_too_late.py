"""The error is right, but everything is loaded by then.

Loses: load: a name too few or too many raises KeyError first.
Axis: refusal.
"""


def load_pretrained(network, state, head):
    own, prefix = network.state_dict(), head + "."
    left = {name: tensor for name, tensor in state.items() if not name.startswith(prefix)}
    mine = [name for name in own if not name.startswith(prefix)]
    if any(own[name].shape != left[name].shape for name in mine):
        raise ValueError("shapes")
    for name in mine:
        own[name].copy_(left.pop(name))
    if left:
        raise KeyError(next(iter(left)))
    return [name for name in own if name not in mine]
