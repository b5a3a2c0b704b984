"""The question of exercise 06 on making any network a meta network."""

import torch
from torch.func import functional_call

from ..examining import Lost, close, must_be_kept, told
from .exact import ABOVE, EXACT, all_close, must_be, must_have_none, numbers_for, slopes_of
from .networks import TIED, Ordinary, ordinary
from .run import one_thread


def exam_make_meta(generator, ask, report):
    """The same network; its weights take a graph; leaves, frozen and tied weights."""
    one_thread()

    def judge(
        given: str, idea: str, *, tied=False, equal=False, frozen=(), training=True, assign=True
    ) -> dict:
        twin = Ordinary()
        state = numbers_for(twin, generator)
        state |= {place: state[of].clone() for place, of in TIED.items() if tied or equal}
        names = [name for name, _ in twin.named_parameters() if name not in frozen]
        chosen = [n for n in names if not (tied and n in TIED)] if assign else []
        sources = {n: torch.randn(state[n].shape, generator=generator) for n in chosen}
        x = torch.randn((5, 2, 6, 5), generator=generator)
        probe = torch.randn((5, 4), generator=generator)
        frozen = list(frozen)
        asked = {"state": state, "tied": tied, "frozen": frozen, "training": training}
        reply = told(ask, asked | {"x": x, "probe": probe, "probe_sources": sources}, given)
        twin = ordinary(**asked)
        first = twin(x.double()).detach()
        words = {"given": given, "tolerance": EXACT}
        close(reply["at_first"], first, what="its output at first", idea=idea, **words)
        expected = {name: tensor.double() for name, tensor in twin.state_dict().items()}
        rule = "the copy has statistics of its own, which a batch in training mode moves"
        all_close(reply["statistics"], expected, "afterwards,", given, rule)
        must_be_kept(
            reply["changed"], given, "copy.deepcopy comes first; then change the copy alone"
        )
        must_have_none(
            reply["parameters"],
            "still registered as parameters",
            "buffers only",
            given,
            "go through all modules in the copy, itself included",
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
        leaves = {name: s.double().requires_grad_() for name, s in sources.items()}
        now = {name: leaf.square() for name, leaf in leaves.items()}
        now |= {place: now[of] for place, of in TIED.items() if tied and of in now}
        output = functional_call(twin, now, (x.double(),), tie_weights=False)
        close(
            reply["output"],
            output.detach(),
            what="its output with squares for weights",
            idea="forward must find the tensor that was put in the weight's place",
            **words,
        )
        if assign:
            total = (probe.double() * output).sum()
            all_close(
                reply["by_source"],
                slopes_of(total, leaves),
                "the derivative of its outputs in the source of",
                given,
                "a buffer takes a tensor with its graph; a parameter would not",
            )
        return reply | {"state": state}

    network = (
        "a network with a convolution, batch norm, PReLU, linear layers and weights of its own"
    )
    with report.criterion("make_meta: a copy that computes the same, and nothing shared", 1):
        for training in (True, False):
            judge(
                f"{network}, in {'training' if training else 'eval'} mode",
                "every parameter goes to the buffers of the same module, under its own name",
                training=training,
                assign=False,
            )
    with report.criterion("make_meta: its weights take tensors with a graph", 1):
        judge(
            f"{network}; each weight is set to source ** 2",
            "every parameter goes to the buffers of the same module, under its own name",
        )
    with report.criterion("make_meta: leaves, frozen weights and tied weights", 1):
        frozen = ("stem.0.weight", "hidden.0.bias", "gain")
        for tied in (False, True):
            given = f"{network}; frozen: {', '.join(frozen)}"
            pairs = ", ".join(f"{place} and {of}" for place, of in TIED.items())
            given += f"; {'tied' if tied else 'equal in numbers, not tied'}: {pairs}"
            reply = judge(given, ABOVE, tied=tied, equal=not tied, frozen=frozen)
            trainable = {name for name, _ in Ordinary().named_parameters()} - set(frozen)
            kinds = {name: "leaf" if name in trainable else "constant" for name in reply["state"]}
            must_be(
                reply["kinds"],
                kinds,
                given,
                "detach().requires_grad_(parameter.requires_grad) is a plain leaf, or a constant; "
                "clone() gives a result",
            )
            if sorted(reply["tied"]) != (sorted(TIED) if tied else []):
                raise Lost(
                    f"one tensor with another place: {', '.join(reply['tied']) or '(none)'}",
                    ", ".join(TIED) if tied else "(none)",
                    given,
                    "remember the leaf of each parameter you meet; a parameter may stand in two "
                    "modules, and twice in one",
                )
