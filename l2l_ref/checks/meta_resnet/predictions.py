"""What comes out where a student of exercise 06 guesses first, and why."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from ..predicting import Prediction, Predictions


def who_moves() -> list[str]:
    """Which buffers of a batch norm in training mode a call under no_grad() moves."""
    norm = nn.BatchNorm2d(2)
    before = {name: tensor.clone() for name, tensor in norm.state_dict().items()}
    with torch.no_grad():
        norm(torch.randn(4, 2, 3, 3, generator=torch.Generator().manual_seed(0)) + 1)
    return [name for name, tensor in norm.state_dict().items() if not tensor.equal(before[name])]


def descended(rate: float, steps: int, first_order: bool) -> Tensor:
    """The meta-gradient of a small network after some steps, in all first weights."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4)).double()
    x, labels = torch.randn(steps + 1, 32, 8).double(), torch.randint(4, (steps + 1, 32))
    first = {name: 2 * w.detach() for name, w in network.named_parameters()}
    theta = first = {name: w.requires_grad_() for name, w in first.items()}
    for k in range(steps):
        loss = F.cross_entropy(functional_call(network, theta, (x[k],)), labels[k])
        slopes = torch.autograd.grad(loss, list(theta.values()), create_graph=not first_order)
        theta = {n: w - rate * s for (n, w), s in zip(theta.items(), slopes, strict=True)}
    loss = F.cross_entropy(functional_call(network, theta, (x[-1],)), labels[-1])
    found = torch.autograd.grad(loss, list(first.values()))
    return torch.cat([each.flatten() for each in found])


def cosine() -> float:
    """Of the meta-gradients of both orders, at a rate that is tiny."""
    with torch.random.fork_rng(devices=[]):
        one, other = (descended(0.001, 4, first_order) for first_order in (True, False))
    return float(F.cosine_similarity(one, other, dim=0))


predict = Predictions(
    "meta_resnet",
    {
        "who_moves": Prediction(
            who_moves,
            "In training mode batch norm moves its running mean, its running variance and its "
            "count whenever somebody calls it. no_grad() keeps graphs from being recorded, and "
            "does not keep numbers from being written. A look at the network in training mode "
            "changes it.",
            choices=("weight", "bias", "running_mean", "running_var", "num_batches_tracked"),
            several=True,
        ),
        "cosine": Prediction(
            cosine,
            "First order takes the identity for I - rate H. In this network the rate 0.001 makes "
            "the second part small, and four steps do not add up to much. In another one, with "
            "larger second derivatives, the same rate may be far too large: the orders part where "
            "rate times curvature times the number of steps is about 1.",
            factor=1.05,
        ),
    },
)
