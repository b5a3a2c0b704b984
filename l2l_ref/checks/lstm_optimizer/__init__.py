"""Exercise 03: the learned optimizer, one window of it, and its gradient.

No file needs one below it:

    optimizees      the answering side: functions to minimise, and windows
    run             the answering side: the questions
    features        question 1: what the optimizer sees of a gradient
    steps           question 2: one step for a vector of coordinates
    updates         question 3: one step for many tensors
    windows         questions 4 and 5: the meta-loss, window after window
    meta_step       question 6: the meta-gradient without a graph
    suspects        question 7, the answering side: windows, and claims that may be wrong
    testing         question 7: a test that tells a right meta-gradient from a wrong one
    predictions     what comes out where a student guesses first, and why
    exam            the questions and their points
"""

from .. import check_on_demand

__getattr__ = check_on_demand(__name__)
