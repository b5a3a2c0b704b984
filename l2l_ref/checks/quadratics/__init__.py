"""Exercise 04: the paper's first experiment, from its functions to a race.

No file needs one below it:

    given           what a student's function is handed, and whether it is as it was
    networks        what the answers to questions 5 and 6 are made of
    run             the answering side
    suspects        question 2, the answering side: rules that are Adam, or nearly
    testing         question 2: a test that tells Adam from other rules
    predictions     what comes out where a student guesses first, and why
    functions       questions 1: how functions are drawn, their losses and gradients
    rules           questions 2: the rivals
    descent         questions 3: a run, and sums with a cap
    comparison      question 4: rates from one set, the report from another
    meta_step       question 5: the meta-gradient of a batch
    race            question 6: the learned rule against the best rival
    read_off        question 7: the slopes of a rule
    exam            the questions and their points
"""

from .. import check_on_demand

__getattr__ = check_on_demand(__name__)
