"""Torchvision's ten ResNets, with weights that can carry a graph.

Each is the network of ``torchvision.models``, turned by `to_meta`: the same arguments, outputs,
initial weights and state-dict keys.

    >>> net = resnet18(num_classes=10)                     # or weights="DEFAULT"
    >>> gradients = torch.autograd.grad(net(x).sum(), net.parameters(), create_graph=True)
    >>> net.update_params(lr, source_params=gradients)     # the step is part of the graph
"""

import hashlib
from collections.abc import Callable
from enum import Enum
from http.client import HTTPException
from pathlib import Path
from typing import Any

import torch

from .modules import MetaModule, to_meta
from .support.errors import InputError
from .support.network import short_patience

_HE = "He et al. 2015, arXiv:1512.03385"
_XIE = "Xie et al. 2016, arXiv:1611.05431"
_ZAGORUYKO = "Zagoruyko and Komodakis 2016, arXiv:1605.07146"

_DOCSTRING = """{title} whose weights can carry a graph ({paper}).

Args:
    weights: pretrained weights by name, such as "DEFAULT" or "IMAGENET1K_V1", or as a member of
        torchvision's enumeration; None stands for random ones. Before torchvision 0.13 this was
        ``pretrained``, True or False, which is still understood.
    progress: whether a bar shows the download.
    **options: those of ``torchvision.models.ResNet``, such as ``num_classes`` or ``norm_layer``.

Returns:
    The network, from images (batch, 3, height, width) to logits (batch, num_classes).

Raises:
    InputError: there are no such weights, or their file cannot be downloaded or is damaged.
    TypeError: the weights are of another network, or given twice.
"""


def _builder(name: str, title: str, paper: str) -> Callable[..., MetaModule]:
    """The public function ``name``, as if it were written out."""

    def build(
        weights: Enum | str | bool | None = None, progress: bool = True, **options: Any
    ) -> MetaModule:
        from torchvision import models  # slow to import, so only when needed

        if "pretrained" in options:
            if weights is not None:
                raise TypeError("got weights and pretrained, which mean the same; give one of them")
            weights = options.pop("pretrained")
        weights = _member(models.get_model_weights(name), weights)
        if weights is not None:
            _require_file(weights, progress)
        return to_meta(getattr(models, name)(weights=weights, progress=progress, **options))

    build.__name__ = build.__qualname__ = name  # help() shows it, pickle finds it
    build.__doc__ = _DOCSTRING.format(title=title, paper=paper)
    return build


def _member(known: type[Enum], weights: Enum | str | bool | None) -> Enum | None:
    """The member of torchvision's enumeration that is meant; None stays None."""
    if isinstance(weights, bool):  # as before torchvision 0.13
        weights = "IMAGENET1K_V1" if weights else None
    try:
        return known.verify(weights)
    except KeyError:
        names = ", ".join(known.__members__)
        raise InputError(
            f"{known.__name__} has no member {weights!r}; give weights one of {names}, or None"
        ) from None


def _require_file(weights: Enum, progress: bool) -> None:
    """See to it that the file of the weights is in torch's folder, and whole."""
    file = Path(torch.hub.get_dir(), "checkpoints", weights.url.rpartition("/")[2])
    if file.exists():
        _require_whole(file, weights)
    else:
        _download(file, weights, progress)


def _require_whole(file: Path, weights: Enum) -> None:
    """Compare the hash with the one in the file's name; torch does so only after a download."""
    expected = file.stem.rpartition("-")[2]
    try:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror or error}") from None
    if not digest.startswith(expected):
        raise InputError(
            f"{file} is damaged: its SHA-256 begins with {digest[: len(expected)]}, not with "
            f"{expected}; delete it, and it is downloaded again from {weights.url}"
        )


def _download(file: Path, weights: Enum, progress: bool) -> None:
    """Let torchvision download the file; torch puts it in its place when it is whole."""
    try:
        with short_patience():
            weights.get_state_dict(progress=progress, check_hash=True)
    except (OSError, HTTPException, RuntimeError) as error:  # the last one is a wrong hash
        raise InputError(
            f"the weights {weights!r} could not be downloaded from {weights.url} ({error}); "
            f"download that file on another machine and put it into {file.parent} (TORCH_HOME "
            "names another place), or build with weights=None and use load_state_dict"
        ) from None


resnet18 = _builder("resnet18", "ResNet-18", _HE)
resnet34 = _builder("resnet34", "ResNet-34", _HE)
resnet50 = _builder("resnet50", "ResNet-50", _HE)
resnet101 = _builder("resnet101", "ResNet-101", _HE)
resnet152 = _builder("resnet152", "ResNet-152", _HE)
resnext50_32x4d = _builder("resnext50_32x4d", "ResNeXt-50 32x4d", _XIE)
resnext101_32x8d = _builder("resnext101_32x8d", "ResNeXt-101 32x8d", _XIE)
resnext101_64x4d = _builder("resnext101_64x4d", "ResNeXt-101 64x4d", _XIE)
wide_resnet50_2 = _builder("wide_resnet50_2", "Wide ResNet-50-2", _ZAGORUYKO)
wide_resnet101_2 = _builder("wide_resnet101_2", "Wide ResNet-101-2", _ZAGORUYKO)
