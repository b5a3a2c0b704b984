"""The axes that cannot apply to a question, and why."""

NOTHING_DRAWN = "nothing is drawn, and an answer has no use for random numbers"
NO_REFUSAL = "every call is a proper one, and no error is asked for"

CANNOT = {
    "log_and_sign": {
        "before": "it is given one constant, which has no .grad, and there is no state",
        "mode": "it is given no module, and its features have no graph that a mode could cut",
        "ties": "there are no weights here, only one tensor of constants",
        "structure": "one tensor is all there is, without names, layers or containers",
        "graph": "gradients are constants here, and the statement says that no slope is asked for",
        "time": "there are no steps; what a second call remembers is the axis 'again'",
        "random": NOTHING_DRAWN,
        "resources": "it goes through one tensor, and needs no more than a few copies of it",
        "refusal": NO_REFUSAL,
    },
    "step": {
        "random": NOTHING_DRAWN,
        "resources": "one step needs its own tensors only, and how often a cell is called is free",
        "refusal": NO_REFUSAL,
    },
    "step_all": {
        "random": NOTHING_DRAWN,
        "resources": "how many calls of the optimizer it makes is free, and the caller keeps states",
        "refusal": NO_REFUSAL,
    },
    "meta_loss": {"random": NOTHING_DRAWN, "refusal": NO_REFUSAL},
    "truncated": {"random": NOTHING_DRAWN, "refusal": NO_REFUSAL},
    "meta_step": {
        "random": "nothing is drawn; that a call may draw a minibatch is the axis 'resources'",
        "refusal": NO_REFUSAL,
    },
}
