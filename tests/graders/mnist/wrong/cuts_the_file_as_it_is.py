"""Not at random: the first images train. A cut that would divide copies is not noticed.

Loses: no image is in two parts.
Loses: chance alone deals, out of the generator.
"""

import torch


def deal(images, shares, generator):
    ends = [round(sum(shares[: k + 1]) * len(images)) for k in range(len(shares) - 1)]
    return torch.arange(len(images)).tensor_split(ends)
