"""What is measured beside what others do or say.

No file needs one below it:

    literal       the inner loop as the original code runs it
    benchmark     how fast training is beside it
    claims        the paper's claims beside the stored results
    gpu           all of it on a borrowed machine with a GPU: make gpu
"""
