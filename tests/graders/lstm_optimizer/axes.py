"""The axes that cannot apply to a question, and why."""

NO_REFUSAL = "every call is a proper one, and no error is asked for"

CANNOT = {
    "log_and_sign": {
        "before": "it is given one constant, which has no .grad, and there is no state",
        "mode": "it is given no module, and its features have no graph that a mode could cut",
        "ties": "there are no weights here, only one tensor of constants",
        "structure": "one tensor is all there is, without names, layers or containers",
        "graph": "gradients are constants here, and the statement says that no slope is asked for",
        "time": "there are no steps; what a second call remembers is the axis 'again'",
        "resources": "it goes through one tensor, and needs no more than a few copies of it",
        "refusal": NO_REFUSAL,
    },
    "step": {
        "resources": "one step needs its own tensors only, and how often a cell is called is free",
        "refusal": NO_REFUSAL,
    },
    "step_all": {
        "resources": "how often it calls the optimizer is free, and the caller keeps the states",
        "refusal": NO_REFUSAL,
    },
    "meta_loss": {"refusal": NO_REFUSAL},
    "truncated": {"refusal": NO_REFUSAL},
    "meta_step": {"refusal": NO_REFUSAL},
    "is_meta_gradient": {
        "ties": "all weights are entries of one vector, and none is tied to another or frozen",
        "structure": "there are no layers and no names, only two functions and one vector",
        "resources": "the statement lets rule and optimizee be called as often as one likes",
        "refusal": NO_REFUSAL,
    },
}
