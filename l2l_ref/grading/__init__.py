"""What makes, hands out and grades the exercises, in five rooms.

    release       to make the exercises and hand them out
    submission    to read what came back
    cage          to keep its code away from everything else
    examination   to run and examine one submission
    classroom     to grade a class

Shared by them:

    notebooks     notebooks as files, whatever an editor did to their metadata
    questions     which exercise a notebook is, and where it asks for its points
    ending        a run that ends before its end, and whose fault it is
    printable     text from a student's file, made fit for a terminal or a page

A room needs those above it. Importing this package is quick. nbgrader, jupytext and jupyter_client
are extras; a command that needs one asks for it through `support.extras`.
"""
