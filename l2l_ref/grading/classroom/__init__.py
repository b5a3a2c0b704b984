"""To grade a class.

No file needs one below it:

    course        a course as nbgrader keeps it
    delivery      the files that came, of which nothing is believed
    owners        whose they are, and the ids that students have
    collecting    what students handed in, in nbgrader's folder of submissions
    workers       many submissions through few workers
    gradebook     records -> nbgrader's gradebook
    batch         a class's submissions -> grades
    table         what came of a class, on the screen
    plugins       what nbgrader needs besides its own parts
    pages         what a browser is shown of a student's notebook
    hub           files for a JupyterHub to try the course on
"""
