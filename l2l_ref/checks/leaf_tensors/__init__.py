"""Exercise 01: tensors with and without a graph.

No file needs one below it:

    networks        on which answers are tried
    given           what an answer is given, what it has changed of it, and its graph
    run             the answering side
    kinds           question 1: what a tensor is to autograd
    steps           question 2: a step that can be differentiated
    putting         question 3: a tensor in a parameter's place
    trainings       what questions 4 and 5 ask for
    rates           question 6: learning the rates
    suspects        question 7, the answering side: losses, and slopes that may be wrong
    testing         question 7: a test that tells right slopes from wrong ones
    predictions     what comes out where a student guesses first, and why
    exam            questions 4 and 5, and the points of all
"""

from .. import check_on_demand

__getattr__ = check_on_demand(__name__)
