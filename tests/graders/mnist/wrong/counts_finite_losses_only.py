"""Infinite and NaN losses are capped, but only finite ones above the cap are counted.

Loses: losses above the cap are capped, and their functions counted.
"""

import torch


def paired_sums(rules, batches, steps):
    sums, met = {name: [] for name in rules}, dict.fromkeys(rules, 0)
    for start, f in batches:
        for name, rule in rules.items():
            theta, state, losses = start, None, []
            for step in range(steps):
                loss, gradient = f(theta, step)
                losses.append(loss)
                update, state = rule(gradient, state)
                theta = theta + update
            losses = torch.stack(losses)
            cap = 10 * losses[0]
            sums[name].append(torch.where(losses <= cap, losses, cap).sum(0))
            met[name] += int((losses.isfinite() & (losses > cap)).any(0).sum())
    return {name: (torch.cat(sums[name]), met[name]) for name in rules}
