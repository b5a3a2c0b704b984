"""The tensors take the memory of the file's tensors, by their data.

Axis: behind.
Loses: load: the tensors stay what they are, apart from the file's.
"""


def load_pretrained(network, state, head):
    own = network.state_dict()
    inside = [name for name in own if name.startswith(head + ".")]
    wanted = {name: own[name] for name in own if name not in inside}
    given = {name: state[name] for name in state if not name.startswith(head + ".")}
    if wanted.keys() != given.keys():
        raise KeyError(sorted(wanted.keys() ^ given.keys()))
    for name, tensor in wanted.items():
        if tensor.shape != given[name].shape:
            raise ValueError(name)
    buffers = dict(network.named_buffers(remove_duplicate=False))
    for name, tensor in wanted.items():
        buffers[name].data = given[name].detach().to(tensor.dtype)
    return inside
