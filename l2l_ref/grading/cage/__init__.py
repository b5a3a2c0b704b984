"""To keep a submission's kernel away from everything else.

No file needs one below it:

    hearing       what a kernel loads of the course, told by Python itself
    entrance      the way in: a keyring, and a filter for system calls
    starter       what runs first in a cage: the kernel, on sockets from outside
    sandbox       the cage, and the limits in it
    view          processes of a cage, and what they hold
    clock         the time that a cage has had
    line          what passes between a kernel and the grader, measured
    watch         ends a cage that has become too large
"""
