"""Mutants of the solution that are right answers too, each with the proof."""

DRAWN_AGAIN = (
    "a weight is drawn again for each module around it, and the last draw is as good as the first; "
    "a batch norm has no parts"
)

NEARLY_THE_SAME = (
    "which of two numbers the relative distance counts from matters only where they nearly agree"
)

EQUIVALENT = {
    "MetaBasicBlock: MetaConv2d(channels, channels, 3, padding=1, bias=False) -> "
    "MetaConv2d(channels, channels, 3, padding=1, bias=False)": "the two arguments that change "
    "places are the same",
    "initialise: False -> True": DRAWN_AGAIN,
    "initialise: module.named_buffers(recurse=False) -> module.named_buffers()": DRAWN_AGAIN,
    "load_pretrained: 'only on one side: ' -> 'only on one side: x'": "the text of an error",
    "load_pretrained: ' has the shape ' -> ' has the shape x'": "the text of an error",
    "held_bytes: del result -> pass": "the sizes are known by then, and the variable goes with the "
    "call",
    "order_of: (claimed - right).abs().max() < 0.01 * full.abs().max() "
    "-> (claimed - right).abs().max() <= 0.01 * full.abs().max()": (
        "right slopes are off by far less, all others by more"
    ),
    "order_of: claimed - right -> right - claimed": "only its absolute value is used",
    "diagnose: torch.equal(mean, given) -> torch.equal(given, mean)": "equality has no direction",
    "diagnose: torch.allclose(new, given) -> torch.allclose(given, new)": NEARLY_THE_SAME,
    "diagnose: torch.allclose(after[name], w - slope) -> torch.allclose(w - slope, after[name])": (
        NEARLY_THE_SAME
    ),
    "diagnose: torch.allclose(after[name], w - 0.5 * slope) "
    "-> torch.allclose(w - 0.5 * slope, after[name])": NEARLY_THE_SAME,
    "diagnose: torch.allclose(torch.autograd.grad(v @ after[name], w, retain_graph=True)[0], v) "
    "-> torch.allclose(v, torch.autograd.grad(v @ after[name], w, retain_graph=True)[0])": (
        NEARLY_THE_SAME
    ),
    "diagnose: (z * shared).tanh() @ own + z @ shared - t "
    "-> t - ((z * shared).tanh() @ own + z @ shared)": "it is squared",
}
