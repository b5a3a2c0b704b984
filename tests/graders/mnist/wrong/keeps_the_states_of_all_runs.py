"""The state in which each run ended is kept, and takes as much memory as its batch did.

Axis: resources.
Loses: several rules meet the same functions.
"""

import torch


def paired_sums(rules, batches, steps):
    found = {name: {"sums": [], "above": 0, "states": []} for name in rules}
    for theta_0, f in batches:
        for name, rule in rules.items():
            theta, state, losses = theta_0, None, []
            for step in range(steps):
                loss, gradient = f(theta, step)
                losses.append(loss)
                update, state = rule(gradient, state)
                theta = theta + update
            losses = torch.stack(losses)
            above = ~(losses <= 10 * losses[0])
            found[name]["sums"].append(torch.where(above, 10 * losses[0], losses).sum(0))
            found[name]["above"] += int(above.any(0).sum())
            found[name]["states"].append(state)
    return {name: (torch.cat(each["sums"]), each["above"]) for name, each in found.items()}
