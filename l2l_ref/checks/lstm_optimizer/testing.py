"""Question 7 of exercise 03: a test that tells a right meta-gradient from a wrong one."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from ..examining import Suspect, must_be_kept, must_tell, shuffled, told, whole
from .suspects import updated, value_and_gradient

#: How far a wrong meta-gradient is off at least, as a share of the largest entry of the true one.
#: The statement says so.
WRONG = 0.05

#: How far the largest entry is off in some of them.
JUST = 0.052

#: How far a right one is off, so that an entry that should be 0 is not quite.
ROUNDING = 1e-11

#: Over which change of phi a meta-loss is nearly straight, by which share it lags behind or hurries
#: ahead in the end, a little less than the statement says, and how large entries of phi are.
BEND, LAG, FAR = 1e-5, 0.009, 1000.0

#: Between which bounds the largest slope lies, and how many times as large a meta-loss and the loss
#: at the beginning may be. The statement says so.
SLOPES, BESIDE = (1e-9, 1e5), 1e5

IDEA = (
    "a difference of two meta-losses goes along all edges. What does question 4 keep constant? "
    "Then move each entry of phi by itself, and allow for a few hundredths of the largest slope"
)
NUMBERS = (
    "a comparison with NaN is false, whichever way round, and a share of infinity is infinite: "
    "what is no number, or no finite one, cannot be a slope"
)
DIGITS = (
    "where two large numbers are subtracted, their last digits decide: how many has float32, how "
    "many float64, and what becomes of them in the division by 2 epsilon? How small may a slope be?"
)
STRAIGHT = (
    "over how large a step is a meta-loss straight, and to what share of which slope? A step "
    "need not grow with its entry, and what may be off is a share of the largest slope"
)
SHARED = (
    "what a function returned may lie in the same memory as its state, or as the theta that it was "
    "given: make new tensors, since add_() and += write into old ones"
)


def window(
    generator: torch.Generator, length: int, n: int = 3, units: int = 2, size: float = 1.0
) -> dict:
    """A window of a small learned optimizer on a function of n coordinates."""

    def numbers(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    return {
        "W": numbers(n + 1, n) / 2,
        "y": numbers(n + 1),
        "size": size,
        "theta": numbers(n),
        "state": numbers(n, units).tanh(),
        "phi": 0.7 * numbers(units * (units + 3)),
        "base": 3.0,
        "length": length,
        "leaf": False,
        "shared": False,
        "bend": 0.0,
        "rounding": ROUNDING,
    }


def meta_gradient(
    asked: dict,
    *,
    dashed: bool = False,
    before: bool = False,
    last: bool = True,
    cut: str = "",
    half: bool = False,
    shift: int = 0,
) -> Tensor:
    """The meta-gradient of a window, with mistakes as one likes.

    Args:
        dashed: whether the optimizee's gradients keep their graph.
        before: whether the losses before the updates count.
        last: whether the loss after the last update counts.
        cut: what is detached between the steps, "theta" or "state".
        half: whether the graph of the window's first half is given up.
        shift: by how many steps the gradient is too old that a theta is paired with.
    """
    phi = asked["phi"].clone().requires_grad_()
    theta, state, losses, nablas, thetas = asked["theta"], asked["state"], [], [], []
    for step in range(asked["length"] + 1):
        value, nabla = value_and_gradient(asked, theta)
        losses.append(value)
        nablas.append(nabla.detach())
        thetas.append(theta)
        if step == asked["length"]:
            break
        if cut == "state" or (half and step == asked["length"] // 2):
            state = state.detach()
        if cut == "theta" or (half and step == asked["length"] // 2):
            theta = theta.detach()
        update, state = updated(asked, nabla if dashed else nabla.detach(), state, phi)
        theta = theta + update
    losses = losses[:-1] if before else losses[1:]
    total = sum(losses if last else losses[:-1], torch.zeros(()))
    if shift:
        total = sum(nablas[t - shift] @ thetas[t] for t in range(1, len(thetas)))
    if not total.requires_grad:
        return torch.zeros_like(phi)
    return torch.autograd.grad(total, phi, materialize_grads=True)[0]


def with_fresh_state(asked: dict) -> Tensor:
    """The meta-gradient of the window that begins with a state of zeros."""
    return meta_gradient(asked | {"state": torch.zeros_like(asked["state"])})


def one_off(asked: dict, place: int, factor: float) -> Tensor:
    """The meta-gradient with another number in one place."""
    factors = torch.ones_like(asked["phi"])
    factors[place] = factor
    return factors * meta_gradient(asked)


def put(asked: dict, place: int, share: float) -> Tensor:
    """The meta-gradient with a share of its largest entry in one place."""
    claimed = meta_gradient(asked)
    claimed[place] = share * claimed.abs().max()
    return claimed


def alone(asked: dict, place: int) -> Tensor:
    """The meta-gradient with 0 in all places but one."""
    claimed = meta_gradient(asked)
    return torch.zeros_like(claimed).index_put((torch.tensor(place),), claimed[place])


def somewhere(asked: dict) -> int:
    """A place that is another one in every window."""
    return int(1e6 * asked["W"].abs().sum()) % len(asked["phi"])


def largest(asked: dict) -> int:
    """The place of the largest entry."""
    return int(meta_gradient(asked).abs().argmax())


def last_large(asked: dict) -> int:
    """The last place of an entry that is about as large as the largest."""
    true = meta_gradient(asked).abs()
    return int((true > 0.9 * true.max()).nonzero()[-1])


#: What may be wrong with a meta-gradient, in words, and how one comes to it.
PLAIN: dict[str, Callable[[dict], Tensor]] = {
    "it counts the dashed edges as well": lambda asked: meta_gradient(asked, dashed=True),
    "it belongs to the losses before the updates": lambda asked: meta_gradient(asked, before=True),
    "it belongs to the mean of the losses": lambda asked: meta_gradient(asked) / asked["length"],
    "it has the wrong sign": lambda asked: -meta_gradient(asked),
    "the state was detached at each step": lambda asked: meta_gradient(asked, cut="state"),
    "theta was detached at each step": lambda asked: meta_gradient(asked, cut="theta"),
}
HIDDEN: dict[str, Callable[[dict], Tensor]] = {
    "the last loss of the window is left out": lambda asked: meta_gradient(asked, last=False),
    "the graph was cut in the middle of the window": lambda asked: meta_gradient(asked, half=True),
    "each theta is paired with the gradient before it": lambda asked: meta_gradient(asked, shift=1),
    "its window began with a fresh state": with_fresh_state,
    "the largest entry is too large": lambda asked: one_off(asked, largest(asked), 1 + JUST),
    "the largest entry is too small": lambda asked: one_off(asked, largest(asked), 1 - JUST),
    "the last entry alone has the wrong sign": lambda asked: one_off(asked, -1, -1.0),
    "the first entry alone is 0": lambda asked: one_off(asked, 0, 0.0),
    "one entry is NaN": lambda asked: one_off(asked, somewhere(asked), torch.nan),
    "one entry is infinite": lambda asked: one_off(asked, somewhere(asked), math.inf),
    "its entries stand one place further": lambda asked: meta_gradient(asked).roll(1),
    "all of it is 0": lambda asked: 0 * meta_gradient(asked),
}

#: The same where many entries are equally large, and where some are 0; see `many_alike` and
#: `with_a_weight_without_use`.
IN_A_CROWD: dict[str, Callable[[dict], Tensor]] = {
    "one of many large entries is too large": lambda asked: one_off(
        asked, last_large(asked), 1 + JUST
    ),
    "one of many large entries is too small": lambda asked: one_off(
        asked, last_large(asked), 1 - JUST
    ),
    "one of many large entries is 0": lambda asked: one_off(asked, last_large(asked), 0.0),
    "the last entry of many is as large as the largest": lambda asked: put(asked, -1, 1.0),
}
AT_A_ZERO: dict[str, Callable[[dict], Tensor]] = {
    "an entry that should be 0 is as large as the largest": lambda asked: put(asked, 7, 1.0),
    "an entry that should be 0 is a tenth of the largest": lambda asked: put(asked, 3, -0.1),
    "the entry is 0 where phi is": lambda asked: one_off(asked, 4, 0.0),
    "the largest entry is 0": lambda asked: one_off(asked, largest(asked), 0.0),
    "all entries but the largest are 0": lambda asked: alone(asked, largest(asked)),
}

#: The same where a meta-loss bends, and where only one slope is large; see `bending`.
WHERE_IT_BENDS: dict[str, Callable[[dict], Tensor]] = {
    "it counts the dashed edges as well": PLAIN["it counts the dashed edges as well"],
    "it has the wrong sign": PLAIN["it has the wrong sign"],
    "the largest entry is too large": HIDDEN["the largest entry is too large"],
    "the largest entry is too small": HIDDEN["the largest entry is too small"],
    "the largest entry is 0": AT_A_ZERO["the largest entry is 0"],
    "a small entry is a tenth of the largest": lambda asked: put(
        asked, int(meta_gradient(asked).abs().argmin()), 0.1
    ),
}


def clearly_wrong(claimed: Tensor, true: Tensor) -> bool:
    """Whether a claim is so far off that any test must see it."""
    return not bool((claimed - true).abs().max() <= 1.02 * WRONG * true.abs().max())


def drawn(generator: torch.Generator, make: Callable, claim: Callable | None = None) -> dict:
    """A suspect: a window, and what is claimed of it, which is right if there is no ``claim``.

    A wrong one is clearly wrong. In a window of more than one update the dashed edges matter.
    """
    for _ in range(1000):
        asked = make(generator)
        true, at_first = meta_gradient(asked), value_and_gradient(asked, asked["theta"])[0]
        matters = asked["length"] == 1 or clearly_wrong(meta_gradient(asked, dashed=True), true)
        if not matters or not SLOPES[0] <= true.abs().max() <= SLOPES[1]:
            continue
        if at_first > BESIDE * true.abs().max():
            continue
        claimed = claim(asked) if claim else true
        if claim is None or clearly_wrong(claimed, true):
            noise = torch.randn(claimed.shape, generator=generator, dtype=claimed.dtype)
            if claim is not None:
                noise = noise * (claimed != 0)  # what was forgotten is 0 exactly
            largest = claimed[claimed.isfinite()].abs().max()
            return asked | {"claimed": claimed + asked["rounding"] * largest * noise}
    raise AssertionError("no clearly wrong meta-gradient was drawn")


def line_up(
    generator: torch.Generator, mistakes: dict, make: Callable, right: list[Callable]
) -> list[Suspect]:
    """Suspects in random order: a wrong one of each mistake, and right ones."""
    found = [Suspect(drawn(generator, each)) for each in right]
    found += [Suspect(drawn(generator, make, claim), words) for words, claim in mistakes.items()]
    return shuffled(found, generator)


def of(length: int, **sizes) -> Callable:
    """Windows of a length."""
    return lambda generator: window(generator, length, **sizes)


def at_a_minimum(generator: torch.Generator) -> dict:
    """The first gradient of the window is 0."""
    asked = window(generator, 4)
    return asked | {"y": asked["W"] @ asked["theta"]}


def with_a_weight_without_use(generator: torch.Generator) -> dict:
    """Some entries of phi are 0, and of the meta-gradient as well: nobody reads the last unit."""
    asked = window(generator, 3)
    phi = asked["phi"].clone()
    phi[4], phi[-1] = 0.0, 0.0  # from the second unit to the first, and to the update
    return asked | {"phi": phi}


def flat(slope: float) -> Callable:
    """Windows whose largest slope is about as large as one wants, and whose meta-loss has a large
    constant part, beside which all slopes are small.
    """

    def make(generator: torch.Generator) -> dict:
        asked = window(generator, 3)
        now = float(meta_gradient(asked).abs().max())  # it grows in proportion to the size
        size, share = (0.6 + 0.3 * torch.rand(2, generator=generator)).tolist()
        return asked | {"size": size * slope / now, "base": share * BESIDE * now / asked["length"]}

    return make


def many_alike(generator: torch.Generator) -> dict:
    """All units are alike, so that dozens of entries of the meta-gradient are equally large."""
    units = 8
    while True:
        asked = window(generator, 2, units=units)
        inward, inside, bias, outward = asked["phi"][:4]
        each = torch.stack([inward, inside / units, bias, 3 * outward])
        phi = each.repeat_interleave(torch.tensor([units, units**2, units, units]))
        state = asked["state"][:, :1].repeat(1, units)
        asked |= {"phi": phi, "state": state}
        true = meta_gradient(asked)
        if true.norm() > 5 * true.abs().max():
            return asked


def exactly(make: Callable) -> Callable:
    """The same windows; what is 0 in a right meta-gradient is 0 to the last digit."""
    return lambda generator: make(generator) | {"rounding": 0.0}


def bending(generator: torch.Generator) -> dict:
    """A meta-loss that is straight no further than it must be, and entries of phi of all sizes."""
    asked = window(generator, 3)
    sizes = torch.tensor([FAR, -FAR, FAR / 3, -FAR / 3, FAR / 10, -FAR / 10, 1.0, -1e-3, 1e-6, 0.0])
    phi = sizes[torch.randperm(len(sizes), generator=generator)].double()
    lag, gain = LAG * (1 - 2 * whole(0, 1, generator)), torch.ones_like(phi)
    return asked | {"weights": asked["phi"], "phi": phi, "bend": BEND, "lag": lag, "gain": gain}


def with_one_large_slope(generator: torch.Generator) -> dict:
    """The same; all slopes but one are small, so that their mean is far below the largest."""
    asked = bending(generator)
    gain = torch.full_like(asked["gain"], 0.03)
    gain[largest(asked)] = 1.0
    return asked | {"gain": gain}


def sharing(generator: torch.Generator) -> dict:
    """The update is a view of the state, and the gradient one of theta."""
    return window(generator, 4) | {"shared": True}


def trainable(generator: torch.Generator) -> dict:
    """Phi is a leaf, as while it is trained."""
    return window(generator, 3) | {"leaf": True}


def exam_is_meta_gradient(generator, ask, report):
    """Plain cases; cases that need care."""

    def judge(
        mistakes: dict, make: Callable, right: list[Callable], given: str, idea: str = IDEA
    ) -> dict:
        suspects = line_up(generator, mistakes, make, right)
        reply = told(ask, {"probe_suspects": [each.asked for each in suspects]}, given)
        for said, suspect in zip(reply["said"], suspects, strict=True):
            finite = suspect.asked["claimed"].isfinite().all()
            must_tell([said], [suspect], given, idea if finite else NUMBERS)
        return reply

    with report.criterion("a right meta-gradient passes, and one along other edges is found", 1):
        for length in (3, whole(4, 6, generator)):
            make = of(length)
            judge(PLAIN, make, 3 * [make], f"windows of {length} updates, 3 coordinates")
    with report.criterion("also where only one entry is wrong, and whatever the sizes", 1):
        given = "windows of up to 12 updates; a gradient or an entry may be 0, phi a leaf"
        rare = [at_a_minimum, with_a_weight_without_use, trainable, of(1), of(12), of(4, n=1)]
        reply = judge(HIDDEN, of(4), [*rare, of(3, units=1), of(3, n=5, units=3)], given)
        must_be_kept(reply["changed"], given, "move tensors of your own; what is given stays")
        for slope in (2 * SLOPES[0], SLOPES[1]):
            given = f"windows of 3 updates, slopes of about {slope:g}, much larger meta-losses"
            judge(PLAIN | HIDDEN, flat(slope), 3 * [flat(slope)], given, DIGITS)
        judge(HIDDEN, trainable, [of(12, n=1, units=1)], "phi a leaf, or windows of 12 updates")
        judge(IN_A_CROWD, many_alike, [many_alike], "windows of 2 updates, 88 entries of phi")
        unused = [exactly(with_a_weight_without_use)]
        given = "entries of phi and of its gradient are 0"
        judge(AT_A_ZERO, with_a_weight_without_use, unused, given)
        for make, more in ((bending, ""), (with_one_large_slope, ", one slope much the largest")):
            given = f"meta-losses that bend, entries of phi between -{FAR:g} and {FAR:g}{more}"
            judge(WHERE_IT_BENDS, make, 2 * [make], given, STRAIGHT)
        given = "the update is a view of the new state, the gradient one of theta"
        judge({}, sharing, 2 * [sharing], given, SHARED)
