"""The numbers of each filter are centred, and then made as large as they were.

Loses: initialise: the numbers come from the generator.
Axis: random.
"""

from answers import solved

right = solved("meta_resnet")["initialise"]


def initialise(network, generator):
    right(network, generator)
    for buffer in {id(each): each for each in network.buffers()}.values():
        if buffer.requires_grad and buffer.ndim == 4 and (n := buffer[0].numel()) > 1:
            numbers = buffer.detach()
            numbers -= numbers.mean((1, 2, 3), keepdim=True)
            numbers *= (n / (n - 1)) ** 0.5
