"""The test of exercise 02: whether a layer computes with its weights, graph and all."""

from collections.abc import Mapping

import torch

from ..examining import Suspect, must_be_kept, must_tell, told

#: How often a right layer is among the suspects.
RIGHT = 3

PLAIN: dict[str, Mapping[str, float]] = {
    "it cuts the graph of weight and bias": {"weight": 0.0, "bias": 0.0},
    "it cuts the graph of weight": {"weight": 0.0},
    "it computes with the first weight for ever": {"new_weight": 0.0},
    "it computes with its first tensors for ever": {"new_weight": 0.0, "new_bias": 0.0},
    "its derivatives have the wrong sign": {"weight": -1.0, "bias": -1.0},
    "its derivatives are twice too large": {"weight": 2.0, "bias": 2.0},
}
HIDDEN: dict[str, Mapping[str, float]] = {
    "it cuts the graph of bias": {"bias": 0.0},
    "it computes with the first bias for ever": {"new_bias": 0.0},
    "its derivative in bias is off by a tenth": {"bias": 1.1},
    "it cuts the graph in eval mode": {"in_eval": 0.0},
    "it cuts the graph in training mode": {"in_train": 0.0},
    "its derivative in one entry of weight is 0": {"last": 0.0},
    "it gives its first output again": {"once": 1.0},
}

IDEA = (
    "assign to weight and to bias, in both modes, a leaf of your own; compare the derivative of "
    "the outputs in it with differences of the outputs, which must not all be 0"
)


def line_up(generator: torch.Generator, mistakes: Mapping[str, Mapping]) -> list[Suspect]:
    """Right layers and wrong ones, in random order."""
    found = [Suspect({}) for _ in range(RIGHT)]
    found += [Suspect(dict(numbers), words) for words, numbers in mistakes.items()]
    return [found[k] for k in torch.randperm(len(found), generator=generator).tolist()]


def exam_carries_graph(generator, ask, report):
    """Layers that are plainly wrong; layers that are wrong in one place or mode."""

    def judge(mistakes: Mapping[str, Mapping], n: int) -> list[str]:
        suspects = line_up(generator, mistakes)
        asked = {
            "probe_layers": [each.asked for each in suspects],
            "probe_weights": 0.5
            + torch.rand(len(suspects), 2, n, generator=generator, dtype=torch.float64),
            "x": 0.5 + torch.rand(4, n, generator=generator, dtype=torch.float64),
        }
        given = f"layers with weight and bias of shape ({n},), float64"
        reply = told(ask, asked, given)
        must_tell(reply["said"], suspects, given, IDEA)
        return reply["changed"]

    with report.criterion("test: right layers pass, and plainly wrong ones do not", 1):
        must_be_kept(judge(PLAIN, 3), "x", "only the layer is there to be changed")
    with report.criterion("test: nor do layers that are wrong in one weight, entry or mode", 1):
        judge(HIDDEN, 3)
