"""What comes out where a student of exercise 02 guesses first, and why."""

import torch
from torch import nn

from ..predicting import Prediction, Predictions


class Buffered(nn.Module):
    """The layer at the top of the notebook."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.zeros(2, 2).requires_grad_())
        self.register_buffer("count", torch.zeros(()))


def tensors_of_an_optimizer() -> float:
    """How many tensors ``parameters()`` gives, of two such layers and an ordinary one."""
    network = nn.Sequential(Buffered(), nn.Linear(2, 2), Buffered())
    return float(len(list(network.parameters())))


def averaged() -> float:
    """The running mean after batches with the means 1 and 4, without a momentum."""
    norm = nn.BatchNorm2d(1, momentum=None)
    for mean in (1.0, 4.0):
        norm(torch.tensor([mean - 1, mean + 1]).view(2, 1, 1, 1))
    return norm.running_mean.item()


def plain_attributes() -> list[str]:
    """What a state dict holds of tensors that became attributes in different ways."""

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.plain = torch.ones(1)
            self.parameter = nn.Parameter(torch.ones(1))
            self.register_buffer("buffer", torch.ones(1))
            self.register_buffer("passing", torch.ones(1), persistent=False)

    return list(Layer().state_dict())


predict = Predictions(
    "meta_modules",
    {
        "kept": Prediction(
            plain_attributes,
            "A parameter and a buffer are registered, and state dicts list what is registered. A "
            "plain tensor is an attribute like any other: neither to() nor state_dict() "
            "knows of it. persistent=False registers a buffer and leaves it out of state dicts.",
            choices=("plain", "parameter", "buffer", "passing"),
            several=True,
        ),
        "averaged": Prediction(
            averaged,
            "With momentum=None the factor of batch number k is 1/k. The first batch replaces the "
            "zero at which the running mean begins, and the second makes it the mean of both, 2.5. "
            "With the default 0.1 it would be 0.49 now, and remember its zero for dozens of "
            "batches.",
            factor=1.02,
        ),
        "found": Prediction(
            tensors_of_an_optimizer,
            "The two weights are buffers, and parameters() lists parameters: only those of "
            "nn.Linear, a weight and a bias. An optimizer that is given the list trains one "
            "layer of three, and there is no error. Question 8 mends this.",
            factor=1.02,
        ),
    },
)
