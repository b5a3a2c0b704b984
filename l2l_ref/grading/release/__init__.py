"""To make the exercises and hand them out.

No file needs one below it:

    markers       which lines of a source are not for students
    sources       the source of an exercise, and what must hold for it
    build         solutions/ -> exercises/
    start         a student's own copy
"""
