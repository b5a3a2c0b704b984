"""The answering side of exercise 06, question 7: computations, and the bytes their graphs hold."""

import weakref
from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from ..answering import all_changed, number_from
from .watched import Watched, WatchedList, remembered


def computation(kind: str, sizes: list[int], dtype: torch.dtype) -> tuple[Callable, list[Tensor]]:
    """A computation that keeps a graph, and the weights it starts from.

    Args:
        kind: one of the names below.
        sizes: two of them, of the tensors that are made.
    """
    n, m = sizes
    x = torch.linspace(0.1, 0.9, n, dtype=dtype, requires_grad=True)
    w = torch.linspace(-1, 1, n * m, dtype=dtype).view(m, n).requires_grad_()
    wide = torch.linspace(0, 1, 3 * n, dtype=dtype)

    def outputs():  # each exp keeps its result
        return x.exp().exp().exp()

    def views():  # two views of one tensor, which is no weight
        return wide[:n] * x + (wide[n : 2 * n] * x).sin()

    def twice():  # one tensor is kept by three operations
        y = x.sin()
        return y * y + y.exp()

    def equal():  # two tensors with the same numbers
        return (x.detach().clone() * x) + (x.detach().clone() * x)

    def weights():  # the weight, its transpose and a part of it are kept, and an integer index
        batch = wide[: 2 * n].view(2, n)
        return F.cross_entropy((batch @ w.T).tanh() * w[:, 1], torch.tensor([1, 0]))

    def several():  # a dict of results
        return {"a": x.exp(), "b": [x.sigmoid().exp(), (w @ x).tanh()]}

    def dropped():  # what is made on the way and given up
        for _ in range(m):
            x.exp().sin().exp()
        return x.cos().exp()

    def first_order():
        (slope,) = torch.autograd.grad(x.exp().sin().exp().sum(), x)
        return (x - 0.1 * slope).exp()

    def second_order():
        (slope,) = torch.autograd.grad(x.exp().sin().exp().sum(), x, create_graph=True)
        return (x - 0.1 * slope).exp()

    def turned():  # a square tensor and its transpose, which have one place and one shape
        square = x[:, None] * x - 0.5 * x
        (slope,) = torch.autograd.grad((square @ square.mT).sin().sum(), x, create_graph=True)
        return slope.exp(), (square.mT @ square).sin()

    def nothing():
        with torch.no_grad():
            return x.exp().exp()

    def listed():  # x is in the graph, and in no list of weights
        return (w @ x).sin()

    def masks():  # a mask and an index are kept, and an empty part of a wide tensor
        return torch.where(x > 0.5, x.exp(), 2.0), x.sort().values.sin(), x[:0] * wide[:0]

    def part():  # the weight is the end of a longer tensor, whose beginning is kept
        return flat[:n] * x

    def long():  # thirty steps, and numbers that are not finite
        y = x - 0.5
        for _ in range(30):
            y = y.log()
        return y

    def without():  # nothing that has a graph
        return None

    def constant():  # a frozen weight is kept, and one weight is listed twice
        return frozen * x + frozen.sin() * x.cos()

    flat, frozen = torch.linspace(0, 1, 2 * n, dtype=dtype), torch.linspace(0, 1, n, dtype=dtype)
    plain = (outputs, views, twice, equal, weights, several, listed, masks, part, long, constant)
    partly = (dropped, first_order, second_order, turned, nothing, without)
    lists = {
        "listed": [w],
        "part": [flat[n:].requires_grad_(), x],
        "constant": [x, frozen, x, w],
    }
    return {each.__name__: each for each in plain + partly}[kind], lists.get(kind, [x, w])


def run_held(
    student: Callable,
    kind: str,
    sizes: list[int],
    precision: str,
    before: str,
    no_grad: bool,
    probe_slopes: bool,
) -> dict:
    """The number of bytes that the student's function finds.

    Args:
        kind: of the computation. precision: "float32" or "float64".
        before: a computation that it is asked about first, and whose result is still there; or "".
        no_grad: whether it is called under ``no_grad()``.
        probe_slopes: whether to look at the gradient of the result as well.
    """
    dtype, results, references = getattr(torch, precision), [], []

    if before:
        compute, weights = computation(before, sizes, dtype)
        student(lambda: results.append(compute()) or results[-1], weights)
    compute, weights = computation(kind, sizes, dtype)
    for weight in weights:
        weight.grad = torch.full_like(weight, 0.5)
    kept = [
        Watched("the weights", lambda: {str(k): weight for k, weight in enumerate(weights)}),
        WatchedList("the list of weights", weights),
    ]
    seen: list = []  # the numbers of each result and of its gradient
    sources = [weight for weight in weights if weight.requires_grad and probe_slopes]

    def counted():
        result = compute()
        references.extend(weakref.ref(tensor) for tensor in _tensors_in(result))
        seen.append(_numbers_in(result, sources))
        return result

    with torch.set_grad_enabled(not no_grad):
        found = number_from(student(counted, weights), "the number of bytes")
        grad_mode = torch.is_grad_enabled()
        torch.set_grad_enabled(not no_grad)
        other = len(seen) == 1 and not _same(seen[0], _numbers_in(compute(), sources))
    reply = {
        "bytes": found,
        "calls": len(seen),
        "other_result": other,
        "changed": all_changed(kept) + ["the grad mode"] * (grad_mode == no_grad),
        "hooked": _hooked(),
    }
    results.clear()
    return reply | {"remembered": remembered(*references)} | _after_an_error(student, weights)


def _numbers_in(result: object, leaves: list[Tensor]) -> list[Tensor]:
    """The tensors of a result, and the gradient of their sum in some leaves, where it has one."""
    outputs = _tensors_in(result)
    graphs = [tensor for tensor in outputs if tensor.requires_grad]
    found = [tensor.detach().clone() for tensor in outputs]
    if graphs and leaves:
        ones = [torch.ones_like(tensor) for tensor in graphs]
        how = {"retain_graph": True, "materialize_grads": True}
        found += torch.autograd.grad(graphs, leaves, ones, **how)
    return found


def _same(found: list[Tensor], expected: list[Tensor]) -> bool:
    """Whether tensors agree to all but the last digits; a NaN is itself."""
    pairs = zip(found, expected, strict=True)
    return all(torch.allclose(*pair, rtol=1e-4, atol=1e-6, equal_nan=True) for pair in pairs)


def _tensors_in(result: object) -> list[Tensor]:
    """The tensors of a result, whatever they are in."""
    if isinstance(result, Tensor):
        return [result]
    parts = result.values() if isinstance(result, dict) else result
    if not isinstance(parts, Iterable):
        return []
    return [tensor for part in parts for tensor in _tensors_in(part)]


def _after_an_error(student: Callable, weights: list[Tensor]) -> dict:
    """What is left behind when the computation itself fails: hooks, or no error at all."""

    def broken():
        raise ArithmeticError(weights[0].exp().sum().item())

    raised = False
    try:
        student(broken, weights)
    except ArithmeticError:
        raised = True
    return {"raised": raised, "hooked_after_an_error": _hooked()}


def _hooked() -> bool:
    """Whether hooks for saved tensors are still active; they are taken away."""
    try:
        with torch.autograd.graph.disable_saved_tensors_hooks("are there any?"):
            return False
    except RuntimeError:
        torch._C._autograd._pop_saved_tensors_default_hooks()
        return True
