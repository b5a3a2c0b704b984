"""It raises RuntimeError, after it has loaded what fits.

Loses: load: a name too few or too many raises KeyError first.
Loses: load: another shape raises ValueError first.
"""


def load_pretrained(network, state, head):
    own, prefix = network.state_dict(), head + "."
    kept = [name for name in own if name.startswith(prefix)]
    state = {name: tensor for name, tensor in state.items() if not name.startswith(prefix)}
    network.load_state_dict(state | {name: own[name] for name in kept})
    return kept
