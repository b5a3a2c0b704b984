"""A function of tensors as a CUDA graph: recorded once, then gone through by the card alone."""

from collections.abc import Callable

import torch
from torch import Tensor


class Captured:
    """A function, recorded as it runs on these inputs; a call replays it on others.

    The function may read other tensors too: a replay reads them as they are then. Whatever else
    it does, such as drawing numbers on the host, happens while it is recorded and never again.

    Args:
        function: of tensors on a GPU; it must not make the host wait for the card.
        inputs: tensors like those it will be called with.

    Raises:
        RuntimeError: something in the function cannot be recorded.
    """

    def __init__(self, function: Callable, *inputs: Tensor):
        self.inputs = [value.clone() for value in inputs]
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):  # what libraries do on first use cannot be recorded
            function(*self.inputs)
        torch.cuda.current_stream().wait_stream(aside)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.outputs = function(*self.inputs)

    def __call__(self, *inputs: Tensor):
        """What the function returns for these inputs; the next call overwrites it.

        Raises:
            ValueError: an input has another shape than the one recorded.
        """
        for place, value in zip(self.inputs, inputs, strict=True):
            if value.shape != place.shape:  # a copy would spread it out
                raise ValueError(
                    f"got a tensor of shape {tuple(value.shape)} where one of "
                    f"{tuple(place.shape)} was recorded"
                )
            place.copy_(value)
        self.graph.replay()
        return self.outputs
