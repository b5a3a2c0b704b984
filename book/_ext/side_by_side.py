"""Chapters run side by side, and a chapter runs again when something that it read has changed.

jupyter-cache keeps what a chapter gave and finds it by the chapter's code. It does not know what
else went into it. So `reads`, in the chapter's kernel, writes down each file that is opened there,
modules and artifacts alike, and the cache keeps the digests of these files with the outputs. Where
one of them is different now, or what is installed, the outputs are forgotten.

What is missing then runs in jupyter-cache's own parallel executor, a chapter on each processor and
with one thread each: so neither the number of processors nor a neighbour changes a digit.
"""

import hashlib
import logging
import os
import platform
import tempfile
import time
from collections.abc import Iterable
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import JupyterCacheAbstract
from jupyter_cache.cache.db import NbCacheRecord
from jupyter_cache.executors.basic import ExecutionWorkerLocalMProc, JupyterExecutorLocalMproc
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.errors import ExtensionError
from sphinx.util import logging as sphinx_logging

from l2l_ref.support.files import data_folder

RECORDER = Path(__file__).with_name("reads.py")

#: Each kernel has one thread, and threads that wait do not spin.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}

#: For the kernel: run the recorder before the first cell, bind no name, and print no warnings.
ARGUMENTS = [
    f"--InteractiveShellApp.exec_lines=__import__('runpy').run_path({str(RECORDER)!r}) and None",
    "--log-level=ERROR",
]

#: Where a cached notebook keeps what it was made from.
MADE_FROM = "made_from"

#: The module that looks for data sets; whoever does not load it meets none.
DATA = "l2l_ref/data.py"


def setup(app):
    """For Sphinx."""
    app.connect("env-get-outdated", run_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def run_chapters(app, env, added, changed, removed) -> list[str]:
    """Run the chapters whose outputs are missing; return the pages to be read anew.

    Raises:
        ExtensionError: a chapter failed; says which, and shows its traceback.
    """
    kept = get_cache(env.mystnb_config.execution_cache_path)
    chapters = {docname: env.doc2path(docname) for docname in sorted(env.found_docs)}
    readers = {docname: reader_of(path, env) for docname, path in chapters.items()}
    chapters = {docname: path for docname, path in chapters.items() if readers[docname]}
    for docname, path in chapters.items():
        kept.add_nb_to_project(path, read_data=readers[docname])
        record = kept.get_cached_project_nb(path)
        if record is not None and is_stale(kept, record):
            kept.remove_cache(record.pk)
    run_side_by_side(kept, list(chapters.values()), env.mystnb_config.execution_timeout)
    now = {docname: kept.get_cached_project_nb(path).created for docname, path in chapters.items()}
    now |= dict.fromkeys(env.found_docs - now.keys(), None)  # pages without code
    shown, env.chapters_shown = getattr(env, "chapters_shown", {}), now
    drawn_by, env.pages_drawn_by = getattr(env, "pages_drawn_by", None), extensions()
    if drawn_by != env.pages_drawn_by:
        return list(now)
    return [docname for docname in now if shown.get(docname) != now[docname]]


def extensions() -> str:
    """A fingerprint of what draws the pages besides Sphinx: these extensions, and what they ask."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return fingerprint([os.environ.get("L2L_REPOSITORY", ""), *map(digest, files)])


def reader_of(path: str, env) -> dict | None:
    """How jupyter-cache reads a page; None if the page runs no code."""
    reader = create_nb_reader(
        path, env.myst_config, env.mystnb_config, Path(path).read_text("utf-8")
    )
    return reader.read_fmt if reader else None


def run_side_by_side(kept: JupyterCacheAbstract, paths: list[str], timeout: int) -> None:
    """Run those of the chapters that the cache lacks."""
    waiting = [record.uri for record in kept.list_unexecuted(filter_uris=paths)]
    if not waiting:
        return
    sphinx_logging.getLogger(__name__).info("running %s chapters side by side", len(waiting))
    os.environ.update(ENVIRONMENT)  # for the kernels; nothing here computes
    executor = Executor(kept, logging.Logger("jupyter-cache", logging.INFO))
    executor.run_and_cache(filter_uris=waiting, timeout=timeout)
    for path in waiting:
        record = kept.get_project_record(path)
        if kept.get_cached_project_nb(path) is None:
            raise ExtensionError(f"{path} failed:\n{record.traceback or 'see above'}")


class Worker(ExecutionWorkerLocalMProc):
    """Runs one chapter and keeps what it was made from."""

    @staticmethod
    def execute(project_nb, data):
        """See jupyter-cache."""
        folder, begun = Path(project_nb.uri).parent, time.time()
        with tempfile.TemporaryDirectory() as temporary:
            log = Path(temporary, "reads")
            os.environ |= {"CHAPTER_READS": str(log), "CHAPTER_ROOT": str(folder.parent)}
            result = single_nb_execution(
                project_nb.nb,
                cwd=str(folder),
                timeout=data.timeout,
                allow_errors=data.allow_errors,
                extra_arguments=ARGUMENTS,
                shutdown_kernel="immediate",  # asked politely, a kernel may take seconds to go
            )
            read = sorted(set(log.read_text("utf-8").splitlines()))
        made_from = ingredients(read, folder.parent)
        for path in read:
            if (folder.parent / path).stat().st_mtime > begun:
                made_from["files"][path] = "it was written while the chapter ran"
        project_nb.nb.metadata[MADE_FROM] = made_from
        return result


class Executor(JupyterExecutorLocalMproc):
    """jupyter-cache's parallel executor, with workers that keep what a chapter was made from."""

    _EXECUTION_WORKER = Worker


def is_stale(kept: JupyterCacheAbstract, record: NbCacheRecord) -> bool:
    """Whether the outputs in the cache were made from something else than what is there now."""
    made_from = kept.get_cache_bundle(record.pk).nb.metadata.get(MADE_FROM)
    return not made_from or made_from != ingredients(
        made_from["files"], Path(record.uri).parents[1]
    )


def ingredients(read: Iterable[str], root: Path) -> dict:
    """What outputs are made from now, if these files are read for them."""
    files = {path: digest(root / path) for path in read}
    return {
        "files": files,
        "installed": installed(),
        "data": data_at_hand() if DATA in files else "",
    }


def digest(path: Path) -> str:
    """A fingerprint of a file; empty where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@cache
def installed() -> str:
    """A fingerprint of Python and all packages: another release may give other numbers."""
    versions = sorted(f"{each.name} {each.version}" for each in distributions())
    return fingerprint([platform.python_version(), *versions])


def data_at_hand() -> str:
    """A fingerprint of which data sets are there: a chapter uses what it finds."""
    return fingerprint(f"{path} {path.stat().st_size}" for path in sorted(data_folder().rglob("*")))


def fingerprint(lines: Iterable[str]) -> str:
    """Of some text."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
