"""The numbers of each layer are stretched until their mean square is what it should be.

Loses: initialise: the numbers come from the generator.
Axis: random.
"""

from answers import solved

right = solved("meta_resnet")["initialise"]


def initialise(network, generator):
    right(network, generator)
    for buffer in {id(each): each for each in network.buffers()}.values():
        if buffer.requires_grad and buffer.ndim == 4 and buffer.numel() > 1:
            wanted = 2 / (len(buffer) * buffer[0, 0].numel())
            numbers = buffer.detach()
            numbers *= (wanted / numbers.square().mean()) ** 0.5
