"""The question of exercise 06 on making any network a meta network."""

import torch
from torch.func import functional_call

from ..examining import Failed, Lost, close, must_be_kept, told
from .building import one_thread
from .exact import (
    ABOVE,
    EXACT,
    all_close,
    must_be,
    must_have_none,
    must_not_remember,
    numbers_for,
    slopes_of,
)
from .networks import ALWAYS_TIED, TIED, Ordinary, ordinary

NETWORK = "a network with a convolution, batch norm, PReLU, linear layers and weights of its own"
FROZEN = ("stem.0.weight", "hidden.0.bias", "gain", "affine.slope")


#: What to look at where parameters alone are left that are tied, and where numbers that cannot be
#: trained were to be.
SECOND_NAME = "a tied parameter may have two names in one module"
THAWED = (
    "a frozen parameter becomes a constant: spare.index, one of them, holds a whole number, which "
    "cannot require a gradient"
)


def exam_make_meta(generator, ask, report):
    """The same network; its weights take a graph; leaves, frozen and tied weights."""
    one_thread()
    every_one = "every parameter goes to the buffers of the same module, under its own name"
    with report.criterion("make_meta: a copy that computes the same, and nothing shared", 0.75):
        for training in (True, False):
            given = f"{NETWORK}, in {'training' if training else 'eval'} mode"
            reply = judge(generator, ask, given, every_one, training=training, assign=False)
            judge_copy(reply, given)
            later = f"{NETWORK}, converted again after it has got other numbers"
            judge_copy(reply["later"], later)
            must_have_none(
                reply["later"]["from_before"],
                "in the memory of the copy that was made before",
                "numbers of its own",
                later,
                "nothing is kept from one call to the next",
            )
            forget = "what is kept outside of the function stays when it returns"
            must_not_remember(reply["remembered"], "the given network", given, forget)
    with report.criterion("make_meta: its weights take tensors with a graph", 0.75):
        judge(generator, ask, f"{NETWORK}; each weight is set to source ** 2", every_one)
    with report.criterion("make_meta: leaves, frozen weights and tied weights", 1):
        for tied in (False, True):
            pairs = ", ".join(f"{place} and {of}" for place, of in TIED.items())
            given = f"{NETWORK}; frozen: {', '.join(FROZEN)}, spare.index"
            given += f"; {'tied' if tied else 'equal in numbers, not tied'}: {pairs}"
            reply = judge(generator, ask, given, ABOVE, tied=tied, equal=not tied, frozen=FROZEN)
            judge_weights(reply, given, tied)


def judge(
    generator, ask, given: str, idea: str, *, tied=False, equal=False, frozen=(), training=True,
    assign=True,
) -> dict:  # fmt: skip
    """Ask for a copy and compare what it computes; the reply.

    Raises:
        Lost: it computes something else, or the given network has changed.
    """
    twin = Ordinary(index=bool(frozen))
    state, later = (numbers_for(twin, generator) for _ in range(2))
    for numbers in (state, later):
        same = ALWAYS_TIED | (TIED if tied or equal else {})
        numbers |= {place: numbers[of].clone() for place, of in same.items()}
    state |= {n: t.detach() for n, t in twin.state_dict().items() if n.startswith("spare.")}
    later = {n: t for n, t in later.items() if not n.startswith("spare.")}
    names = [n for n, p in twin.named_parameters() if n in later and n not in frozen]
    chosen = [n for n in names if not (tied and n in TIED)] if assign else []
    sources = {n: torch.randn(state[n].shape, generator=generator) for n in chosen}
    asked = {"state": state, "tied": tied, "frozen": list(frozen), "training": training}
    x, probe = (torch.randn(shape, generator=generator) for shape in ((5, 2, 6, 5), (5, 4)))
    numbers = {"x": x, "probe": probe, "probe_sources": sources, "probe_later": later}
    try:
        reply = told(ask, asked | numbers, given)
    except Failed as failed:
        if "can require gradients" in failed.found["came back"]:
            failed.found["look at"] = THAWED
        raise
    twin = ordinary(**asked)
    words = {"given": given, "tolerance": EXACT}
    first = twin(x.double()).detach()
    close(reply["at_first"], first, what="its output at first", idea=idea, **words)
    expected = {n: t.double() for n, t in twin.state_dict().items() if n in later}
    rule = "the copy has statistics of its own, which a batch in training mode moves"
    all_close(reply["statistics"], expected, "afterwards,", given, rule)
    must_be_kept(reply["changed"], given, "copy.deepcopy comes first; then change the copy alone")
    left = reply["parameters"]
    go_on = "go through all modules in the copy, itself included"
    idea = SECOND_NAME if left and ALWAYS_TIED.keys() | TIED.keys() >= set(left) else go_on
    must_have_none(left, "still registered as parameters", "buffers only", given, idea)
    judge_assigned(reply, twin, sources, tied, x, probe, given)
    return reply


def judge_assigned(reply: dict, twin: Ordinary, sources, tied: bool, x, probe, given: str) -> None:
    """Squares of the sources in the places of weights must reach the output, with their graph.

    Raises:
        Lost: they do not.
    """
    leaves = {name: s.double().requires_grad_() for name, s in sources.items()}
    now = {name: leaf.square() for name, leaf in leaves.items()}
    ties = ALWAYS_TIED | (TIED if tied else {})
    now |= {place: now[of] for place, of in ties.items() if of in now}
    output = functional_call(twin, now, (x.double(),), tie_weights=False)
    close(
        reply["output"],
        output.detach(),
        what="its output with squares for weights",
        idea="forward must find the tensor that was put in the weight's place",
        given=given,
        tolerance=EXACT,
    )
    if sources:
        all_close(
            reply["by_source"],
            slopes_of((probe.double() * output).sum(), leaves),
            "the derivative of its outputs in the source of",
            given,
            "a buffer takes a tensor with its graph; a parameter would not",
        )


def judge_copy(reply: dict, given: str) -> None:
    """A copy has all that the given network has, bit by bit, and in memory of its own.

    Raises:
        Lost: it has not.
    """
    must_have_none(
        reply["other_names"],
        "tensors in one of the two networks alone",
        "the same names",
        given,
        "buffers without a key (persistent=False) and plain attributes belong to it, too",
    )
    must_have_none(
        reply["other_numbers"],
        "other numbers or another dtype in",
        "the numbers of the given network, bit by bit, in their dtype",
        given,
        "the copy is made of what the network holds when it is given",
    )
    must_have_none(
        reply["shared"],
        "in the memory of the given module's tensors",
        "numbers of its own",
        given,
        "detach() shares the memory of what it detaches; an optimizer of the one would train "
        "the other",
    )
    if not reply["same_modes"]:
        raise Lost("modules in another mode", "each in the mode of the given one", given)


def judge_weights(reply: dict, given: str, tied: bool) -> None:
    """Weights are trainable or frozen as before, and one tensor where they were one.

    Raises:
        Lost: they are not.
    """
    frozen = {*FROZEN, "spare.index", *(p for p, of in TIED.items() if tied and of in FROZEN)}
    trainable = {
        n for n, _ in Ordinary(index=True).named_parameters(remove_duplicate=False)
    } - frozen
    trainable |= {"old.weight", "old.bias"}  # which were weights before
    kinds = {name: "leaf" if name in trainable else "constant" for name in reply["kinds"]}
    must_be(
        reply["kinds"],
        kinds,
        given,
        "a leaf was computed from nothing, so that clone() gives none; it is trainable where the "
        "parameter was, and a frozen one becomes a constant; a buffer that is a weight already "
        "stays one",
    )
    must_have_none(
        reply["torn"],
        "no longer one tensor with another place",
        "one tensor in all places of a tied parameter",
        given,
        "a parameter that you meet again has its tensor already; it may stand in two modules, and "
        "twice in one",
    )
    must_have_none(
        reply["glued"],
        "one tensor with another place, though it was none before",
        "a tensor of its own for each parameter",
        given,
        "tied is what is one and the same parameter; equal numbers or addresses do not show it",
    )
