"""Images and labels for the optimizees, in three parts that share no image."""

import functools
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from .support.errors import InputError
from .support.files import data_folder, write_whole
from .support.network import short_patience

#: Optimizers are trained on the first part, learning rates and checkpoints are chosen on the
#: second, results are reported on the third.
Split = Literal["train", "tune", "report"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True)
class Images:
    """Flat images with their labels; ``images[index]`` gives some of both.

    Args:
        levels: how bright each pixel is, from 0 to ``white``; bytes take a quarter of the memory.
        labels: from 0 to 9.
        white: the level of a white pixel.
    """

    levels: Shaped[Tensor, "images pixels"]
    labels: Int[Tensor, " images"]
    white: int = 1

    def __post_init__(self):
        if len(self.levels) != len(self.labels):
            raise ValueError(
                f"got {len(self.levels)} images and {len(self.labels)} labels; each image needs one"
            )

    def __getitem__(
        self, index: slice | Tensor
    ) -> tuple[Float[Tensor, "*chosen pixels"], Int[Tensor, "*chosen"]]:
        """The pixels, from 0 to 1, and the labels of those with this index."""
        levels = self.levels[index].to(torch.get_default_dtype())
        return levels / self.white, self.labels[index]

    @property
    def pixels(self) -> Float[Tensor, "images pixels"]:
        """All pixels, from 0 to 1."""
        return self[:][0]


def _once(load: Callable[[Split, str], Images]) -> Callable[..., Images]:
    """Load each split once for each device, however the device is named."""
    loaded = functools.cache(load)

    @functools.wraps(load)
    def images(split: Split, device: str | torch.device = "cpu") -> Images:
        if split not in SPLITS:
            raise ValueError(f"got split {split!r}; it must be one of {', '.join(SPLITS)}")
        return loaded(split, str(device))

    images.forget = loaded.cache_clear
    return images


@_once
def digits(split: Split, device: str) -> Images:
    """scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, which need no download.

    The three splits hold 60, 20 and 20 percent of them, drawn once and for all.

    Raises:
        ValueError: there is no such split.
    """
    from sklearn.datasets import load_digits  # slow to import, so only when needed

    bunch = load_digits()
    levels = torch.as_tensor(bunch.data, dtype=torch.uint8)
    labels = torch.as_tensor(bunch.target, dtype=torch.int64)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    parts = order.tensor_split([len(order) * 3 // 5, len(order) * 4 // 5])
    part = parts[SPLITS.index(split)]
    return Images(levels[part].to(device), labels[part].to(device), white=16)


@_once
def mnist(split: Split, device: str) -> Images:
    """The 70,000 handwritten digits of MNIST, of 28 x 28 pixels.

    The training file is cut once and for all into 50,000 images to train on and 10,000 to tune
    on; the report is on the 10,000 of the test file.

    The files are looked for in the folder that the environment variable ``L2L_DATA`` names, or
    else in the user's cache, laid out as torchvision has them. Those that are not there are
    downloaded by torchvision. Every file is read once and its checksum compared, so that a
    half-written one is noticed.

    Raises:
        ValueError: there is no such split.
        InputError: a file is damaged, or missing and cannot be downloaded.
    """
    if split == "report":
        images, labels = _read("t10k-images-idx3-ubyte"), _read("t10k-labels-idx1-ubyte")
    else:
        images, labels = _read("train-images-idx3-ubyte"), _read("train-labels-idx1-ubyte")
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
        part = order[:50_000] if split == "train" else order[50_000:]
        images, labels = images[part], labels[part]
    return Images(images.to(device), labels.to(device, torch.int64), white=255)


#: The unpacked files: the MD5 sum of the whole, the bytes before the data, the shape of the data.
MNIST_FILES = {
    "train-images-idx3-ubyte": ("6bbc9ace898e44ae57da46a324031adb", 16, (60_000, 784)),
    "train-labels-idx1-ubyte": ("a25bea736e30d166cdddb491f175f624", 8, (60_000,)),
    "t10k-images-idx3-ubyte": ("2646ac647ad5339dbf082846283269ea", 16, (10_000, 784)),
    "t10k-labels-idx1-ubyte": ("27ae3e4e09519cfbb04c329615203637", 8, (10_000,)),
}


def _read(name: str) -> Tensor:
    """One file of MNIST as bytes in their shape.

    The file is parsed here, since importing torchvision takes longer than all the rest.
    """
    path = data_folder() / "MNIST" / "raw" / name
    if not path.exists():
        _download(path.parent)
    try:
        content = bytearray(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    checksum, header, shape = MNIST_FILES[name]
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != checksum:
        raise InputError(
            f"{path} is damaged or only half there: it has {len(content):,} bytes and the MD5 sum "
            f"{found}, not {checksum}; delete it, and it is downloaded again"
        )
    return torch.frombuffer(content, dtype=torch.uint8, offset=header).view(shape)


def _download(raw: Path) -> None:
    """Have torchvision download MNIST elsewhere, then put what is missing in its place."""
    from torchvision.datasets import MNIST  # slow to import, so only when needed

    with tempfile.TemporaryDirectory() as folder:
        try:
            with short_patience():
                MNIST(folder, download=True)
        except (OSError, RuntimeError) as error:
            raise _absent(raw, error) from None
        for name in MNIST_FILES:
            if not (raw / name).exists():
                write_whole(raw / name, Path(folder, "MNIST", "raw", name).read_bytes())


def _absent(raw: Path, error: Exception) -> InputError:
    reason = " ".join(str(error).strip().splitlines()[-1:]) or type(error).__name__
    return InputError(
        f"MNIST is not in {raw} and cannot be downloaded ({reason}). Either put its four unpacked "
        f"files, {', '.join(MNIST_FILES)}, into that folder, or set L2L_DATA to a folder that "
        "holds them in MNIST/raw; or use the task digits, whose images come with scikit-learn"
    )
