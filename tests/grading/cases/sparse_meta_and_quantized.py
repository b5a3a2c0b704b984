"""The answers are tensors of kinds that hold no plain numbers: sparse, meta, quantized."""

from battery import changed, wrong


def submit(solution, release):
    return changed(
        wrong(release),
        sgd_step="def sgd_step(weights, gradients, rate):\n"
        "    return {n: w.detach().to_sparse() for n, w in weights.items()}",
        loss_after="def loss_after(*asked):\n    return torch.zeros((), device='meta')",
        first_order="def first_order(module, x, y, rates, steps):\n"
        "    q = torch.quantize_per_tensor(torch.zeros(1), 0.1, 0, torch.qint8)[0]\n"
        "    return {n: q for n in rates}",
        learn_rates="def learn_rates(loss_of, rates, *others):\n"
        "    return {n: torch.zeros((), dtype=torch.complex64) for n in rates}",
    )


EARNS = "none"
