"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "meta_step: 0 -> 1": "the surrogate begins with a constant, whose gradient is zero, and nobody "
    "reads its value; the other 0 of that line, the meta-loss's, does lose points as 1",
    "is_meta_gradient: 0 -> 1": "every replay begins to count at 1, and differences take it out; "
    "the other 0, the place of the value, does lose points as 1",
    "is_meta_gradient: claimed - slopes -> slopes - claimed": "only its absolute value is used",
    "is_meta_gradient: torch.eye(len(phi), dtype=phi.dtype) -> torch.eye(len(phi))": "a step "
    "of 1e-5 is off by 3e-8 of itself in float32, and so is the slope; 2e-2 are allowed for",
    "is_meta_gradient: (claimed - slopes).abs().max() < 0.02 * slopes.abs().max() "
    "-> (claimed - slopes).abs().max() <= 0.02 * slopes.abs().max()": "the two are never equal: "
    "right ones are off by far less, wrong ones by more, and no meta-loss is flat in all of phi",
}
