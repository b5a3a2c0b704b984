"""A training that is killed at one of its writes; a program of its own for `test_training`."""

import os
import signal
import sys

import torch

from l2l_ref.tasks import Quadratics
from l2l_ref.training import Preset, train

SMALL = Preset(
    trajectories=6,
    functions=2,
    optimizer={"hidden": 3},
    steps=4,
    window=2,
    validate_every=2,
    validation_functions=3,
)


def train_and_be_killed() -> None:
    """Kill this process at the n-th call of a function of ``os``.

    Arguments on the command line: the function, which call, the folder, threads.
    """
    function, call, folder, threads = sys.argv[1:]
    original, calls = getattr(os, function), []

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == int(call):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments)

    setattr(os, function, killed)
    torch.set_num_threads(int(threads))
    train(Quadratics.sample, SMALL, out=folder, progress=False)
