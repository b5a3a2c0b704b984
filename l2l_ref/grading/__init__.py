"""What makes, hands out and grades the exercises.

    notebooks   notebooks as files, whatever an editor did to their metadata
    markers     which lines of a source are not for students
    sources     the source of an exercise, and what must hold for it
    build       solutions/ -> exercises/
    start       a student's own copy
    questions   which exercise a notebook is, and where it asks for its points
    definitions what the code of a cell defines, needs and asks
    salvage     the text of a damaged file -> its cells
    graft       a student's cells in the places of the release
    repair      both: a damaged submission -> a notebook that can be graded
    flags       what in a submission a human should look at
    likeness    answers that are alike across students
    kernel      a fresh kernel with time limits
    inside      what runs in that kernel
    selfcheck   a notebook -> points and reasons
    course      a course as nbgrader keeps it
    collecting  what students handed in, wherever it comes from
    records     what is known of a graded submission, on disk
    workers     many submissions through few workers
    gradebook   records -> nbgrader's gradebook
    batch       a class's submissions -> grades
    table       what came of a class, on the screen
    printable   text from a student's file, made fit for a terminal
    plugins     what nbgrader needs besides its own parts

Importing this package is quick. nbgrader, jupytext and jupyter_client are extras; a command that
needs one imports it through `extras`.
"""
