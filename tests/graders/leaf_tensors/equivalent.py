"""Mutants of the solution that are right answers too, each with the proof."""

SYMMETRIC = "mse_loss(a, b) is the mean of (a - b) ** 2, which is that of (b - a) ** 2"
SWAPPED = (
    "F.mse_loss(functional_call(module, weights | buffers, (x,)), y) "
    "-> F.mse_loss(y, functional_call(module, weights | buffers, (x,)))"
)

EQUIVALENT = {
    f"loss_after: {SWAPPED}": SYMMETRIC,
    f"first_order: {SWAPPED}": SYMMETRIC,
}
