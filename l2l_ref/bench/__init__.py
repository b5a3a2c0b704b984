"""What is measured beside what others do or say.

No file needs one below it:

    literal       the inner loop as the original code runs it
    jax_twin      the same training in JAX
    benchmark     how fast training is beside both
    claims        the paper's claims beside the stored results
    gpu           all of it on a borrowed machine with a GPU: make gpu
"""
