"""Many submissions through few workers, each its own task.

A worker may die of what it grades: of memory, of a hole in the cage. Then the pool is made anew and
what was under way is tried again, one at a time, so that nobody is blamed for another's doing. Only
text crosses: a job as JSON goes out, a record as JSON comes back, and no disk need be shared.
"""

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass

from ...support.errors import InputError
from ...support.interrupts import requests_to_end
from ..cage.sandbox import ONE_THREAD
from ..ending import fault_of_machine

#: Workers that a submission may take down before it is given up.
DEATHS = 2

#: Seconds after which a task is given up. The sandbox's own limits end a notebook long before.
PATIENCE = 2 * 3600.0

#: Seconds to wait for the first worker of a cluster.
WAIT_FOR_CLUSTER = 60

# In a worker


def work(grade: Callable[[dict], dict], job: str) -> str:
    """Grade one submission.

    Args:
        grade: takes a job, returns a record.
        job: as JSON.

    Returns:
        ``{"record": ...}`` as JSON, or ``{"error": a sentence}`` if the grader itself failed, with
        ``"machine": true`` if that is the machine's doing, such as a full disk.
    """
    os.environ.update(ONE_THREAD)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    try:
        return json.dumps({"record": grade(json.loads(job))})
    except BaseException as error:  # even SystemExit: one submission must not stop the others
        machine = bool(fault_of_machine(error))
        said = f"the grader failed: {type(error).__name__}: {error}"
        return json.dumps({"error": said, "machine": machine})


def _begin(parent) -> None:
    """Set a worker up: it ends when its parent does, and leaves Ctrl-C and the like to it.

    All processes of a terminal, or of a job on a cluster, get these signals at once.
    """
    for number in requests_to_end():
        signal.signal(number, lambda *_: None)  # kernels it starts still get the default
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent) -> None:
    with contextlib.suppress(OSError, EOFError):
        parent.recv_bytes()  # nothing is ever sent; it ends when the other end is closed
    os._exit(1)


def _alive() -> bool:
    return True


# The pools


class LocalPool:
    """Worker processes on this machine.

    Args:
        workers: how many.
    """

    #: What a task raises whose worker died, and how many deaths that stands for.
    died, weight = BrokenExecutor, 1

    def __init__(self, workers: int):
        self.slots = workers
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork of a process with torch may hang
        ours, self._line = context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(
            self.slots, mp_context=context, initializer=_begin, initargs=(ours,)
        )
        try:
            self._executor.submit(_alive).result()
        except BrokenExecutor:
            raise InputError("a worker process ends as soon as it is started") from None

    def submit(self, *task) -> Future:
        """Hand a task to a worker."""
        return self._executor.submit(*task)

    def give_up(self, future: Future) -> None:
        """End a task that goes on for too long, and all others."""
        self.renew()

    def renew(self) -> None:
        """End all workers and start new ones."""
        self.close()
        self._start()

    def close(self) -> None:
        """End all workers, whatever they are doing."""
        self._line.close()
        self._executor.shutdown(wait=True, cancel_futures=True)


class Cluster:
    """The workers of a dask.distributed cluster.

    Its scheduler itself sends a task to another worker when one dies, a few times.

    Args:
        address: of the scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises:
        InputError: it cannot be reached, or has no workers.
    """

    weight = DEATHS

    def __init__(self, address: str):
        from distributed import Client, KilledWorker

        self.died = KilledWorker
        try:
            self._client = Client(address, timeout=WAIT_FOR_CLUSTER)
            self._client.wait_for_workers(1, timeout=WAIT_FOR_CLUSTER)
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(f"no cluster with workers at {address}: {error}") from None
        self._executor = self._client.get_executor(pure=False)  # the same again is run again

    @property
    def slots(self) -> int:
        """The tasks that the workers there are can do at a time."""
        return max(1, sum(self._client.nthreads().values()))

    def submit(self, *task) -> Future:
        """Hand a task to the scheduler."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # a notebook with pictures
            return self._executor.submit(*task)

    def give_up(self, future: Future) -> None:
        """Forget a task that goes on for too long."""
        future.cancel()

    def renew(self) -> None:
        """Nothing: the cluster looks after its workers."""

    def close(self) -> None:
        """Leave the cluster; what is under way is cancelled."""
        self._executor.shutdown(wait=False)
        self._client.close()


@contextlib.contextmanager
def pool_for(workers: int, scheduler: str | None) -> Iterator[LocalPool | Cluster]:
    """The workers to use, for as long as they are needed.

    A worker may end at any moment, and leaves what it keeps in the temporary directory. So it has
    one of its own there, which ends with the pool.
    """
    folder = tempfile.mkdtemp(prefix="l2l")
    settings = ONE_THREAD | {"TMPDIR": folder}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)  # for the processes that will be started
    try:
        pool = Cluster(scheduler) if scheduler else LocalPool(workers)
        try:
            yield pool
        finally:
            pool.close()
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        _remove(folder)


def _remove(folder: str) -> None:
    """Remove a folder, in which processes that are about to end may still write for a moment."""
    for pause in (0.0, 0.2, 1.0, 2.0):
        time.sleep(pause)
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return


# The batch


@dataclass(frozen=True)
class Done:
    """A task that has ended.

    Args:
        job: what was to be graded.
        record: what the grader made of it, or None.
        why: there is no record, a sentence.
        machine: is to blame, not the submission.
    """

    job: dict
    record: dict | None
    why: str = ""
    machine: bool = False


class Batch:
    """Jobs on their way through a pool.

    Args:
        pool: the workers.
        grade: takes a job, returns a record; it must be importable in the workers.
        jobs: plain data; ``student`` tells them apart.
        patience: seconds after which a task is given up.
    """

    def __init__(self, pool, grade: Callable, jobs: list[dict], patience: float = PATIENCE):
        self.pool, self.grade, self.patience = pool, grade, patience
        self.waiting, self.suspects = deque(jobs), deque()
        self.deaths: Counter = Counter()
        self.flying: dict[Future, tuple[dict, float]] = {}

    def run(self) -> Iterator[Done]:
        """Every job once, as each ends.

        Raises:
            InputError: the cluster is gone.
        """
        while self.waiting or self.suspects or self.flying:
            self._launch()
            ended, _ = wait(self.flying, timeout=1.0, return_when=FIRST_COMPLETED)
            broken = []
            for future in ended:
                if future.exception() if not future.cancelled() else False:
                    broken.append(future)
                else:
                    yield self._result(future)
            yield from self._after(broken)
            yield from self._overdue()

    def _launch(self) -> None:
        """Keep every worker busy; a suspect is tried when nothing else is under way."""
        while self.waiting and len(self.flying) < self.pool.slots:
            if not self._submit(self.waiting.popleft()):
                return
        if not self.waiting and not self.flying and self.suspects:
            self._submit(self.suspects.popleft())

    def _submit(self, job: dict) -> bool:
        try:
            future = self.pool.submit(work, self.grade, json.dumps(job))
        except BrokenExecutor:  # it broke since; the tasks under way will say so
            self.waiting.appendleft(job)
            if not self.flying:
                self.pool.renew()
            return False
        self.flying[future] = (job, time.monotonic())
        return True

    def _result(self, future: Future) -> Done:
        job, _ = self.flying.pop(future)
        try:
            answer = json.loads(future.result(), parse_constant=lambda name: None)  # NaN
        except (ValueError, RecursionError) as error:
            return Done(job, None, f"what the worker sent cannot be read: {error}")
        except CancelledError:
            raise InputError(
                "the cluster's scheduler has gone; start the same command again to go on"
            ) from None
        why, machine = answer.get("error", ""), answer.get("machine", False)
        return Done(job, answer.get("record"), why, machine)

    def _after(self, broken: list[Future]) -> Iterator[Done]:
        """Go on after tasks whose worker died."""
        if not broken:
            return
        for future in broken:
            if not isinstance(error := future.exception(), self.pool.died):
                job, _ = self.flying.pop(future)
                yield Done(job, None, f"the task could not be carried out: {error}", machine=True)
        lost = [future for future in broken if future in self.flying]
        if not lost:
            return
        if self.pool.weight == 1:  # one dead process takes the whole pool with it
            lost = list(self.flying)
        alone = len(self.flying) == 1
        for future in lost:
            job, _ = self.flying.pop(future)
            self.deaths[job["student"]] += self.pool.weight if alone else 0
            if self.deaths[job["student"]] >= DEATHS:
                yield Done(job, None, f"it took {DEATHS} workers down, most likely by its memory")
            else:
                self.suspects.append(job)
        self.pool.renew()

    def _overdue(self) -> Iterator[Done]:
        """Give up what goes on for too long."""
        now = time.monotonic()
        late = [future for future, (_, start) in self.flying.items() if now - start > self.patience]
        for future in late:
            job, _ = self.flying.pop(future)
            self.pool.give_up(future)
            yield Done(job, None, f"grading it did not end within {self.patience:g} s")
        if late and self.pool.weight == 1:
            self.waiting.extendleft(job for job, _ in self.flying.values())
            self.flying.clear()
