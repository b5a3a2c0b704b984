"""The answers are of a subclass of Tensor that says of itself whatever is asked for."""

from battery import at_the_top, changed, wrong

ATTACK = """
class Lying(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if name in ("allclose", "equal", "isclose", "eq", "__eq__"):
            return True
        with torch._C.DisableTorchFunctionSubclass():
            return function(*args, **(kwargs or {}))

    shape = property(lambda self: torch.Size([]))
    grad_fn = property(lambda self: object())
    is_leaf = property(lambda self: True)
    requires_grad = property(lambda self: True)
    detach = lambda self: self
    clone = lambda self, **options: self
    to = lambda self, *dtype: self
    cpu = lambda self: self


def lying(like):
    return torch.zeros(7).as_subclass(Lying)
"""


def submit(solution, release):
    return changed(
        at_the_top(wrong(release), ATTACK),
        sgd_step="def sgd_step(weights, *others):\n"
        "    return {n: lying(w) for n, w in weights.items()}",
        loss_after="def loss_after(*asked):\n    return lying(0)",
        first_order="def first_order(module, x, y, rates, steps):\n"
        "    return {n: lying(r) for n, r in rates.items()}",
        learn_rates="def learn_rates(loss_of, rates, *others):\n"
        "    return {n: lying(r) for n, r in rates.items()}",
    )


EARNS = "none"
