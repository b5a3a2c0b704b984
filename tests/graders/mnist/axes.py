"""Where an axis cannot apply to a question of exercise 05, and why."""

NO_STEPS = "a single call gives the whole answer, and nothing happens in steps"
NO_MODULE = "there is no module, and so no mode"
NO_WEIGHTS = "there are no weights that could be tied or frozen"
NO_GRAPH = "what is given is constant, and nobody differentiates what comes back"
NO_CHANCE = "nothing in it is left to chance"
NO_BOUND = "nothing is said of how much memory it may take, or how often it may ask"
NO_REFUSAL = "nothing that is asked has to be refused"
NOTHING_THERE = "what is given holds nothing besides its numbers"

CANNOT = {
    "Perceptron": {"resources": NO_BOUND, "refusal": NO_REFUSAL},
    "deal": {
        "mode": NO_MODULE,
        "ties": NO_WEIGHTS,
        "graph": "the indices that come back have no slope",
        "time": NO_STEPS,
        "resources": NO_BOUND,
        "refusal": NO_REFUSAL,
    },
    "standardise": {
        "before": NOTHING_THERE,
        "mode": NO_MODULE,
        "ties": NO_WEIGHTS,
        "structure": "there are always three parts, in one order",
        "graph": NO_GRAPH,
        "time": NO_STEPS,
        "random": NO_CHANCE,
        "resources": NO_BOUND,
        "refusal": NO_REFUSAL,
    },
    "minibatch": {
        "mode": NO_MODULE,
        "ties": NO_WEIGHTS,
        "structure": "images and labels are one tensor each",
        "graph": NO_GRAPH,
        "resources": NO_BOUND,
        "refusal": NO_REFUSAL,
    },
    "paired_sums": {
        "graph": "losses and gradients are constants, and so are the sums of them",
        "random": NO_CHANCE,
        "refusal": NO_REFUSAL,
    },
    "compare": {
        "before": NOTHING_THERE,
        "mode": NO_MODULE,
        "ties": NO_WEIGHTS,
        "structure": "there are always two rows of numbers",
        "graph": NO_GRAPH,
        "time": NO_STEPS,
        "random": NO_CHANCE,
        "resources": NO_BOUND,
        "refusal": NO_REFUSAL,
    },
    "family": {
        "before": "a text and a number are given, in which nothing can lie",
        "behind": "a text and a number are given, which nobody can change",
        "mode": "the activations of the table are functions without a mode",
        "ties": NO_WEIGHTS,
        "structure": "there are four kinds, and all of them are asked for",
        "time": NO_STEPS,
        "random": NO_CHANCE,
        "resources": NO_BOUND,
        "refusal": "what happens with another kind is not said",
    },
    "verdict": {
        "before": NOTHING_THERE,
        "mode": NO_MODULE,
        "ties": NO_WEIGHTS,
        "graph": "texts and numbers are given, and a text comes back",
        "time": NO_STEPS,
        "random": NO_CHANCE,
        "resources": NO_BOUND,
        "refusal": "without fresh runs a verdict is open, and nothing else has to be refused",
    },
    "covers": {
        "before": "a formula is a function of numbers, in which nothing can lie",
        "behind": "a formula is called, and there is nothing of it to change",
        "mode": NO_MODULE,
        "ties": NO_WEIGHTS,
        "graph": NO_GRAPH,
        "time": NO_STEPS,
        "resources": NO_BOUND,
        "refusal": NO_REFUSAL,
    },
    "flaws": {
        "dtype": "a study holds whole numbers, rates and names, which have no other dtype",
        "before": NOTHING_THERE,
        "mode": NO_MODULE,
        "ties": NO_WEIGHTS,
        "graph": NO_GRAPH,
        "time": NO_STEPS,
        "random": NO_CHANCE,
        "resources": NO_BOUND,
        "refusal": NO_REFUSAL,
    },
}
