"""Backpropagation through time by hand: one window of the optimizer, made fast.

`LSTMOptimizer.forward` says what the optimizer does, and autograd can differentiate it. Training
runs the same window again and again. A `Tape` allocates the window's memory once, writes the
gates and cells of every step into their places on the way forward and reads them again on the way
back, where h = o tanh(c) is computed anew. Its numbers are those of autograd on
`LSTMOptimizer.forward`, to rounding.

What it saves is mostly overhead: of the graph, of fresh memory, of separate products for input,
hidden state and bias (the three are stacked, so that one matrix product serves them). On a CPU it
also works on a few thousand coordinates at a time, whose gates stay in the core's own cache.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .optimizers import LSTMOptimizer, State

#: The gradient of x from that of y and from y itself, which is sigmoid(x) or tanh(x). Naming the
#: overload, with or without a place for the result, spares torch the search.
sigmoid_backward_to = torch.ops.aten.sigmoid_backward.grad_input
tanh_backward_to = torch.ops.aten.tanh_backward.grad_input
tanh_backward = torch.ops.aten.tanh_backward.default

#: Coordinates in a block on a CPU: the gates of one layer, 80 numbers each, are then 1.3 MB.
BLOCK = 4_000


class Tape:
    """The memory of one truncation window.

    Use it as ``begin``, then ``step`` at most ``length`` times, then ``gradient`` once, for which
    all steps must have been taken.

    Args:
        optimizer: read anew at each ``begin``, so it may be trained in between.
        n: coordinates.
        length: steps in the window.
        remember: whether `gradient` will be asked for. If not, every step uses the memory of the
            one before, and there may be any number of them.
    """

    def __init__(self, optimizer: LSTMOptimizer, n: int, length: int, remember: bool = True):
        self.optimizer, self.length, self.remember = optimizer, length, remember
        on_cpu = optimizer.output.weight.device.type == "cpu"
        blocks = max(1, math.ceil(n / BLOCK)) if on_cpu else 1
        self.sizes = [n // blocks + (block < n % blocks) for block in range(blocks)]
        self.blocks = [_Block(optimizer, size, length, remember) for size in self.sizes]

    @torch.no_grad()
    def begin(self, state: State) -> None:
        """Start a window from this state, with the optimizer's present weights."""
        pieces = [[s.split(self.sizes, 1) for s in layer] for layer in state]
        for k, block in enumerate(self.blocks):
            block.begin([(h[k], c[k]) for h, c in pieces])
        self.t = 0

    @torch.no_grad()
    def step(self, gradients: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """The updates for these gradients: `LSTMOptimizer.forward`, remembered."""
        x = self.optimizer.features(gradients).split(self.sizes, 1)
        updates = [block.step(self.t, piece) for block, piece in zip(self.blocks, x, strict=True)]
        self.t += self.remember  # otherwise all times have one place
        return torch.cat(updates).mul_(self.optimizer.output_scale)

    def state(self) -> State:
        """The state after the last step; after `gradient`, that at the window's start again."""
        blocks = [block.state(self.t) for block in self.blocks]
        return [
            tuple(torch.cat(pieces, dim=1) for pieces in zip(*layer, strict=True))
            for layer in zip(*blocks, strict=True)
        ]

    @torch.no_grad()
    def gradient(self, cotangents: Float[Tensor, "length n"]) -> list[Tensor]:
        """The gradient of ``sum_t <cotangents[t], updates[t]>`` in the optimizer's weights.

        The way back leads to the window's start, and overwrites what was remembered.

        Returns:
            One tensor for each of ``optimizer.parameters()``, in that order.

        Raises:
            RuntimeError: the tape does not remember, or not all its steps have been taken.
        """
        if not self.remember or self.t != self.length:
            raise RuntimeError(
                f"a tape with remember={self.remember} has taken {self.t} of {self.length} steps; "
                "its gradient needs remember=True and all steps"
            )
        cotangents = (cotangents * self.optimizer.output_scale).split(self.sizes, 1)
        of_blocks = [
            block.gradient(piece) for block, piece in zip(self.blocks, cotangents, strict=True)
        ]
        self.t = 0
        return [sum(pieces) for pieces in zip(*of_blocks, strict=True)]


class _Block:
    """The layers over the window for some of the coordinates."""

    def __init__(self, optimizer: LSTMOptimizer, n: int, length: int, remember: bool):
        self.output, self.length = optimizer.output, length
        cells = optimizer.cells
        self.x = _memory(cells[0].weight_ih, (length, cells[0].input_size, n), remember)
        self.layers = [
            _Layer(cell, n, length, remember, input_needs_gradient=cell is not cells[0])
            for cell in cells
        ]

    def begin(self, state: State) -> None:
        for layer, (h, c) in zip(self.layers, state, strict=True):
            layer.begin(h, c)

    def step(self, t: int, x: Float[Tensor, "inputs n"]) -> Float[Tensor, " n"]:
        x = self.x[t].copy_(x)
        for layer in self.layers:
            x = layer.forward(t, x)
        return torch.addmm(self.output.bias[:, None], self.output.weight, x)[0]

    def state(self, t: int) -> State:
        return [(layer.h, layer.c[t]) for layer in self.layers]

    def gradient(self, cotangents: Float[Tensor, "length n"]) -> list[Tensor]:
        output_column = self.output.weight.T  # (hidden, 1)
        for layer in self.layers:
            layer.begin_backward()
        d_output = torch.zeros_like(self.output.weight)
        for t in reversed(range(self.length)):
            # Every layer holds its h after step t; each returns to the one before when its turn
            # comes, after the layer above has read it.
            d_output.addmm_(cotangents[t, None], self.layers[-1].h.T)
            d_h = output_column * cotangents[t]  # from the output into the last layer
            inputs = [self.x[t], *(layer.h for layer in self.layers[:-1])]
            for layer, x in zip(reversed(self.layers), reversed(inputs), strict=True):
                d_h = layer.backward(t, x, d_h)  # from the layer's input into the layer below
        in_cells = [gradient for layer in self.layers for gradient in layer.gradient()]
        return [*in_cells, d_output, cotangents.sum().view(1)]


class _Layer:
    """One LSTM layer over the window; the lists below have an entry for each step."""

    def __init__(
        self, cell: nn.LSTMCell, n: int, length: int, remember: bool, input_needs_gradient: bool
    ):
        inputs, hidden = cell.input_size, cell.hidden_size
        empty = cell.weight_hh.new_empty
        self.cell = cell

        gates = _memory(cell.weight_hh, (length, 4 * hidden, n), remember)
        self.gates = gates.unbind()
        self.i, self.f, self.g, self.o = (gate.unbind() for gate in gates.chunk(4, dim=1))
        self.i_f = gates[:, : 2 * hidden].unbind()
        self.c = _memory(cell.weight_hh, (length + 1, hidden, n), remember).unbind()

        # The weight is [weight_ih, weight_hh, bias]; the rows it multiplies are [x; h; 1], those of
        # the step at hand.
        self.weight = empty(4 * hidden, inputs + hidden + 1)
        self.d_weight = empty(inputs + hidden + 1, 4 * hidden).T  # the product is faster this way
        self.rows = empty(inputs + hidden + 1, n)
        self.x, self.h, one = self.rows.split([inputs, hidden, 1])
        one.fill_(1)
        self.h_0 = empty(hidden, n)
        self.tanh_c = empty(hidden, n)  # of the cell that belongs to h

        first = 0 if input_needs_gradient else inputs
        self.weight_back = self.weight[:, first:-1].T
        self.d_rows = empty(inputs + hidden - first, n)  # the gradients of [x; h], or of h alone
        self.d_x, self.d_h = self.d_rows.split([inputs - first, hidden])
        self.d_c = empty(hidden, n)
        self.d_gates = empty(4 * hidden, n)
        self.d_i, self.d_f, self.d_g, self.d_o = self.d_gates.chunk(4)
        self.d_i_f = self.d_gates[: 2 * hidden]

    def begin(self, h: Tensor, c: Tensor) -> None:
        bias = (self.cell.bias_ih + self.cell.bias_hh)[:, None]
        torch.cat([self.cell.weight_ih, self.cell.weight_hh, bias], dim=1, out=self.weight)
        self.h_0.copy_(h)
        self.h.copy_(h)
        self.c[0].copy_(c)

    def forward(self, t: int, x: Tensor) -> Tensor:
        self.x.copy_(x)
        torch.mm(self.weight, self.rows, out=self.gates[t])
        self.i_f[t].sigmoid_()
        tanh_(self.g[t])
        self.o[t].sigmoid_()
        torch.mul(self.f[t], self.c[t], out=self.c[t + 1]).addcmul_(self.i[t], self.g[t])
        return self._h_after(t)

    def _h_after(self, t: int) -> Tensor:
        tanh_(self.tanh_c.copy_(self.c[t + 1]))
        return torch.mul(self.o[t], self.tanh_c, out=self.h)

    def begin_backward(self) -> None:
        for total in (self.d_h, self.d_c, self.d_weight):
            total.zero_()

    def backward(self, t: int, x: Tensor, d_h: Tensor) -> Tensor:
        """One step back, to the gradient of x."""
        tanh_c = self.tanh_c
        d_h = self.d_h.add_(d_h)  # from above, and from the step after
        d_c = self.d_c.add_(tanh_backward(d_h * self.o[t], tanh_c))
        torch.mul(d_c, self.g[t], out=self.d_i)
        torch.mul(d_c, self.c[t], out=self.d_f)
        torch.mul(d_c, self.i[t], out=self.d_g)
        torch.mul(d_h, tanh_c, out=self.d_o)
        d_c.mul_(self.f[t])
        sigmoid_backward_to(self.d_i_f, self.i_f[t], grad_input=self.d_i_f)
        tanh_backward_to(self.d_g, self.g[t], grad_input=self.d_g)
        sigmoid_backward_to(self.d_o, self.o[t], grad_input=self.d_o)
        self._go_back_to(t, x)
        self.d_weight.T.addmm_(self.rows, self.d_gates.T)
        torch.mm(self.weight_back, self.d_gates, out=self.d_rows)
        return self.d_x

    def _go_back_to(self, t: int, x: Tensor) -> None:
        """The rows as they were when step t began."""
        self.x.copy_(x)
        if t > 0:
            self._h_after(t - 1)
        else:
            self.h.copy_(self.h_0)

    def gradient(self) -> list[Tensor]:
        """In the order of ``LSTMCell``'s weights; its two biases share one gradient."""
        inputs, hidden = self.cell.input_size, self.cell.hidden_size
        d_ih, d_hh, d_bias = self.d_weight.split([inputs, hidden, 1], dim=1)
        return [d_ih, d_hh, d_bias[:, 0], d_bias[:, 0]]


def tanh_(x: Tensor) -> Tensor:
    """tanh in place.

    On a CPU as 2 sigmoid(2x) - 1, which is off by 2e-7 at most in float32 and takes a third of the
    time of torch's tanh.
    """
    return x.tanh_() if x.is_cuda else x.add_(x).sigmoid_().mul_(2).sub_(1)


def _memory(like: Tensor, shape: tuple[int, int, int], remember: bool) -> Tensor:
    """For each time (the first dimension) a place of its own, or one place for all."""
    times, *rest = shape
    return like.new_empty(times if remember else 1, *rest).expand(times, *rest)
