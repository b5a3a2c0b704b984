"""Images and labels for the optimizees, in three parts that share no image."""

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int
from torch import Tensor

#: Optimizers are trained on the first part, learning rates and checkpoints are chosen on the
#: second, results are reported on the third.
Split = Literal["train", "tune", "report"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True)
class Images:
    """Flat images with their labels.

    Args:
        pixels: from 0 to 1.
        labels: from 0 to 9.
    """

    pixels: Float[Tensor, "images pixels"]
    labels: Int[Tensor, " images"]


@cache
def digits(split: Split, device: str | torch.device = "cpu") -> Images:
    """scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, which need no download.

    The three splits hold 60, 20 and 20 percent of them, drawn once and for all.

    Raises:
        ValueError: there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"got split {split!r}; it must be one of {', '.join(SPLITS)}")
    from sklearn.datasets import load_digits  # slow to import, so only when needed

    bunch = load_digits()
    pixels = torch.as_tensor(bunch.data, dtype=torch.float32) / 16
    labels = torch.as_tensor(bunch.target, dtype=torch.int64)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    parts = order.tensor_split([len(order) * 3 // 5, len(order) * 4 // 5])
    part = parts[SPLITS.index(split)]
    return Images(pixels[part].to(device), labels[part].to(device))
