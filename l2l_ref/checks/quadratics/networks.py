"""What the answers to questions 5 and 6 are made of: meta-steps, and a network untrained."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..answering import NoAnswer, account_of, describe, number_from, parts, tensor_from
from ..lstm_answers import Optimizer, State, packed, parts_with_graph
from .given import Given, has_a_graph, turned

#: Ways of `MetaSteps` in which weights are shared and frozen.
WITH_PARTS = ("parts", "frozen later")


def share_and_freeze(optimizer: nn.Module) -> None:
    """Two cells get one weight, and one bias is trained no more."""
    first, second = optimizer.cells[0], optimizer.cells[1]
    second.weight_hh = first.weight_hh
    first.bias_ih.requires_grad_(False)


def adam_of(optimizer: nn.Module, rate: float, way: str) -> torch.optim.Adam:
    """Adam on all weights, in one group, or in two with rates of their own.

    AdamW, where something lies in a frozen weight's .grad: it would move that weight if there were
    zeros in there, too.
    """
    if way not in WITH_PARTS:
        return torch.optim.Adam(optimizer.parameters(), lr=rate)
    groups = [
        {"params": list(optimizer.cells.parameters()), "lr": rate},
        {"params": list(optimizer.output.parameters()), "lr": 2 * rate},
    ]
    if way == "frozen later":
        return torch.optim.AdamW(groups, weight_decay=0.5)  # a strong one, to be seen at once
    return torch.optim.Adam(groups)


class MetaSteps:
    """Meta-steps one after the other: what each gives back, and what each does to the weights.

    Args:
        student: the student's function.
        way: "turned" in memory, whatever is given; "earlier" gradients in every .grad; "parts" that
            are shared, frozen, and in two groups of the meta-optimizer; "frozen later", the same
            with a gradient from before in the frozen weight's .grad.
    """

    def __init__(self, student: Callable, optimizer: Optimizer, rate: float, way: str):
        self.student, self.optimizer, self.way = student, optimizer, way
        optimizer.cells[0].eval()  # the other parts are in training mode
        if way in WITH_PARTS:
            share_and_freeze(optimizer)
        if way == "frozen later":
            frozen = optimizer.cells[0].bias_ih
            frozen.grad = torch.ones_like(frozen)
        for weight in optimizer.parameters() if way == "earlier" else ():
            weight.grad = torch.ones_like(weight)
        self.meta_optimizer = adam_of(optimizer, rate, way)
        self.meta_optimizer.register_step_post_hook(self._remember)
        self.met: list[dict[str, Tensor | None]] = []
        names = ("meta_losses", "thetas", "states", "by_weight", "weights")
        self.found: dict[str, dict] = {name: {} for name in names}
        self.changed: set[str] = set()
        self.with_graph: set[str] = set()

    def _remember(self, *_) -> None:
        """By which gradients a step went; read after it, since a closure may compute them."""
        weights = self.optimizer.named_parameters()
        self.met.append({n: None if w.grad is None else w.grad.clone() for n, w in weights})

    def laid(self, tensor: Tensor) -> Tensor:
        """A copy, as it should lie in memory."""
        return turned(tensor) if self.way == "turned" else tensor.clone()

    def take(self, f: Callable, theta: Tensor, state: State, length: int, clip: float) -> tuple:
        """Take the next one.

        Args:
            f: gives losses and gradients.

        Returns:
            theta and the state after it.

        Raises:
            NoAnswer: something is not of its kind, or there was not one step of the meta-optimizer.
        """
        given = Given(theta=self.laid(theta), the_state=state)
        about = dict(self._about())

        def f_here(now: Tensor) -> tuple[Tensor, Tensor]:
            losses, gradients = f(tensor_from(now, theta, "theta", torch.float64))
            return given.hand("what f gave", (losses, self.laid(gradients)))

        start, steps = given.handed[0][1], len(self.met)
        words = (self.optimizer, self.meta_optimizer, f_here, start, state, length, clip)
        value, after, state_after = parts(self.student(*words), "meta-loss", "theta", "state")
        self.changed.update(given.changed())
        self.changed.update(name for name, now in self._about() if now != about[name])
        if len(self.met) != steps + 1:
            raise NoAnswer(
                f"meta_optimizer.step() was called {len(self.met) - steps} times in meta-step "
                f"{steps + 1}",
                "once",
            )
        self._keep(value, after, state_after, theta, state)
        return after.detach(), [(h.detach(), c.detach()) for h, c in state_after]

    def _about(self) -> Iterator[tuple[str, object]]:
        """What training leaves alone."""
        for name, part in self.optimizer.named_modules():
            yield f"the training mode of the optimizer's part {name!r}", part.training
        for name, weight in self.optimizer.named_parameters(remove_duplicate=False):
            yield f"{name}, another tensor or flag", (id(weight), weight.requires_grad)
        groups = [
            {key: part for key, part in group.items() if key != "params"}
            | {"params": [id(weight) for weight in group["params"]]}
            for group in self.meta_optimizer.param_groups
        ]
        yield "meta_optimizer.param_groups", groups

    def _keep(self, value: object, theta: Tensor, state: State, like: Tensor, like_state) -> None:
        """Note what has come back."""
        key, found = f"meta-step {len(self.met)}", self.found
        found["meta_losses"][key] = number_from(value, f"the meta-loss of {key}")
        found["thetas"][key] = tensor_from(theta, like, f"theta after {key}", torch.float64)
        like_state = torch.stack([torch.stack(list(pair)) for pair in like_state])
        found["states"][key] = packed(state, like_state, f"the state after {key}", torch.float64)
        for name, weight in self.optimizer.named_parameters():
            found["by_weight"][f"{key}, {name}"] = self.met[-1][name]
            found["weights"][f"{key}, {name}"] = weight.detach().clone()
        self.with_graph.update(parts_with_graph(theta, state))
        if has_a_graph(value):
            self.with_graph.add("the meta-loss")


@contextmanager
def untrained(network: object, seed: int) -> Iterator[None]:
    """Give a network, for a while, the weights of a new one of its class.

    Raises:
        NoAnswer: it is no network, or its class makes no such network.
    """
    if not isinstance(network, nn.Module):
        raise NoAnswer(
            f"trained is {describe(network)}",
            "the network that keep_the_best has trained",
            "run the cell that trains MyOptimizer(), and let learned use trained",
        )
    kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            network.load_state_dict(type(network)().state_dict())
        except Exception as error:
            network.load_state_dict(kept)
            raise NoAnswer(
                f"{account_of(error)['came_back']}, where a new {type(network).__name__}() gives "
                "trained its weights",
                "a network like trained, not yet trained",
                "MyOptimizer() takes no arguments, and makes a network of the very same sizes",
            ) from error
    try:
        yield
    finally:
        network.load_state_dict(kept)
