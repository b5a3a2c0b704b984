"""The second name of a tied weight is refused as unknown.

Loses: load: all but the head; the names that were not loaded.
Axis: ties.
"""


def load_pretrained(network, state, head):
    own, prefix = dict(network.named_buffers()), head + "."
    own = {name: own[name] for name in own if name in network.state_dict()}
    mine = {name for name in own if not name.startswith(prefix)}
    if mine != {name for name in state if not name.startswith(prefix)}:
        raise KeyError("names")
    if any(own[name].shape != state[name].shape for name in mine):
        raise ValueError("shapes")
    for name in mine:
        own[name].detach().copy_(state[name])
    return [name for name in own if name not in mine]
