"""Exercise 02: layers whose weights can carry a graph.

No file needs one below it:

    networks        on which answers are tried, and how they are looked at
    layers          the answering side of questions 1 to 4
    run             the answering side of questions 5 to 8
    cases           the ways in which layers are made and called
    twins           questions 1 to 4: layers beside torch's own
    weights         questions 5 and 6: named, put
    updates         question 7: updated
    suspects        the answering side of the test in question 4: layers with habits
    testing         the test in question 4: layers that compute with their weights
    predictions     what comes out where a student guesses first, and why
    containers      question 8: a sequence of layers is a layer
    exam            the questions and their points
"""

from .. import check_on_demand

__getattr__ = check_on_demand(__name__)
