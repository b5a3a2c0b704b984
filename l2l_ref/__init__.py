"""The reference implementation of the course on learned optimizers.

After *Learning to learn by gradient descent by gradient descent* (Andrychowicz et al., NIPS 2016).
Each file here holds one idea; read them in this order:

    modules       layers whose weights can carry a graph; `to_meta`
    resnet        torchvision's ResNets, made of them
    inner         momentum and Adam whose steps stay in the graph
    preprocess    log-and-sign
    optimizers    the coordinatewise LSTM optimizer
    data          images, in three disjoint parts
    tasks         the functions it learns on
    unroll        the inner loop and the meta-gradient
    tape          the same gradient, fast
    minimizers    the hand-designed optimizers beside the learned one
    evaluation    the comparison
    training      the outer loop
    optim         a trained optimizer in the place of Adam, for one's own network
    presets       how long, how fast, on what

What is not an idea of the course has a room of its own; its docstring says what is in it:

    support       files, errors, seeds, provenance: what everything stands on
    figures       what the book draws, and what its reader moves
    bench         how fast it is, and what the paper claims beside what was measured
    artifacts     trained optimizers and stored results
    checks        what the exercises call
    grading       what makes, hands out and grades the exercises
    cli           the command ``l2l``

Imports run one way: `support`, the ideas in this order, the rooms in theirs. One pair is turned
round for the reader: `unroll` calls `tape`, which gives what `unroll` defines. To follow a command,
begin in `cli` and go up.
"""
