"""The examining side of exercise 06: a residual network whose training step can be differentiated.

What is expected is computed in float64, by a twin of ordinary modules or by `run_steps`.
"""

import math
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from ..graph_memory import kept_by_the_graph
from .answering import doubled
from .examining import (
    Check,
    Lost,
    Question,
    close,
    error,
    must_be_kept,
    normal,
    rate_near,
    recognise,
    show,
    told,
    whole,
)
from .meta_resnet_run import (
    TIED,
    Headed,
    Network,
    Ordinary,
    computation,
    one_thread,
    ordinary,
    run_block,
    run_held,
    run_initialise,
    run_inner_loop,
    run_load,
    run_loss_after_step,
    run_make_meta,
)

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = (
    "l2l_ref.graph_memory",
    "l2l_ref.modules",
    "l2l_ref.resnet",
    "l2l_ref.checks.meta_resnet_run",
)

Tensors = dict[str, Tensor]

#: For what is computed in float64 on both sides.
EXACT = 1e-8

#: Said in more than one question.
ABOVE = "the numbers are not right yet; begin with the criteria above"


def must_be(kinds: Mapping[str, str], expected: Mapping[str, str], given: str, idea: str) -> None:
    """Tensors must be to autograd what is expected of them.

    Raises:
        Lost: one is something else.
    """
    for name, kind in expected.items():
        if kinds[name] != kind:
            raise Lost(f"{name} is a {kinds[name]}", f"{name}: a {kind}", given, idea)


def must_have_none(found: list[str], came_back: str, expected: str, given: str, idea: str) -> None:
    """A list of what is not as it should be must be empty.

    Raises:
        Lost: it is not.
    """
    if found:
        raise Lost(f"{came_back}: {', '.join(found)}", expected, given, idea)


def all_close(
    got: Mapping[str, Tensor | None], expected: Tensors, what: str, given: str, idea: str
) -> None:
    """Compare tensors by name. All have one scale, since a single one may cancel to nothing.

    Raises:
        Lost: they differ; the worst of them is shown.
    """
    words = {"given": given, "idea": idea}
    for name, value in expected.items():
        if got[name] is None:
            close(None, value, what=f"{what} {name}", **words)
        if got[name].shape != value.shape:
            shapes = (f"{what} {name}: shape {tuple(t.shape)}" for t in (got[name], value))
            raise Lost(*shapes, given, idea)
    scale = max(float(value.abs().max()) for value in expected.values())
    off = {n: float((got[n] - v).abs().nan_to_num(nan=math.inf).max()) for n, v in expected.items()}
    worst = max(off, key=off.get)
    if off[worst] > EXACT * scale:
        shown = (f"{what} {worst}: {show(each[worst])}" for each in (got, expected))
        raise Lost(*shown, given, idea)


def slopes_of(output: Tensor, sources: Tensors) -> Tensors:
    """The derivative of an output in each source."""
    found = torch.autograd.grad(output, list(sources.values()), materialize_grads=True)
    return dict(zip(sources, found, strict=True))


def numbers_for(network: nn.Module, generator: torch.Generator) -> Tensors:
    """Fresh numbers for the state dict of a network, such that everything in it matters."""
    found = {}
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            found[name] = torch.randint(2, 50, (), generator=generator)
        elif name.endswith("running_var"):
            found[name] = torch.rand(tensor.shape, generator=generator) + 0.5
        else:
            spread = tensor[0].numel() ** -0.5 if tensor.ndim > 1 else 1.0
            spread = 0.3 if name.endswith("bias") else spread  # few units must be dead
            found[name] = spread * torch.randn(tensor.shape, generator=generator)
    return found


# 1. MetaBasicBlock


class Block(nn.Module):
    """Torchvision's basic block, from ordinary layers."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        if stride != 1 or in_channels != channels:
            projection = nn.Conv2d(in_channels, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(channels))

    def forward(self, x):
        inner = F.relu(self.bn1(self.conv1(x)))
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        return F.relu(self.bn2(self.conv2(inner)) + shortcut)


def exam_block(generator, ask, report):
    """Outputs of both kinds of block; state dicts and the graph."""
    one_thread()

    def judge(arguments: tuple, options: dict, modes: list[bool], numbers: str, idea: str) -> None:
        words = [*map(repr, arguments), *(f"{name}={value}" for name, value in options.items())]
        call = f"MetaBasicBlock({', '.join(words)})"
        twin = Block(*arguments, **options)
        state = numbers_for(twin, generator)
        x = 0.5 * torch.randn((len(modes), 3, arguments[0], 6, 5), generator=generator)
        probe = torch.randn((len(modes), *twin(x[0]).shape), generator=generator)
        reply = ask(
            block=call,
            probe_arguments=list(arguments),
            probe_options=options,
            state=state,
            probe_numbers=numbers,
            x=x,
            modes=modes,
            probe=probe,
        )
        expected = block_of(twin, state, numbers, x, modes, probe)
        given = f"{call}, {' then '.join('train' if mode else 'eval' for mode in modes)}"
        close(
            reply["output"],
            expected["output"],
            what="its outputs",
            given=given,
            idea=idea,
            tolerance=EXACT,
        )
        must_be_kept(reply["changed"], given, "relu_ and += write into the tensor they are given")
        if numbers != "assigned":
            return
        all_close(
            reply["by_weight"],
            expected["by_weight"],
            "the derivative of its outputs in the source of",
            f"{given}; each of its weights is set to source ** 2",
            "forward must call the layers with the tensors that they hold, under their names",
        )
        close(
            reply["by_x"],
            expected["by_x"],
            what="the derivative in x",
            given=given,
            idea=idea,
            tolerance=EXACT,
        )
        all_close(
            reply["state"],
            expected["state"],
            "afterwards, in its state dict,",
            given,
            "each batch goes once through each batch norm, in the mode that the block is in",
        )
        must_have_none(
            reply["parameters"],
            "still registered as parameters",
            "buffers only",
            given,
            "build the block from MetaConv2d and MetaBatchNorm2d",
        )
        weights = dict.fromkeys(expected["by_weight"], "leaf")
        must_be(reply["kinds"], weights, given, "a new block's weights are trainable leaves")

    train_and_eval = [True, False, True]
    with report.criterion("block: its outputs where the shortcut is the identity", 1):
        rule = "relu(bn2(conv2(relu(bn1(conv1(x))))) + x): the second relu comes after the sum"
        judge((4, 4), {}, [True], "loaded", rule)
        judge((3, 3), {"stride": 1}, [False], "loaded", rule)
        judge((5, 5, 1), {}, train_and_eval, "loaded", rule)
    with report.criterion("block: its outputs where the shortcut is a projection", 1):
        rule = (
            "the projection is there when the stride is not 1 or the channels change; it has the "
            "stride of conv1, and conv2 has none; a batch norm follows it, and no relu"
        )
        judge((2, 4), {"stride": 2}, [True], "loaded", rule)
        judge((4, 3), {}, [False], "loaded", rule)
        judge((5, 5, 2), {}, train_and_eval, "loaded", rule)
        judge((2, 3, 3), {}, [True], "loaded", rule)
    with report.criterion("block: weights with a graph, and state dicts that go both ways", 1):
        rule = ABOVE
        judge((4, 4), {}, train_and_eval, "assigned", rule)
        judge((3, 4), {"stride": 2}, train_and_eval, "assigned", rule)


def block_of(twin: Block, state: Tensors, numbers: str, x, modes: list[bool], probe) -> dict:
    """What the twin computes; ``numbers`` as in `run_block`."""
    twin, sources = twin.double(), doubled(state)
    weights = [name for name, _ in twin.named_parameters()]
    squared = set(weights) if numbers == "assigned" else set()
    twin.load_state_dict({n: s.square() if n in squared else s for n, s in sources.items()})
    x = x.double().requires_grad_()
    output = torch.stack([twin.train(mode)(batch) for mode, batch in zip(modes, x, strict=True)])
    named = dict(twin.named_parameters())
    slopes = slopes_of((probe.double() * output).sum(), {"x": x, **named})
    return {
        "output": output.detach(),
        "by_weight": {n: slopes[n] * (2 * sources[n] if n in squared else 1) for n in named},
        "by_x": slopes["x"],
        "state": {n: t.double() for n, t in twin.state_dict().items()},
    }


# 2. make_meta


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


# 5 and 6. One step, and several

MOMENTA = ([0.1, 0.4], [None, 0.3], [0.25, None])
SHORTCUT = "block.shortcut.weight"


def problem(generator, sizes: list[int], frozen: bool) -> dict:
    """A network and batches of these sizes."""
    network = Network([0.1, 0.1])
    numbers = numbers_for(network, generator)
    weights = {name for name, b in network.named_buffers() if b.requires_grad}
    weights -= {SHORTCUT} if frozen else set()
    return {
        "weights": {name: numbers[name] for name in numbers if name in weights},
        "constants": {name: numbers[name] for name in numbers if name not in weights},
        "x": [torch.randn((size, 2, 6, 5), generator=generator) for size in sizes],
        "y": [torch.randint(5, (size,), generator=generator) for size in sizes],
        "rate": rate_near(0.5, generator),
        "momenta": MOMENTA[whole(0, 2, generator)],
    }


class Run:
    """Gradient descent on the network in float64.

    Args:
        asked: a `problem`. training: the mode.
    """

    def __init__(self, asked: Mapping, training: bool):
        self.sources = {n: w.requires_grad_() for n, w in doubled(asked["weights"]).items()}
        self.theta = dict(self.sources)
        self.rest = {n: c.clone() for n, c in doubled(asked["constants"]).items()}
        self.rate = asked["rate"].double().requires_grad_()
        self.network = Network(asked["momenta"]).train(training)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """The loss on a batch, which moves the statistics in training mode."""
        return F.cross_entropy(
            functional_call(self.network, self.theta | self.rest, (x.double(),)), y
        )

    def step(self, x: Tensor, y: Tensor, first_order: bool = False) -> None:
        """One step on a batch."""
        slopes = torch.autograd.grad(
            self.loss(x, y), list(self.theta.values()), create_graph=not first_order
        )
        self.theta = {
            name: w - self.rate * slope
            for (name, w), slope in zip(self.theta.items(), slopes, strict=True)
        }

    def slopes(self, output: Tensor) -> Tensors:
        """The derivatives of an output in the first weights and in the rate."""
        return slopes_of(output, {**self.sources, "rate": self.rate})


def after_step(asked: Mapping, training: bool, first_order: bool = False) -> dict[str, Tensor]:
    """The loss on the second batch after a step on the first, and its derivatives."""
    run = Run(asked, training)
    run.step(asked["x"][0], asked["y"][0], first_order)
    loss = run.loss(asked["x"][1], asked["y"][1])
    return {"loss": loss.detach(), **run.slopes(loss)}


def mistaken_losses(asked: Mapping, training: bool) -> dict[str, dict[str, Tensor]]:
    """Losses that come from mistakes one knows."""

    def before(batch: int) -> Tensor:
        return Run(asked, training).loss(asked["x"][batch], asked["y"][batch]).detach()

    def swapped() -> dict:
        return {k: asked[k][::-1] if k in "xy" else asked[k] for k in asked}

    def one_batch() -> dict:
        return {k: asked[k][:1] * 2 if k in "xy" else asked[k] for k in asked}

    against = dict(asked) | {"rate": -asked["rate"]}
    found = {
        "this is the loss before the step": before(1),
        "this is the loss that the step is taken on": before(0),
        "the two batches have changed places": after_step(swapped(), training)["loss"],
        "this is the loss on the batch of the step itself": after_step(one_batch(), training)[
            "loss"
        ],
        "the step goes uphill": after_step(against, training)["loss"],
        "the network was called in another mode than it is in": (
            after_step(asked, not training)["loss"]
        ),
    }
    return {say: {"loss": loss} for say, loss in found.items()}


STEP = (
    "every weight becomes weight - rate * slope, all at once, and the loss on the other batch is "
    "computed with the new ones"
)
TURNED = "the network is called in the mode that it is in; in eval mode its statistics stay"
AS_IT_WAS = (
    "calling a network in training mode moves its running statistics in place; give it clones, and "
    "put back what you exchange. backward() leaves a .grad"
)


def exam_step(generator, ask, report):
    """The loss; second order; first order."""
    one_thread()

    def judge(
        given: str,
        *,
        first_order=None,
        training=True,
        frozen=False,
        weights_are="leaves",
        rate_is="a tensor",
        slopes=True,
    ) -> None:
        asked = problem(generator, [6, 4], frozen)
        order = "the default order" if first_order is None else f"first_order={first_order}"
        mode = "training" if training else "eval"
        given = f"{given}, in {mode} mode; {order}, {rate_is} as rate"
        words = {"rate_is": rate_is, "first_order": first_order, "weights_are": weights_are}
        reply = told(ask, asked | words | {"training": training}, given)
        expected = after_step(asked, training, bool(first_order))
        loss = expected.pop("loss")
        idea = STEP
        if error(reply["loss"], loss) > EXACT:
            idea = recognise(reply, mistaken_losses(asked, training), STEP)
        close(reply["loss"], loss, what="the loss", given=given, idea=idea, tolerance=EXACT)
        must_be_kept(reply["changed"], given, AS_IT_WAS)
        if slopes:
            got = reply["by_weight"] | {"rate": reply["by_rate"]}
            idea = in_the_other_order(
                got, expected, lambda: after_step(asked, training, not first_order), first_order
            )
            all_close(got, expected, "d loss / d", given, idea)

    network = "a residual network with two batch norms"
    with report.criterion("one step: the loss after it; the network is as it was", 1):
        judge(network, slopes=False)
        judge(network, training=False, rate_is="a number", slopes=False)
        judge(f"{network} and a frozen weight", first_order=True, frozen=True, slopes=False)
        judge(f"{network}; its weights are results", weights_are="results", slopes=False)
    with report.criterion("one step, second order: the graph leads through the gradient", 1):
        judge(network)
        judge(network, training=False)
        judge(f"{network} and a frozen weight", first_order=False, frozen=True)
        judge(f"{network}; its weights are results", weights_are="results")
    with report.criterion("one step, first order: the gradient counts as a constant", 1):
        judge(network, first_order=True)
        judge(network, first_order=True, training=False)
        judge(f"{network}; its weights are results", first_order=True, weights_are="results")


def in_the_other_order(
    got: Mapping[str, Tensor | None],
    expected: Tensors,
    other: Callable[[], Tensors],
    first_order: bool | None,
) -> str:
    """What to look at when derivatives are wrong; ``other`` computes those of the other order."""
    if any(got[n] is None or error(got[n], expected[n]) > EXACT for n in expected):
        wrong = other()
        mistake = OTHER_ORDER[bool(first_order)]
        return recognise(got, {mistake: {name: wrong[name] for name in expected}}, graph_idea(got))
    return ""


OTHER_ORDER = {
    False: "these numbers take the gradient for a constant; create_graph=True gives it a graph",
    True: "these numbers know how the gradient depends on the weights; in first order it counts "
    "as a constant",
}


def graph_idea(got: Mapping[str, Tensor | None]) -> str:
    """What to look at when derivatives are wrong."""
    if all(each is None for each in got.values()):
        return "no graph leads anywhere: detach(), .data, item(), no_grad() and copy_() cut it"
    if got["rate"] is None:
        return "the rate must enter as the tensor it is: item() and float() give numbers"
    if any(each is None for each in got.values()):
        return "the new weight is computed from the old one, which must not be detached"
    return (
        "the loss depends on the first weights in two ways: through w - ..., and in second order "
        "through the gradient; batch norm's mean and variance belong to it"
    )


def exam_inner_loop(generator, ask, report):
    """The weights and their graph; the statistics."""
    one_thread()

    def judge(
        steps: int,
        given: str,
        *,
        part: str,
        training=True,
        frozen=False,
        weights_are="leaves",
        rate_is="a tensor",
        runs=1,
        first_order=None,
    ) -> None:
        asked = problem(generator, [6, 4, 5, 3][:steps], frozen)
        probes = normal({name: w.shape for name, w in asked["weights"].items()}, generator)
        given = f"{given}, in {'training' if training else 'eval'} mode; {steps} batches"
        words = {"rate_is": rate_is, "first_order": first_order, "weights_are": weights_are}
        words |= {"training": training, "probes": probes, "runs": runs}
        reply = told(ask, asked | words, given)

        def ended(first_order: bool, turned: bool = False) -> tuple[Run, Tensors]:
            """A run, in the other mode if turned, and the derivatives of what it ends with."""
            run = Run(asked, training != turned)
            for x, y in zip(asked["x"], asked["y"], strict=True):
                run.step(x, y, first_order)
            return run, run.slopes(
                sum((probes[n].double() * w).sum() for n, w in run.theta.items())
            )

        run, expected = ended(bool(first_order))
        if part == "theta":
            theta = {name: w.detach() for name, w in run.theta.items()}
            mistake = {TURNED: ended(False, turned=True)[0].theta}
            idea = STEP if training else recognise(reply["theta"], mistake, STEP)
            all_close(reply["theta"], theta, "theta", given, idea)
            got = reply["by_weight"] | {"rate": reply["by_rate"]}
            if rate_is == "a number":
                got["rate"] = expected["rate"]  # no graph can lead there
            idea = in_the_other_order(got, expected, lambda: ended(not first_order)[1], first_order)
            all_close(got, expected, "the derivative of theta in", given, idea)
        else:
            for name, value in run.rest.items():
                close(
                    reply["rest"][name],
                    value.double(),
                    what=name,
                    given=given,
                    idea="the statistics begin as the network's own, go from step to step, and "
                    "move once in each"
                    if training
                    else TURNED,
                    tolerance=EXACT,
                )
            must_have_none(
                reply["with_graph"], "with a graph", "constants", given, "rest holds no weights"
            )
            must_have_none(
                reply["the_networks"],
                "the network's own tensors",
                "tensors of the run's own",
                given,
                "clone them before the first step",
            )
        must_be_kept(reply["changed"], given, AS_IT_WAS)

    network = "a residual network with two batch norms"
    with report.criterion("inner loop: the weights at the end, and their graph", 1):
        judge(3, network, part="theta")
        judge(2, network, part="theta", training=False, rate_is="a number")
        judge(1, f"{network} and a frozen weight", part="theta", frozen=True, first_order=False)
        judge(3, f"{network}; first_order=True", part="theta", first_order=True)
        judge(4, f"{network}; its weights are results", part="theta", weights_are="results")
    with report.criterion("inner loop: the statistics go along, and are the run's own", 1):
        for steps, training, runs in ((3, True, 1), (2, True, 2), (3, False, 1), (4, True, 1)):
            again = "; the loop is run twice" if runs > 1 else ""
            judge(
                steps,
                f"{network}{again}",
                part="rest",
                training=training,
                runs=runs,
                frozen=steps == 4,
            )


# 7. held_bytes

KINDS = {
    "outputs": "x.exp().exp().exp(), which saves three results",
    "views": "a computation that saves two views of one tensor",
    "twice": "a computation in which three operations save the same tensor",
    "equal": "a computation that saves two tensors with equal numbers",
    "weights": "a linear layer, whose weight is saved as such, transposed and in part",
    "several": "a computation with a dict of results",
    "dropped": "a computation that gives up parts of what it has made",
    "first_order": "a step in first order",
    "second_order": "the same step in second order",
    "nothing": "a computation under no_grad()",
}


def exam_held(generator, ask, report):
    """Memory counts once; what was given up does not count."""

    def judge(kind: str, idea: str, precision: str = "float32") -> None:
        sizes = torch.randint(3, 40, (2,), generator=generator).tolist()
        asked = {"kind": kind, "sizes": sizes, "precision": precision}
        given = f"{KINDS[kind]}, in {precision}, with {sizes[0]} numbers in x"
        reply = told(ask, asked, given)
        expected = kept_by_the_graph(*computation(kind, sizes, getattr(torch, precision)))
        if reply["bytes"] != expected:
            raise Lost(f"{float(reply['bytes']):g} bytes", f"{expected} bytes", given, idea)
        if reply["calls"] != 1:
            raise Lost(
                f"{reply['calls']} calls of compute()",
                "one call",
                given,
                "what compute() does may take long; keep its result and look at that",
            )
        must_be_kept(reply["changed"], given, "look, and leave everything in its place")

    once = (
        "count storages, by their data_ptr(), and each with its nbytes(); leave out those of the "
        "weights. id() of a tensor does not do: views are tensors of their own"
    )
    with report.criterion("held bytes: each piece of memory once, the weights not at all", 0.75):
        for kind in ("views", "twice", "equal", "weights", "several", "outputs"):
            judge(kind, once)
            judge(kind, once, "float64")
    with report.criterion("held bytes: what the graph holds in the end", 0.75):
        at_the_end = (
            "count when compute() has returned, while its result exists: what a WeakSet of the "
            "objects that pack returned still has. If they hold a result with its graph, they stay"
        )
        for kind in ("outputs", "dropped", "first_order", "second_order", "nothing", "several"):
            judge(kind, at_the_end)
        judge("second_order", at_the_end, "float64")


check = Check(
    "meta_resnet",
    version="2",
    questions={
        "MetaBasicBlock": Question(3, exam_block, run_block),
        "make_meta": Question(3, exam_make_meta, run_make_meta),
        "initialise": Question(2, exam_initialise, run_initialise),
        "load_pretrained": Question(2.5, exam_load, run_load),
        "loss_after_step": Question(3, exam_step, run_loss_after_step),
        "inner_loop": Question(2, exam_inner_loop, run_inner_loop),
        "held_bytes": Question(1.5, exam_held, run_held),
    },
)
