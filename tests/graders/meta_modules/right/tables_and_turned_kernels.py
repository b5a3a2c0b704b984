"""Pixels looked up in a table, zeros between pixels: convolutions without what torch has for them."""

import torch
import torch.nn.functional as F
from torch import nn


class MetaConv2d(nn.Module):
    def __init__(self, *arguments, **options):
        super().__init__()
        twin = nn.Conv2d(*arguments, **options)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        bias = None if twin.bias is None else twin.bias.detach().requires_grad_()
        self.register_buffer("bias", bias)
        names = ("kernel_size", "stride", "padding", "dilation", "groups", "padding_mode")
        self.at = {name: getattr(twin, name) for name in names}

    def places(self, size, pad):
        """For each pixel of the larger image its place in the smaller one."""
        at = torch.arange(-pad, size + pad)
        match self.at["padding_mode"]:
            case "replicate":
                return at.clamp(0, size - 1)
            case "circular":
                return at % size
        at = at.abs()
        return torch.minimum(at, 2 * (size - 1) - at)

    def forward(self, x):
        lonely = x.ndim == 3
        x = x[None] if lonely else x
        high, wide = self.at["padding"]
        if self.at["padding_mode"] == "zeros":
            larger = x.new_zeros(*x.shape[:2], x.shape[2] + 2 * high, x.shape[3] + 2 * wide)
            larger[..., high : high + x.shape[2], wide : wide + x.shape[3]] = x
        else:
            rows, columns = self.places(x.shape[2], high), self.places(x.shape[3], wide)
            larger = x[:, :, rows][..., columns]
        for axis in (0, 1):
            k, d, s = (self.at[name][axis] for name in ("kernel_size", "dilation", "stride"))
            larger = larger.unfold(2 + axis, d * (k - 1) + 1, s)
        dh, dw = self.at["dilation"]
        patches = larger[..., ::dh, ::dw].unflatten(1, (self.at["groups"], -1))
        kernel = self.weight.unflatten(0, (self.at["groups"], -1))
        y = torch.einsum("ngchwij,gocij->ngohw", patches, kernel).flatten(1, 2)
        if self.bias is not None:
            y = y + self.bias[:, None, None]
        return y[0] if lonely else y


class MetaConvTranspose2d(nn.Module):
    def __init__(self, *arguments, **options):
        super().__init__()
        twin = nn.ConvTranspose2d(*arguments, **options)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        bias = None if twin.bias is None else twin.bias.detach().requires_grad_()
        self.register_buffer("bias", bias)
        self.options = twin.stride, twin.padding, twin.output_padding, twin.dilation
        self.groups = twin.groups

    def forward(self, x):
        lonely = x.ndim == 3
        x = x[None] if lonely else x
        (sh, sw), (ph, pw), (eh, ew), (dh, dw) = self.options
        sizes = ((n - 1) * s + 1 for n, s in zip(x.shape[2:], (sh, sw)))
        between = x.new_zeros(*x.shape[:2], *sizes)
        between[..., ::sh, ::sw] = x
        kernel = (
            self.weight.unflatten(0, (self.groups, -1)).transpose(1, 2).flatten(0, 1).flip(2, 3)
        )
        high, wide = (d * (k - 1) for d, k in zip((dh, dw), kernel.shape[2:]))
        # Negative widths cut off.
        around = F.pad(between, (wide - pw, wide - pw + ew, high - ph, high - ph + eh))
        y = F.conv2d(around, kernel, self.bias, dilation=(dh, dw), groups=self.groups)
        return y[0] if lonely else y
