"""Mutants of the solution that are right answers too, each with the proof."""

SYMMETRIC = "mse_loss(a, b) is the mean of (a - b) ** 2, which is that of (b - a) ** 2"
SWAPPED = (
    "F.mse_loss(functional_call(module, weights | buffers, (x,)), y) "
    "-> F.mse_loss(y, functional_call(module, weights | buffers, (x,)))"
)

EQUIVALENT = {
    f"loss_after: {SWAPPED}": SYMMETRIC,
    f"first_order: {SWAPPED}": SYMMETRIC,
    "slopes_are_right: torch.stack([claimed[name] for name in rates]) - slopes "
    "-> slopes - torch.stack([claimed[name] for name in rates])": "only its absolute value is used",
    "slopes_are_right: off.abs().max() < 0.01 * slopes.abs().max() "
    "-> off.abs().max() <= 0.01 * slopes.abs().max()": "the two are never equal: right slopes are "
    "off by far less, wrong ones by more, and no loss is flat in all rates",
}
