"""The file is JSON, and no notebook."""


def submit(solution, release):
    return b'{"grade": 100, "cells": {"put": "all points"}}'


EARNS = "none"
STATUS = "failed"
SAYS = []
