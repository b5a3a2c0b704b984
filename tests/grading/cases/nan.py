"""All numbers in the answers are NaN or infinite."""

from battery import changed, wrong


def submit(solution, release):
    return changed(
        wrong(release),
        sgd_step="def sgd_step(weights, gradients, rate):\n"
        "    return {n: (w - rate * gradients[n]) * float('nan') for n, w in weights.items()}",
        loss_after="def loss_after(module, x, y, rates, steps):\n"
        "    return float('inf') * sum(rates.values())",
        first_order="def first_order(module, x, y, rates, steps):\n"
        "    return {n: torch.tensor(float('-inf')) for n in rates}",
        learn_rates="def learn_rates(loss_of, rates, meta_rate, steps):\n"
        "    return {n: torch.tensor(float('nan'), requires_grad=True) for n in rates}",
    )


EARNS = "none"
