"""A million brackets, to overflow the reader's stack."""


def submit(solution, release):
    return b'{"cells": ' + b"[" * 1_000_000


EARNS = "none"
STATUS = "failed"
SAYS = []
