"""To grade a class.

No file needs one below it:

    course        a course as nbgrader keeps it
    delivery      the files that came, of which nothing is believed
    stated        an instructor's own files: rows, and times with their zone
    owners        whose they are, and the ids that students have
    collecting    what students handed in, in nbgrader's folder of submissions
    times         times of hand-in that nbgrader's exchange does not know
    lateness      due dates, extensions and penalties, in the gradebook
    standing      points, penalty and total of a submission
    plugins       what nbgrader needs besides its own parts
    workers       many submissions through few workers
    gradebook     records -> nbgrader's gradebook
    batch         a class's submissions -> grades
    table         what came of a class, as data and on the screen
    pages         what a browser is shown of a student's notebook
    hub           files for a JupyterHub to try the course on
"""
