"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "meta_step: 0 -> 1": "the surrogate begins with a constant, whose gradient is zero, and nobody "
    "reads its value; the other 0 of that line, the meta-loss's, does lose points as 1",
}
