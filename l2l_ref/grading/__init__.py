"""What makes, hands out and grades the exercises.

To make them:

    markers     which lines of a source are not for students
    sources     the source of an exercise, and what must hold for it
    build       solutions/ -> exercises/
    start       a student's own copy

To read what came back:

    notebooks   notebooks as files, whatever an editor did to their metadata
    questions   which exercise a notebook is, and where it asks for its points
    definitions what the code of a cell defines, needs and asks
    salvage     the text of a damaged file -> its cells
    graft       a student's cells in the places of the release
    repair      both: a damaged submission -> a notebook that can be graded
    flags       what in a submission a human should look at
    likeness    answers that are alike across students

To run and examine one:

    sandbox     a cage for a kernel, and the limits in it
    watch       looks after the processes of a cage, from inside
    kernel      a fresh kernel with limits, in a cage or not
    inside      what that kernel runs
    outputs     what a cell puts out, kept for readers
    dialogue    the examining side here, the answering side in the kernel
    running     a notebook on its way through a kernel, and through another if that one dies
    selfcheck   a notebook -> points and reasons, for the student
    grader      a submission -> a record, for the instructor

To grade a class:

    course      a course as nbgrader keeps it
    collecting  what students handed in, wherever it comes from
    records     what is known of a graded submission, on disk
    workers     many submissions through few workers
    gradebook   records -> nbgrader's gradebook
    batch       a class's submissions -> grades
    table       what came of a class, on the screen
    printable   text from a student's file, made fit for a terminal or a page
    plugins     what nbgrader needs besides its own parts
    pages       what a browser is shown of a student's notebook
    hub         files for a JupyterHub to try the course on

Importing this package is quick. nbgrader, jupytext and jupyter_client are extras; a command that
needs one asks for it through `extras`.
"""
