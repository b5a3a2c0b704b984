"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "MetaBatchNorm2d: 0.0 -> 1.0": "it is reached only where nothing is tracked in this pass, in "
    "eval mode or without running statistics, and then F.batch_norm moves nothing",
    "put_weight: ' has the shape ' -> ' has the shape x'": "the text of an error is free",
}
