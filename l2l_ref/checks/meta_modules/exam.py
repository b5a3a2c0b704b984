"""The examining side of exercise 02: layers whose weights can carry a graph."""

from ..examining import Check, Question
from .containers import exam_sequential
from .layers import run_layer
from .run import run_named_weights, run_put, run_sequential, run_update
from .suspects import run_carries_graph
from .testing import exam_carries_graph
from .twins import exam_conv, exam_conv_transpose, exam_linear, exam_norm
from .updates import exam_update
from .weights import exam_named_weights, exam_put_weight

#: Reference modules that would answer the questions; importing one of them is for a human to see.
ANSWERS = ("l2l_ref.modules", "l2l_ref.resnet")


check = Check(
    "meta_modules",
    version="8",
    questions={
        "MetaLinear": Question(2, exam_linear, run_layer),
        "MetaConv2d": Question(1.5, exam_conv, run_layer),
        "MetaConvTranspose2d": Question(1, exam_conv_transpose, run_layer),
        "MetaBatchNorm2d": Question(3, exam_norm, run_layer),
        "carries_graph": Question(2, exam_carries_graph, run_carries_graph),
        "named_weights": Question(1.5, exam_named_weights, run_named_weights),
        "put_weight": Question(2.5, exam_put_weight, run_put),
        "update": Question(2, exam_update, run_update),
        "MetaSequential": Question(1.5, exam_sequential, run_sequential),
    },
)
