"""The learned optimizer: one small LSTM, applied to every coordinate on its own (section 2.1)."""

import hashlib
import json
import math
import os
import sys

import safetensors
import safetensors.torch
import torch
from jaxtyping import Float
from torch import Tensor, nn

from .preprocess import log_and_sign
from .support.errors import InputError
from .support.files import write_whole

#: For each layer the hidden and the cell state, coordinates last.
State = list[tuple[Float[Tensor, "hidden n"], Float[Tensor, "hidden n"]]]


class LSTMOptimizer(nn.Module):
    """A coordinatewise LSTM that turns gradients into updates: g_t, h_t -> update, h_{t+1}.

    All coordinates share one set of weights; each keeps a state of its own. The input is the
    gradient alone, or its logarithm and sign; a linear layer reads the update off the last
    hidden state. Two layers of 20 units have 5,221 weights, 5,301 with preprocessing.

    Args:
        hidden: units in each layer.
        layers: LSTM layers.
        preprocess: whether the input is `log_and_sign` of the gradient (appendix A).
        p: the threshold of the preprocessing.
        output_scale: what the output is multiplied with to give the update.

    Raises:
        ValueError: fewer than one unit or layer, a ``p`` that is not positive, or a scale that is
            not finite.
    """

    def __init__(
        self,
        hidden: int = 20,
        layers: int = 2,
        preprocess: bool = False,
        p: float = 10.0,
        output_scale: float = 0.1,
    ):
        super().__init__()
        if hidden < 1 or layers < 1:
            raise ValueError(f"got hidden = {hidden} and layers = {layers}; each must be 1 or more")
        if preprocess:
            log_and_sign(torch.zeros(1), p)
        if not math.isfinite(output_scale):
            raise ValueError(f"got output_scale = {output_scale}; it must be a finite number")
        self.config = {
            "hidden": hidden,
            "layers": layers,
            "preprocess": preprocess,
            "p": p,
            "output_scale": output_scale,
        }
        self.preprocess, self.p, self.output_scale = preprocess, p, output_scale
        inputs = [2 if preprocess else 1] + [hidden] * (layers - 1)
        self.cells = nn.ModuleList(nn.LSTMCell(size, hidden) for size in inputs)
        self.output = nn.Linear(hidden, 1)

    def initial_state(self, n: int) -> State:
        """A state of zeros for n coordinates: ``(hidden, n)`` twice for each layer."""
        zeros = self.output.weight.new_zeros(self.output.in_features, n)
        return [(zeros, zeros) for _ in self.cells]

    def forward(
        self, gradients: Float[Tensor, " n"], state: State
    ) -> tuple[Float[Tensor, " n"], State]:
        """One step for n coordinates.

        Args:
            gradients: of the optimizee, in any order as long as it stays the same.
            state: what `initial_state` or the last step returned.

        Returns:
            The updates, to be *added* to the coordinates, and the new state.
        """
        x = self.features(gradients)
        new_state = []
        for cell, (h, c) in zip(self.cells, state, strict=True):
            h, c = lstm_step(cell, x, h, c)
            new_state.append((h, c))
            x = h
        updates = self.output.weight @ x + self.output.bias  # (1, n)
        return self.output_scale * updates[0], new_state

    def features(self, gradients: Float[Tensor, " n"]) -> Float[Tensor, "inputs n"]:
        """What the first layer sees of the gradients."""
        return log_and_sign(gradients, self.p, dim=0) if self.preprocess else gradients[None]

    def digest(self) -> str:
        """A short name for these very weights."""
        tensors = [weight.detach().cpu().numpy().tobytes() for weight in self.parameters()]
        return hashlib.sha256(b"".join(tensors)).hexdigest()[:16]

    def save(self, path: str | os.PathLike, provenance: dict | None = None) -> None:
        """Write weights, shape and provenance to a safetensors file, whole or not at all.

        Raises:
            InputError: the file cannot be written.
        """
        header = {
            "config": json.dumps(self.config),
            "provenance": json.dumps(provenance or {}),
            "digest": self.digest(),
        }
        tensors = {name: t.detach().cpu().contiguous() for name, t in self.state_dict().items()}
        write_whole(path, safetensors.torch.save(tensors, header))

    @classmethod
    def load(cls, path: str | os.PathLike) -> "LSTMOptimizer":
        """Read what `save` wrote. The header's provenance is in the attribute ``provenance``.

        Raises:
            InputError: there is no such file, it is damaged, or it holds something else.
        """
        sys.audit("open", os.fspath(path), "r", os.O_RDONLY)  # safetensors opens unseen
        if os.path.isdir(path):
            raise InputError(
                f"{path} is a folder; name the file in it, such as "
                f"{os.path.join(path, 'optimizer.safetensors')}"
            )
        try:
            with safetensors.safe_open(path, framework="pt") as file:
                header = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except FileNotFoundError:
            raise InputError(
                f"there is no file {str(path)!r}; name an optimizer that `l2l train` has written"
            ) from None
        except (OSError, safetensors.SafetensorError) as error:
            raise InputError(
                f"{path} cannot be read as a trained optimizer ({error}); it may be damaged: "
                "train or copy it again"
            ) from None
        try:
            with torch.random.fork_rng(devices=[]):  # its weights are drawn, then replaced
                optimizer = cls(**json.loads(header["config"]))
            (dtype,) = {tensor.dtype for tensor in tensors.values()}
            optimizer.to(dtype).load_state_dict(tensors)
            if header.get("digest", optimizer.digest()) != optimizer.digest():
                raise InputError(
                    f"{path} is damaged: its weights are not those that were written; fetch it "
                    "again, or train anew"
                )
            if not all(weight.isfinite().all() for weight in optimizer.parameters()):
                raise ValueError("its weights are not finite")
            optimizer.provenance = json.loads(header["provenance"])
        except InputError:
            raise
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"{path} is a safetensors file, but not of an LSTMOptimizer of this version "
                f"({reason}); name an optimizer that `l2l train` has written"
            ) from None
        return optimizer


def lstm_step(
    cell: nn.LSTMCell,
    x: Float[Tensor, "inputs n"],
    h: Float[Tensor, "hidden n"],
    c: Float[Tensor, "hidden n"],
) -> tuple[Float[Tensor, "hidden n"], Float[Tensor, "hidden n"]]:
    """One step of an LSTM cell with the coordinates in the last dimension.

    It is the function of ``nn.LSTMCell``, whose weights it uses, with rows and columns
    exchanged: then each gate is a contiguous block.
    """
    bias = (cell.bias_ih + cell.bias_hh)[:, None]
    i, f, g, o = (cell.weight_ih @ x + cell.weight_hh @ h + bias).chunk(4)  # each (hidden, n)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    h = o.sigmoid() * c.tanh()
    return h, c
