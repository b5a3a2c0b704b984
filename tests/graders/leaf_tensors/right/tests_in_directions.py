"""Random directions from a generator of its own; half the work, and as sharp."""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    generator = torch.Generator().manual_seed(7)
    names, claimed = list(rates), slopes_of(rates)
    r = torch.stack([rates[name].detach() for name in names])
    slopes = torch.stack([claimed[name] for name in names])
    off, sizes = [], []
    for _ in range(60):
        way = torch.randn(len(names), generator=generator, dtype=r.dtype)
        above, below = (loss_of(dict(zip(names, r + h * way))) for h in (1e-5, -1e-5))
        off.append(((above - below) / 2e-5 - slopes @ way).abs())
        sizes.append((above - below).abs() / 2e-5)
    return bool(torch.stack(off).max() < 0.015 * torch.stack(sizes).max())
