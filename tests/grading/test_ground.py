"""What a check stands on in a kernel is seen to change, whoever changes it, and else not."""

import subprocess
import sys

import pytest

from l2l_ref.grading.examination.ground import EXPRESSION, changed, read

LOOKING = """
import sys
import torch
import l2l_ref.checks.leaf_tensors.run, l2l_ref.checks.quadratics.run
expression = sys.argv[1]
print(eval(expression))
for code in sys.argv[2:]:
    exec(code)
    print(eval(expression))
"""

#: What an attack changes, and how.
ATTACKS = {
    "l2l_ref.checks.leaf_tensors.given.unlike": (
        "m = sys.modules['l2l_ref.checks.leaf_tensors.given']; m.unlike = lambda a, b: []"
    ),
    "l2l_ref.checks.answering.Kept.changed": (
        "kept = sys.modules['l2l_ref.checks.answering'].Kept\n"
        "kept.changed.__code__ = (lambda self: []).__code__"
    ),
    "l2l_ref.checks.answering.isinstance": (
        "vars(sys.modules['l2l_ref.checks.answering'])['isinstance'] = lambda *_: True"
    ),
    "torch.equal": "torch.equal = lambda a, b: True",
    "torch.Tensor.clone": "torch.Tensor.clone = lambda self: self",
    "torch.Tensor.grad": "torch.Tensor.grad = property(lambda self: None)",
    "torch.nn.Module.named_buffers": "torch.nn.Module.named_buffers = lambda self, **_: iter(())",
    "builtins.id": "import builtins; real = id; builtins.id = lambda x: real(x)",
}

#: What a submission may do.
HONEST = (
    "x = torch.randn(3, requires_grad=True); (x * x).sum().backward(); str(x)",
    "import matplotlib.pyplot, sklearn.datasets",
    "torch.optim.Adam([torch.zeros(2, requires_grad=True)]); torch.set_default_device('cpu')",
    "import torchvision; torch.func.functional_call; torch.autograd.functional.hessian",
)


def looks(*codes: str) -> list[dict]:
    """What is seen before, and after each code."""
    command = [sys.executable, "-c", LOOKING, EXPRESSION, *codes]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [read(line) for line in done.stdout.splitlines()]


def test_each_attack_is_named():
    seen = looks(*ATTACKS.values())
    for name, before, after in zip(ATTACKS, seen, seen[1:], strict=False):
        assert changed(before, after) == [name]


def test_honest_code_changes_nothing():
    before, *seen = looks(*HONEST)
    assert [changed(before, after) for after in seen] == [[] for _ in HONEST]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"some": []}', "[" * 100_000])
def test_what_is_no_look_is_a_change(text):
    before = {"some": {"torch.equal": [1]}, "all": {}}
    assert changed(before, read(text)) == ["what Python looks with, if the kernel answers at all"]
