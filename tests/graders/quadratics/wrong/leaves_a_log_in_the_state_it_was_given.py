"""The numbers are right; the list in the state that was given is longer.

Loses: momentum leaves old states and other runs alone.
Axis: behind.
"""


def momentum(gradient, state, rate, nesterov=False):
    buffer, log = (None, []) if state is None else state
    buffer = gradient if buffer is None else 0.9 * buffer + gradient
    log.append(float(rate))
    return -rate * (gradient + 0.9 * buffer if nesterov else buffer), (buffer, list(log))
