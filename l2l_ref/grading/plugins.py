"""What nbgrader needs besides its own parts; named in ``nbgrader_config.py``."""

from collections import defaultdict

from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import NbGraderPreprocessor


class DropCopies(NbGraderPreprocessor):
    """Take nbgrader's metadata off copied cells, so that one of them cannot stop the batch.

    JupyterLab copies a cell with its grade_id. nbgrader's own DeduplicateIds leaves the copy with
    empty metadata, which the steps after it cannot read: the submission fails, or the whole batch.
    The build gives each cell its grade_id for an id, and a copy gets a new id, so the original can
    be told. Where an editor has changed the ids too, the last cell stays, as in nbgrader. Metadata
    that nbgrader cannot read is taken off as well; OverwriteCells brings a lost check back.
    """

    def preprocess(self, nb, resources):
        """Go through a notebook; see the class."""
        by_grade_id = defaultdict(list)
        for cell in nb.cells:
            if "nbgrader" not in cell.metadata:
                continue
            if self._readable(cell):
                by_grade_id[cell.metadata.nbgrader["grade_id"]].append(cell)
            else:
                self.log.warning("A cell's nbgrader metadata cannot be read; it is ignored")
                del cell.metadata["nbgrader"]
        for grade_id, cells in by_grade_id.items():
            original = next((cell for cell in cells if cell.get("id") == grade_id), cells[-1])
            for cell in cells:
                if cell is not original:
                    self.log.warning("The cell %r has a copy; the copy is ignored", grade_id)
                    del cell.metadata["nbgrader"]
        return nb, resources

    @staticmethod
    def _readable(cell) -> bool:
        try:
            MetadataValidator().validate_cell(cell)
            return bool(cell.metadata.nbgrader["grade_id"])
        except Exception:  # whatever a student's file holds
            return False
