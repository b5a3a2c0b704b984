"""nan_to_num as it comes.

Loses: losses above the cap are capped, and their functions counted.
Axis: values.
"""

import torch


def paired_sums(rules, batches, steps):
    sums, met = {name: [] for name in rules}, dict.fromkeys(rules, 0)
    for theta_0, f in batches:
        for name, rule in rules.items():
            theta, state, losses = theta_0, None, []
            for step in range(steps):
                loss, gradient = f(theta, step)
                losses.append(loss)
                update, state = rule(gradient, state)
                theta = theta + update
            losses = torch.stack(losses).nan_to_num(posinf=torch.inf)
            cap = 10 * losses[0]
            sums[name].append(losses.minimum(cap).sum(0))
            met[name] += int((losses > cap).any(0).sum())
    return {name: (torch.cat(sums[name]), met[name]) for name in rules}
