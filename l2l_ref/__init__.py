"""The reference implementation of the course on learned optimizers.

After *Learning to learn by gradient descent by gradient descent* (Andrychowicz et al., NIPS 2016).
Each module holds one idea; read them in this order:

    modules       layers whose weights can carry a graph; `to_meta`
    resnet        torchvision's ResNets, made of them
    preprocess    log-and-sign
    optimizers    the coordinatewise LSTM optimizer
    tasks         the functions it learns on
    unroll        the inner loop and the meta-gradient; `tape` makes it fast
    training      the outer loop
    minimizers    the hand-designed optimizers beside the learned one
    evaluation    the comparison
    claims        what the paper says beside what was measured
"""
