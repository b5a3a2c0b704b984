"""Two names of one rule are one to it.

Loses: several rules meet the same functions.
Axis: ties.
"""

import torch


def paired_sums(rules, batches, steps):
    sums, counts = {rule: [] for rule in rules.values()}, dict.fromkeys(rules.values(), 0)
    for theta_0, f in batches:
        for rule in rules.values():
            theta, state, losses = theta_0, None, []
            for step in range(steps):
                loss, gradient = f(theta, step)
                losses.append(loss)
                update, state = rule(gradient, state)
                theta = theta + update
            losses = torch.stack(losses)
            cap = 10 * losses[0]
            above = ~(losses <= cap)
            sums[rule].append(torch.where(above, cap, losses).sum(0))
            counts[rule] += int(above.any(0).sum())
    return {name: (torch.cat(sums[rule]), counts[rule]) for name, rule in rules.items()}
