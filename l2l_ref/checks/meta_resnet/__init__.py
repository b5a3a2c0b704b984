"""Exercise 06: a residual network whose training step can be differentiated.

No file needs one below it:

    networks        on which answers are tried
    run             the answering side
    exact           comparisons in float64
    block           question 1: the residual block
    conversion      question 2: any network as a meta network
    beginnings      questions 3 and 4: weights that are drawn or loaded
    steps           questions 5 and 6: one step in the graph, and several
    memory          question 7: what a graph keeps
    exam            the questions and their points
"""

from .. import check_on_demand

__getattr__ = check_on_demand(__name__)
