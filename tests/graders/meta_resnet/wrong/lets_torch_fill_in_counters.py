"""Torch's batch norm does not mind when its counter is missing.

Loses: load: a name too few or too many raises KeyError first.
Axis: refusal.
"""

import copy


def load_pretrained(network, state, head):
    own, prefix = network.state_dict(), head + "."
    kept = {name: own[name].clone() for name in own if name.startswith(prefix)}
    given = {name: tensor for name, tensor in state.items() if not name.startswith(prefix)}
    if any(name in own and own[name].shape != given[name].shape for name in given):
        raise ValueError("shapes")
    missing, unknown = copy.deepcopy(network).load_state_dict(given | kept, strict=False)
    if missing or unknown:
        raise KeyError("names")
    network.load_state_dict(given | kept)
    return list(kept)
