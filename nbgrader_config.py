"""nbgrader's settings. It finds them here only: run it in this folder, after ``make exercises``.

Everything it writes, the gradebook too, goes to ``.nbgrader/``, which git ignores.
"""

import os
import sys
from pathlib import Path

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    OverwriteCells,
    OverwriteKernelspec,
)

from l2l_ref.grading.classroom.pages import Harmless, harmless
from l2l_ref.grading.classroom.plugins import DropCopies, GradesTable, SettledGrades

c = get_config()

# nbgrader calls the program alembic, and does not look beside its own Python for it.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

folder = Path(__file__).resolve().parent / ".nbgrader"
for name in ("exchange", "cache"):  # a missing folder gives misleading errors
    (folder / name).mkdir(parents=True, exist_ok=True)

c.CourseDirectory.course_id = "l2l"
c.CourseDirectory.root = str(folder)  # source/, release/, submitted/, autograded/, feedback/
c.CourseDirectory.db_url = f"sqlite:///{folder / 'gradebook.db'}?timeout=60"
c.ExportPlugin.to = str(folder / "grades.csv")
c.Exchange.root = str(folder / "exchange")  # of a real class: a folder that students can write to
c.Exchange.cache = str(folder / "cache")

c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DropCopies,  # in the place of DeduplicateIds, which lets a copied cell stop the batch
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
c.OverwriteCells.add_missing_cells = True  # a check that a student deleted comes back
c.Execute.timeout = 300  # seconds for a cell; the longest of the course trains for 45
c.Execute.extra_arguments = ["--InteractiveShellApp.ignore_cwd=True"]  # no l2l_ref.py from there
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"(?s).*"  # a warning on stderr would cost all points of a question

# A rule for late work may be a class in a file beside this one.
sys.path.append(str(folder.parent))

# Penalties for late work are worked out when grades are read, not only when work is graded.
c.ExportApp.plugin_class = GradesTable
c.GenerateFeedback.preprocessors = [SettledGrades, CSSHTMLHeaderPreprocessor]

# A student's Markdown and outputs are shown in formgrader, where a script could change a score.
c.HTMLExporter.preprocessors = [Harmless]
c.HTMLExporter.filters = {"strip_files_prefix": harmless}
