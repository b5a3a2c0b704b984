"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "meta_step: 0 -> 1": "the surrogate begins with a constant, whose gradient is zero, and nobody "
    "reads its value; the other 0 of that line, the meta-loss's, does lose points as 1",
    "read_off: 3 -> 4": "the exponent of the smallest gradient: slopes are taken at 0.0001 in the "
    "place of 0.001; the exponent of the largest does lose points as 4",
    "read_off: 100 -> 101": "one more update, after which the largest is the same to two digits",
}
