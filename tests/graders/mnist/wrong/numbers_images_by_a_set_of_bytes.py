"""The order of a set of bytes is another one in each process.

Loses: chance alone deals, out of the generator.
Axis: random.
"""

import torch
from answers import solved

right = solved("mnist")["deal"]


def deal(images, shares, generator):
    pictures = [image.tobytes() for image in (images + 0).numpy()]
    number = {picture: k for k, picture in enumerate({bytes(each) for each in pictures})}
    return right(torch.tensor([number[each] for each in pictures])[:, None], shares, generator)
