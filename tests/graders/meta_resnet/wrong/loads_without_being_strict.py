"""strict=False swallows every slip.

Loses: load: a name too few or too many raises KeyError first.
Loses: load: another shape raises ValueError first.
"""


def load_pretrained(network, state, head):
    prefix = head + "."
    state = {name: tensor for name, tensor in state.items() if not name.startswith(prefix)}
    return network.load_state_dict(state, strict=False).missing_keys
