"""To run and examine one submission.

No file needs one below it:

    ground        what a check stands on in a kernel, and whether it was changed
    outputs       what a cell puts out, kept for readers
    kernel        a fresh kernel with limits, in a cage or not
    inside        what that kernel runs
    dialogue      the examining side here, the answering side in the kernel
    running       a notebook on its way through a kernel, and through another if that one dies
    selfcheck     a notebook -> points and reasons, for the student
    records       what is known of a graded submission, on disk
    grader        a submission -> a record, for the instructor
"""
