"""A cell leaves a task on the kernel's event loop that blocks it."""

from battery import after

ATTACK = """
import asyncio
import time


async def busy():
    while True:
        time.sleep(0.5)  # not asyncio.sleep: nobody else gets a turn


task = asyncio.ensure_future(busy())
"""


def submit(solution, release):
    return after(solution, "check_sgd_step", ATTACK)


EARNS = "all"
SAYS = ["does not answer any more"]
WAITS = True
