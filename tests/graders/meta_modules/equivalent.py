"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "put_weight: ' has the shape ' -> ' has the shape x'": "the text of an error is free",
    "carries_graph: getattr(layer, name).detach() + 0.3 "
    "-> getattr(layer, name).detach() - 0.3": "any other numbers than those that stood there do",
    "carries_graph: 0.3 -> 1.3": "any other numbers than those that stood there do",
    "carries_graph: getattr(layer, name).detach() -> _same(getattr(layer, name))": (
        "requires_grad_() leaves a result as it is, and the slope is taken in that result"
    ),
    "carries_graph: (found - slopes).abs() <= 0.01 * slopes.abs() + rounding "
    "-> (found - slopes).abs() < 0.01 * slopes.abs() + rounding": (
        "what is allowed is more than 0, and nothing is off by just that"
    ),
    "carries_graph: found - slopes -> slopes - found": "only its absolute value is used",
}
