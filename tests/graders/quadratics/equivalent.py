"""Mutants of the solution that are right answers too, each with the proof."""

#: Of gradients from large to tiny.
RANGE = "the range may be longer, and finer: it still shows all that it has to"

#: Of rates.
RATES = "other rates that rise and fall, negative ones among them, show the same"

EQUIVALENT = {
    "meta_step: 0 -> 1": "the surrogate begins with a constant, whose gradient is zero, and nobody "
    "reads its value; the other 0 of that line, the meta-loss's, does lose points as 1",
    "read_off: 3 -> 4": "the exponent of the smallest gradient: slopes are taken at 0.0001 in the "
    "place of 0.001; the exponent of the largest does lose points as 4",
    "is_adam: torch.logspace(2, -9, 40, dtype=torch.float64) "
    "-> torch.logspace(-9, 2, 40, dtype=torch.float64)": "both directions are run, in either order",
    "is_adam: 2 -> 3": RANGE,
    "is_adam: 9 -> 10": RANGE,
    "is_adam: 40 -> 41": RANGE,
    "is_adam: gradient.clone() -> _same(gradient)": "nobody writes into it",
    "is_adam: torch.allclose(update, theta, rtol=1e-05, atol=0) "
    "-> torch.allclose(theta, update, rtol=1e-05, atol=0)": "which of them the tolerance is a "
    "share of makes no difference where they are nearly equal",
    "is_adam: torch.allclose(update, theta, rtol=1e-05, atol=0) "
    "-> torch.allclose(update, theta, rtol=1e-05)": "torch's own atol of 1e-8 is small beside all "
    "updates here, since no rate is below 1",
    "is_adam: 1 -> 2": RATES,
    "is_adam: 3 -> 4": RATES,
    "is_adam: 1 + step % 3 -> 1 - step % 3": RATES,
}
