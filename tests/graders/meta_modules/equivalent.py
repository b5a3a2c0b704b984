"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "put_weight: ' has the shape ' -> ' has the shape x'": "the text of an error is free",
}
