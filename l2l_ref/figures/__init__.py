"""What the book shows.

No file needs one below it:

    plots         curves and how all figures look
    rules         portraits of update rules
    drawings      autograd graphs, as boxes and arrows
    unrolled      the inner loop, after the paper's figure 2
    playground    pictures that the reader moves, in plain JavaScript
"""
