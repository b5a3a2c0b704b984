"""To read what came back.

No file needs one below it:

    definitions   what the code of a cell defines, needs and asks
    limits        a time limit for what is done with it here
    salvage       the text of a damaged file -> its cells
    graft         a student's cells in the places of the release
    repair        both: a damaged submission -> a notebook that can be graded
    likeness      answers that are alike across students
    flags         what in a submission a human should look at
    reading       a submission repaired and looked at, in a time that no file can exceed
    unearned      points for which there is no answer, a flag as well
"""
