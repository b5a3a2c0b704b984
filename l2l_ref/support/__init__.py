"""What everything stands on, and what is no idea of the course.

No file needs one below it:

    errors        what can go wrong, by name
    interrupts    requests to end a program
    files         where files lie; files that are written whole or not at all
    network       downloads that do not wait for ever
    randomness    every random number comes from a seed and a name
    provenance    where a stored result comes from
    graph_memory  what a graph costs, in bytes
    cuda_graph    a function of tensors that a GPU goes through alone
    denormals     arithmetic that takes denormal numbers for zero
    weights       weights that are buffers, shown to torch and guarded
    extras        the packages that only some commands need
"""
