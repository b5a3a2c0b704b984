"""Where an axis cannot apply to a question of exercise 04, and why."""

NO_WEIGHTS = "tensors come in, not weights: there is nothing to share or to freeze"
NO_MODULE = "no module, container or list of layers is given"
NOTHING_DRAWN = "nothing is drawn, and no generator is given"
NO_COST = "the statement sets no bound on memory or on calls"
NO_REFUSAL = "the statement names nothing that must be refused"
NO_MODE = "nothing is differentiated and no module is asked, so that no mode can matter"

#: Of all questions about functions of tensors.
TENSORS = {"ties": NO_WEIGHTS, "structure": NO_MODULE, "refusal": NO_REFUSAL}
RULE = TENSORS | {"random": NOTHING_DRAWN, "resources": "a rule may remember whatever it likes"}

CANNOT = {
    "sample": TENSORS | {"mode": NO_MODE, "resources": NO_COST},
    "losses_and_gradients": TENSORS
    | {
        "time": "no steps are taken; a later call is what again looks at",
        "random": NOTHING_DRAWN,
        "resources": NO_COST,
    },
    "momentum": RULE,
    "rmsprop": RULE,
    "adam": RULE,
    "minimize": TENSORS
    | {
        "graph": "f gives constants, and the losses are these very constants",
        "random": NOTHING_DRAWN,
    },
    "capped_sums": TENSORS
    | {
        "mode": NO_MODE,
        "graph": "losses are constants here, as question 1 gives them, and so are their sums",
        "random": NOTHING_DRAWN,
        "resources": NO_COST,
    },
    "compare": TENSORS
    | {"mode": NO_MODE, "graph": "rates and means are plain numbers, and sums gives constants"},
    "meta_step": {"random": NOTHING_DRAWN, "refusal": NO_REFUSAL},
    "learned": {
        "dtype": "gradients come in float32 only, and any precision inside that wins is right",
        "ties": "the network is the student's own, however it is made",
        "structure": "the network is the student's own, however it is made",
        "values": "the race brings its own gradients; what a rule makes of others is its affair",
        "resources": NO_COST,
        "refusal": NO_REFUSAL,
    },
    "read_off": TENSORS | {"mode": NO_MODE, "resources": NO_COST},
    "is_adam": {
        "ties": NO_WEIGHTS,
        "graph": "gradients and updates are constants, and a verdict has no slope",
        "before": "a rule begins with None, and nothing lies in it that could be read",
        "random": "a test may draw what it likes, from whichever generator",
        "resources": NO_COST,
        "refusal": NO_REFUSAL,
    },
}
