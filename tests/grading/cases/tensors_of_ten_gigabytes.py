"""The answers are expanded tensors: no memory here, ten gigabytes for who copies them."""

from battery import changed, wrong


def submit(solution, release):
    huge = "torch.zeros(()).expand(50_000, 50_000)"
    return changed(
        wrong(release),
        sgd_step=f"def sgd_step(weights, *others):\n    return {{n: {huge} for n in weights}}",
        put=f"def put(module, name, tensor):\n    module.forward = lambda x: {huge}",
        loss_after=f"def loss_after(*asked):\n    return {huge}",
        first_order=f"def first_order(m, x, y, rates, s):\n    return {{n: {huge} for n in rates}}",
    )


EARNS = "none"
