"""Exercise 06: a residual network whose training step can be differentiated.

No file needs one below it:

    networks        on which answers are tried
    watched         what must be as it was afterwards, or gone
    building        the answering side of questions 1 and 2: networks that are made
    run             the answering side of questions 3 to 6
    graphs          the answering side of question 7: what a graph keeps
    exact           comparisons in float64
    block           question 1: the residual block
    conversion      question 2: any network as a meta network
    beginnings      questions 3 and 4: weights that are drawn or loaded
    steps           questions 5 and 6: one step in the graph, and several
    suspects        the answering side of two tests: slopes of some order, and flawed steps
    testing         questions 5 and 6: of which order slopes are, and which flaw a step has
    predictions     what comes out where a student guesses first, and why
    exam            question 7; the questions and their points
"""

from .. import check_on_demand

__getattr__ = check_on_demand(__name__)
