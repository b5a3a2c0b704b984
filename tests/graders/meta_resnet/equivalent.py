"""Mutants of the solution that are right answers too, each with the proof."""

EQUIVALENT = {
    "MetaBasicBlock: MetaConv2d(channels, channels, 3, padding=1, bias=False) -> "
    "MetaConv2d(channels, channels, 3, padding=1, bias=False)": "the two arguments that change "
    "places are the same",
    "load_pretrained: 'only on one side: ' -> 'only on one side: x'": "the text of an error",
    "load_pretrained: ' has the shape ' -> ' has the shape x'": "the text of an error",
    "held_bytes: del result -> pass": "the sizes are known by then, and the variable goes with the "
    "call",
}
