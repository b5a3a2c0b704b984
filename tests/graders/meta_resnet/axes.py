"""The axes that cannot apply to a question, each with the reason."""

NOT_DRAWN = "Nothing in it is drawn: neither the question nor the networks have chance in them."
NOT_REFUSED = "The statement has nothing that it must refuse."
AT_ONCE = "It is done in one call, in which nothing comes earlier or later."

CANNOT = {
    "MetaBasicBlock": {"refusal": NOT_REFUSED},
    "make_meta": {"time": AT_ONCE, "random": NOT_DRAWN, "refusal": NOT_REFUSED},
    "initialise": {"time": AT_ONCE, "refusal": NOT_REFUSED},
    "load_pretrained": {"time": AT_ONCE, "random": NOT_DRAWN},
    "loss_after_step": {
        "time": "There is one step, which is the first and the last.",
        "random": NOT_DRAWN,
    },
    "inner_loop": {"random": NOT_DRAWN},
    "held_bytes": {"random": NOT_DRAWN},
    "diagnose": {
        "time": "The step that is looked at is a single one.",
        "ties": "It draws its own weights, and that one stands in two places is what it is about.",
        "resources": "The statement sets no bound on calls or memory.",
        "refusal": NOT_REFUSED,
        "random": "It is free to draw what it likes, or nothing.",
    },
    "order_of": {
        "mode": "Losses are functions of a vector, without any module or mode.",
        "ties": "The weights are one vector, in which nothing is tied or frozen.",
        "time": AT_ONCE,
        "random": "The test is asked about losses, and need not draw anything.",
        "resources": "The statement sets no bound on calls or memory.",
        "refusal": NOT_REFUSED,
    },
}
