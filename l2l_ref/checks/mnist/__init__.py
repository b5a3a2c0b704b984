"""Exercise 05: a network, its data, and a comparison that can be trusted.

No file needs one below it:

    elsewhere       sets in the order of another process
    run             the answering side
    run_pairs       the same, from the paired runs on
    perceptron      questions 1 and 6: a network, and families of them
    deal            question 2: three parts that share nothing
    batches         questions 2 and 3: one scale for all, and minibatches
    pairing         question 4: the same functions for all
    comparing       question 5: what that tells
    verdict         question 6: which claims hold
    suspects        the answering side of the test in question 5, and of question 7
    testing         question 5: a test that tells which intervals cover
    flaws           question 7: what is wrong with a study
    predictions     what comes out where a student guesses first, and why
    exam            the questions and their points
"""

from .. import check_on_demand

__getattr__ = check_on_demand(__name__)
