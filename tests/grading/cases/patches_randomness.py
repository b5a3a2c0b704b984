"""The draws are patched, so that every question has the same numbers."""

from battery import at_the_top, wrong

ATTACK = """
torch.randn = lambda *shape, **options: torch.zeros(*shape)
torch.rand = lambda *shape, **options: torch.zeros(*shape)
torch.randperm = lambda n, **options: torch.arange(n)
torch.Generator.manual_seed = lambda self, seed: self
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
