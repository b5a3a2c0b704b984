"""The questions of exercise 06 on where weights come from: drawn, or loaded."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..examining import Lost, close, must_be_kept, told, whole
from .exact import EXACT, must_be, must_have_none, numbers_for
from .networks import Headed

# 3. initialise

CONVOLUTIONS = ("conv1", "blocks.0", "blocks.1", "conv2", "shortcut.0")
NORMS = ("bn1", "bn2", "shortcut.1")
SIGMAS = 5  # standard errors that a draw may be off, which happens once in a million


def exam_initialise(generator, ask, report):
    """Spread; batch norm and the rest; the generator."""
    kinds = "a network with convolutions of both kinds, batch norms, a PReLU and a linear layer"

    def asked() -> dict:
        channels = 2 * whole(12, 15, generator)
        seed = int(torch.randint(2**31, (), generator=generator))
        return ask(channels=channels, seed=seed)

    def spread(reply: dict) -> None:
        for layer in CONVOLUTIONS:
            judge_spread(f"{layer}.weight", reply["after"][f"{layer}.weight"], kinds)
        must_have_none(
            reply["exchanged"],
            "other objects than before",
            "new numbers in the tensors that were there",
            kinds,
            "nn.init writes into the tensor it is given",
        )

    with report.criterion("initialise: every convolution has the spread of fan-out", 1):
        reply = asked()
        spread(reply)
        weights = [name for name, kind in reply["kinds"].items() if kind == "leaf"]
        must_be(
            reply["kinds"],
            dict.fromkeys([f"{layer}.weight" for layer in CONVOLUTIONS], "leaf"),
            kinds,
            f"trainable leaves stay what they were; here {len(weights)} are left",
        )
    with report.criterion("initialise: batch norms at 1 and 0, and all else as it was", 0.5):
        reply = asked()
        normed = {f"{layer}.weight": 1.0 for layer in NORMS} | {f"{n}.bias": 0.0 for n in NORMS}
        drawn = {f"{layer}.weight" for layer in CONVOLUTIONS}
        for name, before in reply["before"].items():
            if name in drawn:
                continue
            close(
                reply["after"][name],
                torch.full_like(before, normed[name]) if name in normed else before,
                what=name,
                given=kinds,
                idea="a batch norm has a running_mean, whatever its class is; the weight of a "
                "PReLU, the bias of a convolution, constants and statistics are left alone",
                tolerance=EXACT,
            )
    with report.criterion("initialise: the numbers come from the generator", 0.5):
        reply = asked()
        spread(reply)
        for name in (f"{layer}.weight" for layer in CONVOLUTIONS):
            close(
                reply["again"][name],
                reply["after"][name],
                what=name,
                given=f"{kinds}; two networks, and two generators in the same state",
                idea="every draw takes generator=generator; nothing else is used",
                tolerance=EXACT,
            )
        for one, other, when in (
            (reply["next"], reply["again"], "the same generator, used once more"),
            (
                {"blocks.0.weight": reply["after"]["blocks.1.weight"]},
                reply["after"],
                "two convolutions of one shape",
            ),
        ):
            if any(
                torch.equal(one[n], other[n])
                for n in one
                if n.removesuffix(".weight") in CONVOLUTIONS
            ):
                raise Lost(
                    "the same numbers again",
                    "other numbers",
                    f"{kinds}; {when}",
                    "a generator moves on with each draw; no seed is set",
                )
        if reply["global_moved"]:
            raise Lost(
                "torch's global generator has moved",
                "it is not used",
                kinds,
                "every draw takes generator=generator",
            )


def judge_spread(name: str, weight: Tensor, given: str) -> None:
    """A weight must look drawn from the normal distribution of fan-out.

    Raises:
        Lost: mean, spread or shape are those of another distribution.
    """
    n, std = weight.numel(), math.sqrt(2 / (weight.shape[0] * weight[0, 0].numel()))
    fan_in = math.sqrt(2 / weight[0].numel())
    tails = math.erfc(2 / math.sqrt(2))  # beyond two standard deviations
    facts = {
        "mean": (float(weight.mean()), 0.0, std / math.sqrt(n)),
        "standard deviation": (float(weight.std()), std, std / math.sqrt(2 * n)),
        "share beyond two standard deviations": (
            float((weight.abs() > 2 * std).double().mean()),
            tails,
            math.sqrt(tails / n),
        ),
    }
    for what, (got, expected, sigma) in facts.items():
        if not abs(got - expected) <= SIGMAS * sigma:
            idea = "kaiming_normal_ with mode and nonlinearity; it must reach this layer, too"
            if what == "standard deviation" and abs(got - fan_in) <= SIGMAS * fan_in / math.sqrt(n):
                idea = "this is the spread of fan-in, which is the default mode"
            raise Lost(
                f"{name}: {what} {got:.4g}",
                f"{name}: {what} {expected:.4g}, up to {SIGMAS * sigma:.1g}",
                given,
                idea,
            )


# 4. load_pretrained

HEADS = ("fc", "classifier.2", "classifier", "features")
FROZEN = ("conv1.weight", "features.1.bias")


def exam_load(generator, ask, report):
    """Numbers; the tensors themselves; refusals."""

    def question(head: str, classes: int = 5) -> dict:
        twin = Headed(classes)
        own, state = numbers_for(twin, generator), numbers_for(twin, generator)
        wider = numbers_for(Headed(classes + 2), generator)
        inside = [name for name in own if name.startswith(f"{head}.")]
        state |= {name: wider[name] for name in inside}
        if head == "classifier":  # a head without anything, and with something unknown
            state = {n: t for n, t in state.items() if n not in inside}
            state["classifier.9.weight"] = torch.ones(2)
        return {
            "own": own,
            "state": state,
            "head": head,
            "classes": classes,
            "frozen": list(FROZEN),
        }

    def loaded(head: str, same_head: bool = False) -> dict:
        asked = question(head)
        if same_head:
            asked["state"] = numbers_for(Headed(5), generator)
        given = f"head {head!r}" + ", of the same shape in the state dict" * same_head
        reply = told(ask, asked, given)
        if reply["raised"]:
            raise Lost(
                reply["said"],
                "everything but the head is loaded",
                given,
                "the head is what begins with its name and a dot",
            )
        kept = {name for name in asked["own"] if name.startswith(f"{head}.")}
        expected = {
            name: asked["own" if name in kept else "state"][name].double() for name in asked["own"]
        }
        for name, value in expected.items():
            close(
                reply["after"][name],
                value,
                what=name,
                given=given,
                idea="the head keeps its own numbers, whatever the state dict has for it"
                if name in kept
                else "every tensor of the network's state dict takes the numbers of its name: "
                "frozen weights, constants and statistics, too",
                tolerance=EXACT,
            )
        return reply | {"given": given, "kept": kept}

    def refused(change: Callable[[dict], None], raises: str, given: str, idea: str) -> None:
        asked = question("fc")
        change(asked["state"])
        reply = told(ask, asked, given)
        if raises not in reply["raised"]:
            raise Lost(reply["said"], raises, given, idea)
        for name, value in asked["own"].items():
            close(
                reply["after"][name],
                value.double(),
                what=f"after the {raises}, {name}",
                given=given,
                idea="look at every name and shape first, and change afterwards",
                tolerance=EXACT,
            )

    with report.criterion("load: all but the head; the names that were not loaded", 1):
        for head in HEADS:
            reply = loaded(head)
            if sorted(reply["names"]) != sorted(reply["kept"]):
                raise Lost(
                    f"names: {', '.join(reply['names'])}",
                    f"{', '.join(sorted(reply['kept']))}",
                    reply["given"],
                    "the names in the network's state dict that begin with the head's name "
                    "and a dot",
                )
        loaded("fc", same_head=True)
    with report.criterion("load: the tensors stay what they are, apart from the file's", 0.5):
        for head in HEADS[:2]:
            reply = loaded(head)
            must_have_none(
                reply["exchanged"],
                "other objects than before",
                "new numbers in the tensors that were there",
                reply["given"],
                "copy_ under no_grad(), or a state dict's tensors, write into what is there",
            )
            must_be(
                reply["kinds"],
                reply["kinds_before"],
                reply["given"],
                "trainable leaves stay trainable, frozen weights frozen",
            )
            must_be_kept(
                reply["changed"],
                f"{reply['given']}; all tensors of the network are then changed in place",
                "pop() and assign=True reach the caller's dict",
            )
            if reply["mode_changed"]:
                raise Lost("the network is in another mode", "its mode", reply["given"])
    with report.criterion("load: a name too few or too many raises KeyError first", 0.5):
        loaded("fc")
        for name in ("fc2.weight", "fc_norm.bias", "features.1.num_batches_tracked", "centre"):
            refused(
                lambda state, name=name: state.pop(name),
                "KeyError",
                f"head 'fc', and a state dict without {name!r}",
                "every name of the network outside of the head must be there",
            )
        for name in ("bn1.wieght", "fcx.weight", "layer4.weight"):
            refused(
                lambda state, name=name: state.update({name: torch.ones(3)}),
                "KeyError",
                f"head 'fc', and a state dict with {name!r} as well",
                "every name of the state dict outside of the head must be the network's",
            )
    with report.criterion("load: another shape raises ValueError first", 0.5):
        loaded("fc")
        for name, shape in {
            "fc_norm.weight": (3,),
            "conv1.weight": (2, 3, 3, 3),
            "features.0.bias": (1,),
            "fc2.bias": (),
            "bn1.num_batches_tracked": (2,),
            "fc_norm.running_var": (1,),
        }.items():
            refused(
                lambda state, name=name, shape=shape: state.update({name: torch.ones(shape)}),
                "ValueError",
                f"head 'fc', and {name!r} with the shape {shape} in the state dict",
                "copy_ accepts what can be broadcast, so compare the shapes themselves",
            )
