"""Where an axis cannot apply to a question, and why."""

ONE_TENSOR = "kind is asked about one tensor, and reads a few of its attributes"
NO_ERROR = "the statement names no error for anything that may be given here"
NO_LIMIT = "the statement sets no limit to what is computed or held on the way"

CANNOT = {
    "kind": {
        "structure": "kind is asked about one tensor; there are no names and no parts",
        "time": "nothing goes on in steps; what a tensor was before is the axis 'again'",
        "resources": ONE_TENSOR,
        "refusal": NO_ERROR,
    },
    "sgd_step": {
        "time": "it is one step, which is not told its number",
        "resources": NO_LIMIT,
        "refusal": NO_ERROR,
    },
    "put": {
        "time": "nothing goes on in steps; a second call is the axis 'again'",
        "resources": "one tensor is kept, and how is up to the answer",
    },
    "loss_after": {
        "resources": "the graph of all steps has to be held, and no other limit is set",
        "refusal": NO_ERROR,
    },
    "first_order": {
        "resources": "the statement allows the graph of all steps as well as none",
        "refusal": NO_ERROR,
    },
    "learn_rates": {
        "mode": "there is no module, and a gradient cannot be had where none is recorded",
        "shape": "all rates are tensors without dimensions, and a loss is one, too",
        "refusal": NO_ERROR,
    },
    "slopes_are_right": {
        "time": "a verdict is one call; a second one is the axis 'again'",
        "resources": NO_LIMIT,
        "refusal": NO_ERROR,
    },
}
