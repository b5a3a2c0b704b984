"""The answering side of question 7: windows, and numbers that may be their meta-gradients."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..answering import Kept, all_changed
from ..lstm_answers import kept_settings
from ..suspects import verdict_from


def run_is_meta_gradient(student: Callable, probe_suspects: Sequence[dict]) -> dict:
    """What the test says of each suspect, and what it has changed.

    Args:
        probe_suspects: for each the window, see `functions`; where it begins, its length, and the
            numbers that are called its meta-gradient. ``leaf``: phi is trainable, with something
            in its .grad.
    """
    said, changed = [], []
    for asked in probe_suspects:
        given = {name: asked[name].clone() for name in ("claimed", "phi", "theta", "state")}
        if asked["leaf"]:
            given["phi"].requires_grad_().grad = torch.full_like(given["phi"], 0.5)
        numbers = {name: tensor for name, tensor in given.items() if not tensor.isnan().any()}
        kept = [Kept("the arguments", lambda numbers=numbers: numbers), kept_settings()]
        claimed, phi, theta, state = given.values()
        rule, optimizee = functions(asked)
        said.append(
            verdict_from(student(claimed, rule, phi, optimizee, theta, state, asked["length"]))
        )
        changed += all_changed(kept)
    return {"said": said, "changed": list(dict.fromkeys(changed))}


def functions(asked: dict) -> tuple[Callable, Callable]:
    """A rule and an optimizee without a graph."""

    def rule(nabla: Tensor, h: Tensor, phi: Tensor) -> tuple[Tensor, Tensor]:
        return updated(asked, nabla.detach(), h.detach(), phi.detach())

    def optimizee(theta: Tensor) -> tuple[Tensor, Tensor]:
        return value_and_gradient(asked, theta.detach())

    return rule, optimizee


def weights_at(asked: dict, phi: Tensor) -> Tensor:
    """The weights of the network, which move with phi.

    Usually they are phi. With a ``bend``, they follow a change of phi up to that size, and lag
    behind by a ``lag`` in the end (hurry ahead, if it is negative); beyond, they turn round.
    ``gain``: how far each of them moves.
    """
    if not asked["bend"]:
        return phi
    change = (phi - asked["phi"]) / asked["bend"]
    beyond = (1 - asked["lag"]) * change.sign() * (change.abs() - 1).cos()
    moved = torch.where(change.abs() <= 1, change - asked["lag"] * change**3, beyond)
    return asked["weights"] + asked["gain"] * asked["bend"] * moved


def updated(asked: dict, nabla: Tensor, h: Tensor, phi: Tensor) -> tuple[Tensor, Tensor]:
    """The update of a small recurrent network, one row for each coordinate, and its new state.

    Args:
        asked: its ``size`` is about that of the gradients. ``shared``: the update is the state of
            the first unit, a view of it.
        nabla: gradients (n,).
        h: the state (n, units).
        phi: all weights in one row, (units * (units + 3),).
    """
    units, phi = h.shape[1], weights_at(asked, phi)
    inward, inside, bias, outward = phi.split([units, units**2, units, units])
    h = (nabla[:, None] / asked["size"] * inward + h @ inside.view(units, units) + bias).tanh()
    return h[:, 0] if asked["shared"] else h @ outward, h


def value_and_gradient(asked: dict, theta: Tensor) -> tuple[Tensor, Tensor]:
    """``size * (base + sum log(1 + r^2))`` with r = W theta - y, and its gradient by hand.

    ``shared``: |theta|^2 / 2 instead, whose gradient is theta itself.
    """
    if asked["shared"]:
        return asked["base"] + theta.square().sum() / 2, theta
    size, W, r = asked["size"], asked["W"], asked["W"] @ theta - asked["y"]
    value = size * (asked["base"] + r.square().log1p().sum())
    return value, size * (W.mT @ (2 * r / (1 + r.square())))
