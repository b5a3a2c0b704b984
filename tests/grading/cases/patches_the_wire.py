"""What packs replies packs something else; what unpacks questions gives empty ones."""

from battery import at_the_top, wrong

ATTACK = """
from l2l_ref.checks import wire
from l2l_ref.grading.examination import inside

wire.pack = inside.pack = lambda value: '{"data": {"points": 17.0}}'
wire.unpack = inside.unpack = lambda text: {}
"""


def submit(solution, release):
    return at_the_top(wrong(release), ATTACK)


EARNS = "none"
FLAGGED = True
