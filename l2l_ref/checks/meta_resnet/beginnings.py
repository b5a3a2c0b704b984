"""The questions of exercise 06 on where weights come from: drawn, or loaded."""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from ..examining import Lost, close, must_be_kept, told, whole
from ..wire import Tensors
from .exact import (
    EXACT,
    agree,
    fan_out,
    must_be,
    must_have_none,
    must_not_remember,
    numbers_to_load,
    same_numbers,
)

# 3. initialise

LARGE = (
    *("conv1.weight", "blocks.0.weight", "blocks.1.weight", "conv2.weight", "shortcut.0.weight"),
    *("kernel", "pair.0.weight", "deep.1.0.0.weight", "narrow.weight"),
)
TINY = tuple(f"tiny.{k}.weight" for k in range(44))
CONVOLUTIONS = (*LARGE, *TINY)
TIED = {"pair.1.weight": "pair.0.weight"}
NORMS = ("bn1", "bn2", "shortcut.1", "part.weights.biases")
#: What single weights of batch norms become whose other one is frozen, or not there.
HALVES = {"halves.0.weight": 1.0, "halves.1.bias": 0.0, "lone.0.weight": 1.0, "lone.1.bias": 0.0}
UNCOUNTED = {"uncounted.weight": 1.0, "uncounted.bias": 0.0}
SIGMAS = 5  # standard errors that a draw may be off, which happens once in a million
MANY = 7000  # among as many numbers some are beyond three deviations, but once in a hundred million
NOT_CUT = "a normal distribution, neither cut off at some number nor of another shape"

KINDS = (
    "a network with convolutions of both kinds, batch norms, a PReLU and a linear layer, some of "
    "them frozen"
)
LACKING = (
    f"{KINDS}, and batch norms without a weight, without a bias, without both, or without a count "
    "and a variance; some of the numbers that were there are NaN or infinite"
)


def exam_initialise(generator, ask, report):
    """Spread; batch norm and the rest; the generator."""

    def asked(**how) -> dict:
        channels = 2 * whole(12, 15, generator)
        seed = int(torch.randint(2**31, (), generator=generator))
        plain = {"precision": "float64", "default": "float64", "bare": False, "often": False}
        return ask(channels=channels, seed=seed, **plain | how)

    with report.criterion("initialise: every convolution has the spread of fan-out", 0.5):
        judge_spreads(asked())
        reply = asked(precision="float32")
        judge_spreads(reply)
        weights = [name for name, kind in reply["kinds"].items() if kind == "leaf"]
        must_be(
            reply["kinds"],
            dict.fromkeys(CONVOLUTIONS, "leaf"),
            KINDS,
            f"trainable leaves stay what they were; here {len(weights)} are left",
        )
    with report.criterion("initialise: batch norms at 1 and 0, and all else as it was", 0.5):
        judge_the_rest(asked(bare=True))
    with report.criterion("initialise: the numbers come from the generator", 0.5):
        reply = asked(default="float32", often=True)
        judge_draws(reply)
        if not report.criteria[0].lost:
            judge_sums(shares_of(reply["after"]))


def judge_spreads(reply: dict) -> None:
    """Each convolution, and all together, must look drawn from the right normal distribution.

    Raises:
        Lost: they do not, or are in other tensors than before.
    """
    after = reply["after"]
    for name in LARGE:
        judge_spread(name, after[name], KINDS)
    judge_shape(torch.cat([share.flatten() for share in shares_of(after)]), KINDS)
    must_have_none(
        reply["exchanged"] or ["all tensors are in other memory"] * reply["moved"],
        "other objects than before",
        "new numbers in the tensors that were there",
        KINDS,
        "nn.init writes into the tensor it is given",
    )


#: What to look at where a batch norm is wrong, and where something else has changed, by what it is.
OF_A_NORM = (
    "a batch norm has a running_mean, whatever its class is and whatever else it has, and each of "
    "its two weights may be frozen or not there; write into it, since what was there may be no "
    "number"
)
STAYS = {
    "constant": "this is a constant, for it requires no gradient: statistics, frozen weights and "
    "constants of any shape stay as they are",
    "leaf": "this is neither of a batch norm nor a convolution's kernel: the weight of a PReLU, "
    "the bias of a convolution and linear layers stay as they are",
}


def judge_the_rest(reply: dict) -> None:
    """Batch norms have 1 and 0; everything else is as it was.

    Raises:
        Lost: it is not so.
    """
    normed = {f"{layer}.weight": 1.0 for layer in NORMS} | {f"{n}.bias": 0.0 for n in NORMS}
    normed |= HALVES | UNCOUNTED
    for name, before in reply["before"].items():
        if name in CONVOLUTIONS or name in TIED:
            continue
        close(
            reply["after"][name],
            torch.full_like(before, normed[name]) if name in normed else before,
            what=name,
            given=LACKING,
            idea=OF_A_NORM if name in normed else STAYS.get(reply["kinds"].get(name), ""),
            tolerance=EXACT,
        )
    changed = reply["changed"] + ["the mode of a part"] * (not reply["modes"])
    must_be_kept(changed, LACKING, "write numbers, and leave .grad, requires_grad and modes alone")


def judge_draws(reply: dict) -> None:
    """The numbers depend on the generator alone, and move it on.

    Raises:
        Lost: they depend on something else, or repeat.
    """
    drawn = [n for n in CONVOLUTIONS if not same_numbers(reply["after"][n], reply["before"][n])]
    if not drawn:
        raise Lost("convolutions with the numbers that were there", "other numbers", KINDS)
    for same, given in (
        ("again", "two networks with other numbers, and two generators in the same state"),
        ("once_more", "a network that was initialised before, a generator in the same state"),
    ):
        for name in drawn:
            agree(
                reply[same][name],
                reply["after"][name],
                what=name,
                given=f"{KINDS}; {given}",
                idea="every draw takes generator=generator; nothing else is used or remembered",
                tolerance=EXACT,
            )
    large = [name for name in LARGE if name in drawn]
    for name in large:
        if torch.equal(reply["next"][name], reply["again"][name]):
            used = f"{KINDS}; the same generator, used once more"
            raise Lost("the same numbers again", "other numbers", used, MOVES_ON)
    judge_repeats(reply["after"], large)
    if reply["global_moved"]:
        draw = "every draw takes generator=generator"
        raise Lost("torch's global generator has moved", "it is not used", KINDS, draw)
    kept = "a list or dict outside of the function keeps what is in it"
    must_not_remember(reply["remembered"], "the network", KINDS, kept)


MOVES_ON = "a generator moves on with each draw; no seed is set, and no draw is used twice"


def judge_repeats(after: Tensors, drawn: list[str]) -> None:
    """No number of a network in float64 may come twice, and none be one of float32.

    Args:
        drawn: the names of the convolutions that have numbers of their own.

    Raises:
        Lost: it does.
    """
    size = torch.cat([(after[n] / fan_out(after[n])).abs().flatten() for n in drawn])
    gaps = size.sort().values.diff()
    if (repeats := int((gaps < 1e-14).sum())) > 10:
        same = f"{repeats} numbers that are there already, as shares of the standard deviation"
        raise Lost(same, "a number of its own for each entry", KINDS, MOVES_ON)
    for name in drawn:
        if torch.equal(after[name], after[name].float().double()):
            short = f"{name}: numbers of float32 in a tensor of float64"
            dtype = "draw in the dtype of the tensor; the default dtype is another here"
            raise Lost(short, "numbers of float64", KINDS, dtype)


def judge_shape(numbers: Tensor, given: str) -> None:
    """Many numbers together must look normal, far from the middle as well.

    Raises:
        Lost: they do not.
    """
    n, beyond = len(numbers), math.erfc(3 / math.sqrt(2))
    normal = torch.special.ndtr(numbers.sort().values)
    steps = torch.arange(1, n + 1, dtype=torch.float64) / n
    facts = (
        ("share beyond three deviations", (numbers.abs() > 3).double().mean(), beyond,
         SIGMAS * math.sqrt(beyond / n)),
        ("distance from the normal distribution", (normal - steps).abs().max(), 0.0,
         2.8 / math.sqrt(n)),
    )  # fmt: skip
    for what, got, expected, most in facts:
        if not abs(float(got) - expected) <= most:
            raise Lost(
                f"all convolutions together: {what} {float(got):.3g}",
                f"{expected:.3g}, up to {most:.1g}",
                given,
                NOT_CUT,
            )


#: The dimensions that sums are taken over.
SUMS = {"layer": (0, 1, 2, 3), "filter": (1, 2, 3), "kernel": (2, 3), "input channel": (0, 2, 3)}


def shares_of(after: Tensors) -> list[Tensor]:
    """The convolutions in shares of their standard deviations, the large ones first."""
    return [after[name].double() / fan_out(after[name]) for name in CONVOLUTIONS]


def judge_sums(shares: list[Tensor]) -> None:
    """Sums over parts of weights must vary as those of independent normal numbers do.

    Raises:
        Lost: they vary less, as where means or lengths have been made equal, or more.
    """
    large = [share.square() - 1 for share in shares[: len(LARGE)]]
    lengths = [each.sum()[None] / (2 * each.numel()) ** 0.5 for each in large]
    found = {"the squares of a layer": lengths}
    for part, dims in SUMS.items():
        sums = [(share.sum(dims).flatten(), share.numel()) for share in shares]
        found[f"each {part}"] = [each * (len(each) / n) ** 0.5 for each, n in sums]
    for part, sums in found.items():  # which have the variance 1
        square, n = float(torch.cat(sums).square().mean()), sum(map(len, sums))
        spread = 2 / (9 * n)  # of the cubic root, which is about normal
        if not abs(square ** (1 / 3) - 1 + spread) <= SIGMAS * spread**0.5:
            raise Lost(
                f"the sums over {part} have {square:.3g} times the variance",
                "that of sums of independent numbers",
                f"{KINDS}; also layers of one or two entries",
                "each entry is drawn by itself; then nothing is done to them together",
            )


def judge_spread(name: str, weight: Tensor, given: str) -> None:
    """A weight must look drawn from the normal distribution of fan-out.

    Raises:
        Lost: mean, spread or shape are those of another distribution.
    """
    weight = weight.double()
    n, std = weight.numel(), fan_out(weight)
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
            right = f"{name}: {what} {expected:.4g}, up to {SIGMAS * sigma:.1g}"
            raise Lost(f"{name}: {what} {got:.4g}", right, given, idea)
    if n > MANY and not (weight.abs() > 3 * std).any():
        came_back = f"{name}: no number beyond three standard deviations, which are {3 * std:.3g}"
        raise Lost(came_back, f"some among {n} numbers", given, NOT_CUT)


# 4. load_pretrained

HEADS = ("fc", "classifier.2", "classifier", "features", "nothing")
FROZEN = ("conv1.weight", "features.1.bias")
MISSING = (
    *("fc2.weight", "mirror.weight", "fc_norm.bias", "centre", "classifier_2.bias"),
    *("features.1.num_batches_tracked", "bn1.num_batches_tracked"),
)
UNKNOWN = ("bn1.wieght", "fcx.weight", "layer4.weight", "fc", "trunk.fc.scale")
SHAPES = {
    "fc_norm.weight": (3,),
    "conv1.weight": (2, 3, 3, 3),
    "features.0.bias": (1,),
    "fc2.bias": (),
    "bn1.num_batches_tracked": (1,),  # which load_state_dict takes for ()
    "features.1.num_batches_tracked": (1, 1),
    "centre": (1, 2, 1, 1),
    "fc_norm.running_var": (1,),
}


def exam_load(generator, ask, report):
    """Numbers; the tensors themselves; refusals."""

    def loaded(head: str, rare: bool = False, **how) -> dict:
        asked = question(head, rare, generator) | how
        if rare:
            asked["later"] = with_another_head(head, rare, generator)
        given = f"head {head!r}; a network in {asked['precision']}"
        given += ", some of whose weights are tied or transposed" * rare + ", a state dict of "
        given += asked["state_is"] + asked.pop("probe_words", "")
        return judge_loaded(asked, told(ask, asked, given), given) | {"given": given}

    def workable() -> str:
        """A head that is told from the rest; names that begin like it have had their criterion."""
        try:
            loaded("fc")
        except Lost:
            loaded("features")
            return "features"
        return "fc"

    def refused(
        head: str, change: Callable[[dict], None], raises: str, given: str, idea: str
    ) -> None:
        asked = question(head, False, generator)
        change(asked["state"])
        given = f"head {head!r}, and {given}"
        judge_refused(asked, told(ask, asked, given), raises, given, idea)

    with report.criterion("load: all but the head; the names that were not loaded", 0.25):
        for head in HEADS:
            judge_names(loaded(head, rare=True))
        same = {"state": numbers_to_load(5, True, generator)}
        words = ", with a head of the same shape"
        judge_names(loaded("fc", rare=True, probe_words=words, **same))
        judge_names(loaded("fc", rare=True, precision="float32", state_is="leaves"))
        judge_names(loaded("fc", rare=True, state_is="transposed views"))
    with report.criterion("load: the tensors stay what they are, apart from the file's", 0.25):
        heads = [workable()] * 2 if report.criteria[0].lost else ["fc", "classifier.2"]
        for nth, head in enumerate(heads):
            state_is = ("constants", "leaves")[nth]
            judge_tensors(loaded(head, state_is=state_is, probe_forgets=nth == 0))
    with report.criterion("load: a name too few or too many raises KeyError first", 0.25):
        head = workable()
        for name in outside(head, MISSING):
            refused(
                head,
                lambda state, name=name: state.pop(name),
                "KeyError",
                f"a state dict without {name!r}",
                "every name of the network's state dict outside of the head must be there",
            )
        for name in outside(head, UNKNOWN):
            refused(
                head,
                lambda state, name=name: state.update({name: torch.ones(3)}),
                "KeyError",
                f"a state dict with {name!r} as well",
                "every name of the state dict outside of the head must be the network's",
            )
    with report.criterion("load: another shape raises ValueError first", 0.25):
        head = workable()
        for name in outside(head, SHAPES):
            refused(
                head,
                lambda state, name=name: state.update({name: torch.ones(SHAPES[name])}),
                "ValueError",
                f"{name!r} with the shape {SHAPES[name]} in the state dict",
                "copy_ accepts what can be broadcast, and load_state_dict accepts (1,) for (), so "
                "compare the shapes themselves",
            )


def outside(head: str, names: Iterable[str]) -> list[str]:
    """Those of some names that do not belong to a head."""
    return [name for name in names if not name.startswith(f"{head}.")]


def with_another_head(head: str, rare: bool, generator: torch.Generator) -> Tensors:
    """A state dict whose head has other shapes, or nothing but something unknown."""
    state, wider = (numbers_to_load(classes, rare, generator) for classes in (5, 7))
    inside = [name for name in state if name.startswith(f"{head}.")]
    if head == "classifier":
        state = {n: t for n, t in state.items() if n not in inside}
        return state | {"classifier.9.weight": torch.ones(2)}
    return state | {name: wider[name] for name in inside}


def question(head: str, rare: bool, generator: torch.Generator) -> dict:
    """A network of five classes, and a state dict with another head."""
    return {
        "own": numbers_to_load(5, rare, generator),
        "state": with_another_head(head, rare, generator),
        "later": {},
        "head": head,
        "classes": 5,
        "frozen": list(FROZEN),
        "precision": "float64",
        "state_is": "constants",
        "rare": rare,
        "probe_forgets": False,
    }


def judge_loaded(asked: dict, reply: dict, given: str) -> dict:
    """Twice, the head must stay, and everything else take the numbers of the state dict.

    Raises:
        Lost: it is not so.
    """
    if reply["raised"]:
        fits = "the head is what begins with its name and a dot; in the rest everything fits"
        raise Lost(reply["said"], "everything but the head is loaded", given, fits)
    kept = {name for name in asked["own"] if name.startswith(f"{asked['head']}.")}
    again = f"{given}; 1 is added to everything, and another state dict is loaded"
    trained = {n: t + 1 if n in kept else t for n, t in asked["own"].items()}
    rounds = [(reply["after"], asked["own"], "state", given, 0.0)]
    if asked["later"]:
        rounds.append((reply["later"], trained, "later", again, 1.0))  # what was added
    for after, own, state, words, scale in rounds:
        for name in own:
            value = (own if name in kept else asked[state])[name].to(after[name].dtype)
            agree(
                after[name],
                value,
                name,
                words,
                whose_numbers(name, asked["head"]),
                1e-14 if asked["rare"] and after[name].dtype != torch.float32 else 1e-6,
                scale,
            )
    return reply | {"kept": kept}


def whose_numbers(name: str, head: str) -> str:
    """What to look at where a tensor has other numbers than it should have."""
    if name.startswith(f"{head}."):
        return "the head keeps its own numbers, whatever the state dict has for it"
    if head in name:
        return f"{name!r} does not belong to the head: that begins with {head!r} and a dot"
    return (
        "every tensor of the network's state dict takes the numbers of its name: frozen weights, "
        "constants and statistics, too"
    )


def judge_names(reply: dict) -> None:
    """What was not loaded must be named.

    Raises:
        Lost: other names came back.
    """
    if sorted(reply["names"]) != sorted(reply["kept"]):
        raise Lost(
            f"names: {', '.join(reply['names']) or '(none)'}",
            f"{', '.join(sorted(reply['kept'])) or '(none)'}",
            reply["given"],
            "the names in the network's state dict that begin with the head's name and a dot",
        )


def judge_tensors(reply: dict) -> None:
    """Nothing but numbers of the network may change, and nothing may be kept.

    Raises:
        Lost: something else has changed.
    """
    must_have_none(
        reply["exchanged"],
        "other objects than before",
        "new numbers in the tensors that were there",
        reply["given"],
        "which operations write into a tensor that is there, and which put another in its place?",
    )
    must_be_kept(
        reply["changed"] + reply["file_changed"],
        f"{reply['given']}; all tensors of the network are then changed in place",
        "pop() and assign=True reach the caller's dict; frozen weights stay frozen, trainable ones "
        "leaves, and each part in its mode",
    )
    kept = "a dict outside of the function keeps what is in it"
    must_not_remember(reply["remembered"], "the network or the state dict", reply["given"], kept)


def judge_refused(asked: dict, reply: dict, raises: str, given: str, idea: str) -> None:
    """The right error must come, before anything has changed.

    Raises:
        Lost: it is another one, or comes too late.
    """
    if raises not in reply["raised"]:
        raise Lost(reply["said"], raises, given, idea)
    for name, value in asked["own"].items():
        first = "look at every name and shape first, and change afterwards"
        agree(reply["after"][name], value, f"after the {raises}, {name}", given, first, EXACT)
    must_be_kept(reply["changed"], f"{given}, after the {raises}", first)
