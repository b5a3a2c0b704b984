"""Random directions from a generator of its own, and the slopes that fit all of them."""

import torch


def slopes_are_right(loss_of, slopes_of, rates):
    generator = torch.Generator().manual_seed(7)
    names, claimed = list(rates), slopes_of(rates)
    r = torch.stack([rates[name].detach() for name in names])
    ways = torch.randn(3 * len(names), len(names), generator=generator, dtype=r.dtype)
    along = []
    for way in ways:
        above, below = (loss_of(dict(zip(names, r + h * way))) for h in (1e-5, -1e-5))
        along.append((above - below).detach() / 2e-5)
    slopes = torch.linalg.lstsq(ways, torch.stack(along)[:, None]).solution[:, 0]
    off = torch.stack([claimed[name] for name in names]) - slopes
    return bool(off.abs().max() < 0.02 * slopes.abs().max())
