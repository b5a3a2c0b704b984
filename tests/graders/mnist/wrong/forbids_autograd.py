"""Under no_grad, where f cannot find its gradients.

Loses: the sums of one rule, batch by batch.
Loses: several rules meet the same functions.
Loses: losses above the cap are capped, and their functions counted.
Axis: mode.
"""

import torch


@torch.no_grad()
def paired_sums(rules, batches, steps):
    sums, counts = {name: [] for name in rules}, dict.fromkeys(rules, 0)
    for theta_0, f in batches:
        for name, rule in rules.items():
            theta, state, losses = theta_0, None, []
            for step in range(steps):
                loss, gradient = f(theta, step)
                losses.append(loss)
                update, state = rule(gradient, state)
                theta = theta + update
            losses = torch.stack(losses)
            cap = 10 * losses[0]
            above = ~(losses <= cap)
            sums[name].append(torch.where(above, cap, losses).sum(0))
            counts[name] += int(above.any(0).sum())
    return {name: (torch.cat(sums[name]), counts[name]) for name in rules}
