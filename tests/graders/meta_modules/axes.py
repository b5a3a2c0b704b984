"""The axes along which no answer to a question can go wrong, each with the reason."""

REFUSES = "what the twin refuses is not asked for, as the statement says"
LOOKS = "a look at a tree has no steps, and keeps nothing for later ones"
SIZES = "no bound on memory or calls is set, and what comes back is as large as the tree"
PUTS = "one call is one exchange: there is no step that could be the last"
ORDERS = "first order may hold more than it needs, and gradients may be taken one by one"
CALLS = "a container has no steps: each call goes through the same children"
FOUND = "nothing is refused: every tree has an answer, an empty dict at least"

CANNOT = {
    "MetaLinear": {"refusal": REFUSES},
    "MetaConv2d": {"refusal": REFUSES},
    "MetaConvTranspose2d": {"refusal": REFUSES},
    "MetaBatchNorm2d": {
        "refusal": REFUSES,
    },
    "named_weights": {"time": LOOKS, "resources": SIZES, "refusal": FOUND},
    "put_weight": {"time": PUTS, "resources": SIZES},
    "update": {
        "resources": ORDERS,
        "refusal": "nothing is refused: whatever the loss is, the weights have a step or stay",
    },
    "MetaSequential": {"time": CALLS, "resources": SIZES},
    "carries_graph": {
        "time": "a verdict is one call, in which no step comes late",
        "random": "the test may draw what it likes, and nothing is given to draw from",
        "resources": "no bound on memory or calls is set",
        "refusal": "nothing is refused: a layer is right or wrong",
    },
}
