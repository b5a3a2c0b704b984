"""The question of exercise 02 on containers: a sequence of layers is a layer."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..examining import Lost, close, normal, show
from .networks import Mask

CONTAINED = {
    "0.weight": (2, 2),
    "0.bias": (2,),
    "2.0.weight": (2, 2),
    "2.0.bias": (2,),
    "2.1.weight": (1,),
    "2.2.gain": (2,),
    "4.weight": (2,),
}
FIXED = "4.weight"
PARTS = (
    "tanh = nn.Tanh(); MetaSequential(layer, tanh, MetaSequential(layer, nn.PReLU(), gain), tanh, "
    "a fixed factor)"
)


class Gain(nn.Module):
    """The twin of the factor that is a weight."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return x * self.gain


def container(weights: dict[str, Tensor]) -> nn.Sequential:
    """The twin, in float64, tied where ``weights`` has none for the second layer."""
    inner, tanh = nn.Sequential(nn.Linear(2, 2), nn.PReLU(), Gain()), nn.Tanh()
    made = nn.Sequential(nn.Linear(2, 2), tanh, inner, tanh, Mask())
    if "2.0.weight" not in weights:
        inner[0].weight = made[0].weight
    made[4].weight = torch.zeros(2)
    made.load_state_dict({"2.0.weight": weights["0.weight"]} | weights)
    return made.double()


def exam_sequential(generator, ask, report):
    """Used as a list; state dicts; parameters."""
    x, y = torch.randn(5, 2, generator=generator), torch.randn(5, 2, generator=generator)
    probe = torch.randn(5, 2, generator=generator)

    def fresh() -> dict[str, Tensor]:
        weights = normal(CONTAINED, generator)
        return weights | {"2.1.weight": weights["2.1.weight"].abs() + 0.2}

    def same(what: str, got, expected, idea: str, given: str = PARTS) -> None:
        if got != expected:
            raise Lost(f"{what}: {got}", f"{what}: {expected}", given, idea)

    def trains(weights: dict[str, Tensor], given: str) -> None:
        rate, steps = 0.1, 3
        reply = ask(weights=weights, x=x, y=y, rate=rate, steps=steps, prefix="net")
        twin, trainable = container(weights), [name for name in weights if name != FIXED]
        everything = [name for name in CONTAINED if name != FIXED]
        for title, names, expected, idea in (
            (
                "the names",
                reply["names"],
                trainable,
                "named_parameters() of the base class knows the PReLU's weight; the buffers that "
                "require a gradient come in addition, and a tied one once",
            ),
            (
                'the names with prefix="net"',
                reply["prefixed"],
                [f"net.{name}" for name in trainable],
                "pass prefix on to what you call",
            ),
            (
                "the names with remove_duplicate=False",
                reply["all"],
                everything,
                "pass remove_duplicate on to what you call",
            ),
            (
                "the names with recurse=False",
                reply["own"],
                [],
                "pass recurse on to what you call",
            ),
            (
                "the names when some weights are results",
                reply["names_afterwards"],
                trainable,
                "a weight is a buffer that requires a gradient, whether it is a leaf or not",
            ),
        ):
            same(title, sorted(names), sorted(expected), idea, given)
        optimizer = torch.optim.SGD(twin.parameters(), lr=rate)
        for _ in range(steps):
            optimizer.zero_grad()
            F.mse_loss(twin(x.double()), y.double()).backward()
            optimizer.step()
        state = twin.state_dict()
        for name in weights:
            close(
                reply["values"][name],
                state[name],
                what=f"{name} after {steps} steps of torch.optim.SGD",
                given=f"{given}, the rate {show(rate)}",
                idea="the optimizer must get the very tensors that forward computes with",
            )

    with report.criterion("container: call, length, index, slice and iteration", 0.5):
        rule = "one module after the other, each on what the one before gave"
        for start in (1, 0, -1):
            weights = fresh()
            reply = ask(weights=weights, x=x, probe=probe, start=start)
            output = container(weights)(x.double()).detach()
            close(reply["output"], output, what="its output", given=PARTS, idea=rule)
            twice = "a module may come twice: children() gives it once, _modules.values() each time"
            same("its length", reply["length"], 5, twice)
            where = "which children it gives, tanh being number 1, 99 for others"
            indices = f"an index counts from 0, a negative one from the end; {twice}"
            places = [0, 1, 2, 1, 4]
            same(f"net[-5] to net[4]: {where}", reply["places"], places * 2, indices)
            same(f"iteration: {where}", reply["iterated"], places, twice)
            rest = places[start:]
            sliced = "a slice is a container of the same layers, not of copies"
            same(f"net[{start}:]: {where}", reply["sliced"], rest, sliced)
            if not reply["same_class"]:
                raise Lost(f"net[{start}:] is of another class", "a MetaSequential", PARTS, sliced)
            if reply["slice_output"] is not None:
                close(
                    reply["slice_output"],
                    output,
                    what="net[1:](net[0](x))",
                    given=PARTS,
                    idea=sliced,
                )
    with report.criterion("container: state dicts go both ways", 0.5):
        before, state = fresh(), fresh()
        reply = ask(weights=before, state=state, x=x, probe=probe)
        twin = container(state)
        output, given = twin(x.double()).detach(), f"{PARTS}, and the state dict of its twin"
        keys = list(twin.state_dict())
        same("the keys of its state dict", reply["keys"], keys, "children go by their numbers")
        for name, value in state.items():
            close(reply["state"][name], value, what=name, given=given, idea="its own tensors")
        close(reply["output"], output, what="its output", given=given, idea="its own children")
    with report.criterion("container: parameters() gives all weights, torch.optim trains them", 1):
        for tied in (False, True):
            weights = fresh()
            weights["2.0.bias"] = weights["0.bias"].clone()  # equal, and not tied
            if tied:
                del weights["2.0.weight"]
            trains(weights, f"{PARTS}; the two layers are tied" if tied else PARTS)
