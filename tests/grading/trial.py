"""One submission, graded, and what that has done to the process that graded it.

Also a program: it reads a job from a file and writes what came of it to another, with a folder for
temporary files of its own.
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import psutil

from l2l_ref.grading.examination.grader import grade_submission


def memory() -> float:
    """The most that this process has ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def children() -> set[int]:
    """The processes that this one has started, and theirs."""
    return {process.pid for process in psutil.Process().children(recursive=True)}


def gone(started: set[int], seconds: float = 5.0) -> bool:
    """Whether processes have ended, or do so in a moment."""
    end = time.monotonic() + seconds
    while started & children() and time.monotonic() < end:
        time.sleep(0.05)
    return not started & children()


def try_it(job: dict, temporary: Path) -> dict:
    """Grade a submission.

    Args:
        job: as the grader takes it.
        temporary: the folder for temporary files.

    Returns:
        ``record``, ``seconds``, ``grown`` (MB that this process has grown by), ``gone`` (whether no
        process is left behind), ``left`` (files that are), ``canary`` (a variable, afterwards).
    """
    held, running, begin = memory(), children(), time.monotonic()
    record = grade_submission(job)
    return {
        "record": record,
        "seconds": time.monotonic() - begin,
        "grown": memory() - held,
        "gone": gone(children() - running),
        "left": sorted(path.name for path in temporary.iterdir()),
        "canary": os.environ["L2L_CANARY"],
    }


def main() -> None:
    """Arguments on the command line: the job's file, the result's, the temporary folder."""
    job, result, temporary = map(Path, sys.argv[1:])
    tempfile.tempdir = str(temporary)
    result.write_text(json.dumps(try_it(json.loads(job.read_text()), temporary)))
