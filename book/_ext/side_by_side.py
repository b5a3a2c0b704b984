"""Chapters run side by side, and a chapter runs again when something that it read has changed.

jupyter-cache keeps what a chapter gave and finds it by the chapter's code. It does not know what
else went into it. So `reads`, in the chapter's kernel, writes down what is read there, modules and
artifacts alike, and the cache keeps these fingerprints with the outputs. Where one of them is
different now, or what is installed, the outputs are forgotten.

What is missing then runs, a chapter on each processor and with one thread each: so neither the
number of processors nor a neighbour changes a digit. This process alone writes to the cache:
jupyter-cache's own parallel workers may lose what another has just kept, and hang after Ctrl-C.
"""

import hashlib
import json
import multiprocessing
import os
import platform
import shutil
import signal
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from filelock import FileLock
from jupyter_cache import get_cache
from jupyter_cache.base import JupyterCacheAbstract, ProjectNb
from jupyter_cache.cache.db import NbCacheRecord
from jupyter_cache.executors.utils import create_cache_bundle, single_nb_execution
from myst_nb.core.read import create_nb_reader
from reads import digest
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sqlalchemy.exc import DatabaseError

import l2l_ref
from l2l_ref.support.files import data_folder

LOGGER = logging.getLogger(__name__)

RECORDER = Path(__file__).with_name("reads.py")

#: Each kernel has one thread, and threads that wait do not spin.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}

#: For the kernel: run the recorder before the first cell, bind no name, and print no warnings.
RUN_RECORDER = f"__import__('runpy').run_path({str(RECORDER)!r}, run_name='__main__') and None"
ARGUMENTS = [f"--InteractiveShellApp.exec_lines={RUN_RECORDER}", "--log-level=ERROR"]

#: Where a cached notebook keeps what it was made from.
MADE_FROM = "made_from"

#: The module that looks for data sets; whoever does not load it meets none.
DATA = "l2l_ref/data.py"


def setup(app):
    """For Sphinx."""
    begin_anew_where_a_build_broke_off(app)
    app.connect("env-get-outdated", run_chapters)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# A build that ends, and one that does not


def begin_anew_where_a_build_broke_off(app) -> None:
    """Forget the pages of a build that was stopped or that warned; what chapters gave is kept.

    Sphinx would take such pages for finished, and say none of their warnings again. A second build
    at the same time waits for the first.
    """
    doctrees = Path(app.doctreedir)
    doctrees.parent.mkdir(parents=True, exist_ok=True)
    app.one_build = FileLock(doctrees.with_name("one_build"))
    app.one_build.acquire()
    if unfinished(app).exists():
        shutil.rmtree(doctrees)
    doctrees.mkdir(exist_ok=True)
    unfinished(app).touch()


def unfinished(app) -> Path:
    """The file that is there while a build runs, and after one that broke off."""
    return Path(app.doctreedir, "unfinished")


def finish(app, exception: Exception | None) -> None:
    """Remember that all pages are written, and remove those of chapters that are gone."""
    sources = Path(app.outdir, "_sources")
    for source in sources.rglob("*.md*"):
        docname = source.relative_to(sources).as_posix().partition(".md")[0]
        if exception is None and docname not in app.env.found_docs:
            source.unlink()
            Path(app.outdir, f"{docname}.html").unlink(missing_ok=True)
    if exception is None and app._warncount == 0:
        unfinished(app).unlink()
    app.one_build.release()


# The chapters


def run_chapters(app, env, added, changed, removed) -> list[str]:
    """Run the chapters whose outputs are missing; return the pages to be read anew.

    Raises:
        ExtensionError: a chapter failed; says which, and shows the cell and what it raised.
    """
    root = Path(app.srcdir).parent
    if (root / "l2l_ref").exists() and not Path(l2l_ref.__file__).is_relative_to(root):
        raise ExtensionError(
            f"this book is in {root}, and the package that it would show in "
            f"{Path(l2l_ref.__file__).parent}; remove .venv and run 'make install'"
        )
    kept = opened(env.mystnb_config.execution_cache_path)
    chapters = {docname: env.doc2path(docname) for docname in sorted(env.found_docs)}
    readers = {docname: reader_of(path, env) for docname, path in chapters.items()}
    chapters = {docname: path for docname, path in chapters.items() if readers[docname]}
    for docname, path in chapters.items():
        kept.add_nb_to_project(path, read_data=readers[docname])
        record = kept.get_cached_project_nb(path)
        if record is not None and is_stale(kept, record, root):
            kept.remove_cache(record.pk)
    run_side_by_side(kept, list(chapters.values()), root, env.mystnb_config.execution_timeout)
    now = {docname: kept.get_cached_project_nb(path).created for docname, path in chapters.items()}
    now |= dict.fromkeys(env.found_docs - now.keys(), None)  # pages without code
    shown, env.chapters_shown = getattr(env, "chapters_shown", {}), now
    drawn_by, env.pages_drawn_by = getattr(env, "pages_drawn_by", None), drawing(app)
    if drawn_by != env.pages_drawn_by:
        return list(now)
    return [docname for docname in now if shown.get(docname) != now[docname]]


def opened(path: str) -> JupyterCacheAbstract:
    """jupyter-cache's cache.

    Raises:
        ExtensionError: it is broken.
    """
    kept = get_cache(path)
    try:
        kept.list_cache_records()
    except DatabaseError as error:
        raise ExtensionError(f"the cache in {path} is broken; remove it ({error.orig})") from None
    return kept


def drawing(app) -> str:
    """A fingerprint of what draws the pages besides Sphinx: extensions, styles, what they ask."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    files += sorted(path for path in Path(app.srcdir, "_static").rglob("*") if path.is_file())
    return fingerprint([os.environ.get("L2L_REPOSITORY", ""), *map(digest, files)])


def reader_of(path: str, env) -> dict | None:
    """How jupyter-cache reads a page; None if the page runs no code."""
    reader = create_nb_reader(
        path, env.myst_config, env.mystnb_config, Path(path).read_text("utf-8")
    )
    return reader.read_fmt if reader else None


def run_side_by_side(kept: JupyterCacheAbstract, paths: list[str], root: Path, timeout: int):
    """Run those of the chapters that the cache lacks, and keep what they give."""
    waiting = kept.list_unexecuted(filter_uris=paths)
    if not waiting:
        return
    LOGGER.info("running side by side: %s", ", ".join(Path(record.uri).stem for record in waiting))
    jobs = [(kept.get_project_notebook(record.pk), root, timeout) for record in waiting]
    failures = []
    deaf = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for this process, which ends the workers
    with ProcessPoolExecutor(initializer=signal.signal, initargs=deaf) as pool:
        try:
            for done in as_completed([pool.submit(run_chapter, *job) for job in jobs]):
                chapter, seconds, failure = done.result()
                if failure:
                    failures.append(f"{chapter.uri} failed:\n{failure}")
                    continue
                LOGGER.info("%s took %.0f seconds", Path(chapter.uri).stem, seconds)
                bundle = create_cache_bundle(chapter, None, None, seconds, None)
                kept.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        except BaseException:
            for worker in multiprocessing.active_children():
                worker.kill()  # its kernel sees that, and ends too
            raise
    if failures:
        raise ExtensionError("\n\n".join(failures))


def run_chapter(chapter: ProjectNb, root: Path, timeout: int) -> tuple[ProjectNb, float, str]:
    """Run a chapter, with its outputs and what they were made from; seconds; why it failed."""
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(1) as thread:
        log = Path(temporary, "reads")
        os.environ |= ENVIRONMENT | {"CHAPTER_READS": str(log), "CHAPTER_ROOT": str(root)}
        # In a thread, where nbclient cannot catch the signal that ends this process.
        result = thread.submit(
            single_nb_execution,
            chapter.nb,
            cwd=str(Path(chapter.uri).parent),
            timeout=timeout,
            allow_errors=False,
            extra_arguments=ARGUMENTS,
            shutdown_kernel="immediate",  # asked politely, a kernel may take seconds to go
        ).result()
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
    read = dict(map(json.loads, reversed(lines)))  # of a file read twice, the first time counts
    chapter.nb.metadata[MADE_FROM] = ingredients(read)
    return chapter, result.time, "" if result.err is None else str(result.err) or repr(result.err)


# What outputs are made from


def is_stale(kept: JupyterCacheAbstract, record: NbCacheRecord, root: Path) -> bool:
    """Whether the outputs in the cache were made from something else than what is there now."""
    made_from = kept.get_cache_bundle(record.pk).nb.metadata.get(MADE_FROM)
    return not made_from or made_from != ingredients(
        {path: digest(root / path) for path in made_from["files"]}
    )


def ingredients(files: Mapping[str, str]) -> dict:
    """What outputs are made from, if they read files with these fingerprints."""
    data = data_at_hand() if DATA in files else ""
    return {"files": dict(files), "installed": installed(), "data": data}


@cache
def installed() -> str:
    """A fingerprint of Python and all packages: another release may give other numbers."""
    versions = sorted(f"{each.name} {each.version}" for each in distributions())
    return fingerprint([platform.python_version(), *versions])


@cache
def data_at_hand() -> str:
    """A fingerprint of the data sets that are there: a chapter uses what it finds."""
    return fingerprint(
        f"{path.name} {digest(path)}" for path in sorted(data_folder().glob("MNIST/raw/*-ubyte"))
    )


def fingerprint(lines: Iterable[str]) -> str:
    """Of some text."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
