"""A cage for a kernel, made by bubblewrap, and the limits in it.

In the cage there is Python, the package, and nothing else of this machine: no network, no home
folder, no course. One folder is writable, in memory and gone with the kernel. The way in, see
`entrance`, puts a filter around it, and where systemd gives them, a group with limits of its own,
see `group`. What holds the cage is the Linux kernel; a hole in it is a hole in the cage, and so is
what one program can tell of another by its use of the processor.
"""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...support.errors import InputError

BUBBLEWRAP, NONE = "bubblewrap", "none"

HOME = "/scratch"  # in the cage

MIB = 2**20

#: One thread for each kernel and worker. Two that wait for each other on busy cores take many times
#: as long, and the numbers are the same wherever a notebook is checked.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

#: The way in; see there.
ENTRANCE = Path(__file__).with_name("entrance.py")

#: What Linux tells everybody about the whole machine, its keys among it.
OF_THE_MACHINE = (
    *("keys", "key-users", "kcore", "kallsyms", "kpagecount", "latency_stats", "sched_debug"),
    *("slabinfo", "sysrq-trigger", "timer_list", "vmallocinfo"),
)

#: Files that a process may have open; each pipe among them holds memory that is no process's.
FILES = 256

#: What the watch leaves to the group: it should end a cage first, because it says why.
ROOM, HOLDERS = 512 * MIB, 8

#: Prints the limits of the group that it runs in.
HELD = (
    "cd /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup) && cat memory.max pids.max cpu.weight"
)

PATIENCE = 10.0  # seconds until systemd must answer

#: What a program needs to find the user's systemd; nothing of it enters the cage.
TO_FIND_SYSTEMD = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")

#: A notebook may take this many times as long as one of its cells.
CELLS_IN_ALL = 3


@dataclass(frozen=True)
class Limits:
    """What a notebook may use.

    Args:
        cell: seconds for a cell, of the time that it has, see `clock`.
        notebook: seconds for all cells and questions together.
        memory: bytes, of each process, and of all together.
        processes: how many there may be, threads included for each user; a kernel has about 30.
        file: bytes in a file.
        scratch: bytes in the writable folder.
    """

    cell: float = 300.0
    notebook: float = CELLS_IN_ALL * 300.0
    memory: int = 3 * 2**30
    processes: int = 128
    file: int = 64 * MIB
    scratch: int = 256 * MIB


def patience(cell: float) -> dict:
    """The changes to `Limits` that give a cell so many seconds, and the notebook as it follows."""
    return {"cell": cell, "notebook": CELLS_IN_ALL * cell}


def choose(unsafe: bool) -> str:
    """The sandbox that this machine has.

    Args:
        unsafe: whether none will do.

    Returns:
        `BUBBLEWRAP`, or `NONE` when there is none and none will do.

    Raises:
        InputError: there is none, and there must be one.
    """
    why = missing()
    if why is None:
        return BUBBLEWRAP
    if unsafe:
        return NONE
    raise InputError(
        f"no sandbox here: {why}. Students' code would run as you, with your files in reach. "
        "Install bubblewrap on Linux (apt install bubblewrap libseccomp2), or grade inside a "
        "container or a machine that holds nothing of value, and say so with --unsafe"
    )


@functools.cache
def missing() -> str | None:
    """Why bubblewrap cannot be used; None if it can."""
    if not sys.platform.startswith("linux"):
        return "bubblewrap needs Linux"
    for program in ("bwrap", "prlimit"):
        if shutil.which(program) is None:
            return f"there is no program {program}"
    tried = subprocess.run(
        [*cage(Limits()), sys.executable, "-c", "pass"], capture_output=True, text=True
    )
    return (
        tried.stderr.strip()[-300:] or f"exit code {tried.returncode}" if tried.returncode else None
    )


def describe(sandbox: str) -> str:
    """A sandbox with its version, for reports."""
    if sandbox == NONE:
        return NONE
    said = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout
    held = "a control group" if group(Limits()) else "no control group"
    return f"{said.strip() or BUBBLEWRAP}, a filter for system calls, {held}"


@functools.cache
def group(limits: Limits) -> tuple[str, ...]:
    """The command that runs another one, which follows it, in a control group of its own.

    The group has a share of the processors like any other's, however many processes it has, and
    Linux counts for it the memory that no process shows. It is systemd that makes it; whether its
    limits hold is tried, once.

    Returns:
        Nothing where there is no such group: then it is the watch alone that counts.
    """
    if shutil.which("systemd-run") is None:
        return ()
    memory, tasks = limits.memory + ROOM, limits.processes + HOLDERS
    command = (
        *("systemd-run", *(["--user"] if os.getuid() else []), "--scope", "--quiet", "--collect"),
        *(f"--property=MemoryMax={memory}", "--property=MemorySwapMax=0"),
        *(f"--property=TasksMax={tasks}", "--property=CPUWeight=100", "--"),
    )
    try:
        tried = subprocess.run(
            [*command, "sh", "-c", HELD], capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return ()
    return command if tried.stdout.split() == [str(memory), str(tasks), "100"] else ()


def cage(limits: Limits, *binds: str) -> list[str]:
    """The command that runs another one, which follows it, in a cage.

    Args:
        limits: that hold in it.
        binds: more of bubblewrap's arguments, such as ``"--bind", folder, folder``.
    """
    scratch = str(limits.scratch)
    return [
        *group(limits),
        *(sys.executable, "-I", "-S", str(ENTRANCE)),
        *("bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"),
        *("--disable-userns", "--cap-drop", "ALL", "--die-with-parent", "--new-session"),
        *("--hostname", "l2l", "--clearenv", *_environment()),
        *("--proc", "/proc", *_hidden(), "--dev", "/dev"),
        *("--size", str(64 * MIB), "--tmpfs", "/dev/shm"),
        *("--size", scratch, "--tmpfs", "/tmp", "--size", scratch, "--tmpfs", HOME),
        *_readable(),
        *binds,
        # Who grades as the administrator owns the settings of the machine that lie in /proc/sys.
        *("--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME),
        *("prlimit", f"--data={limits.memory}", f"--fsize={limits.file}", "--core=0"),
        *(f"--nproc={limits.processes}", f"--nofile={FILES}"),
        "--",
    ]


def _hidden() -> Iterator[str]:
    """Nothing in the place of `OF_THE_MACHINE`."""
    for name in OF_THE_MACHINE:
        if os.path.exists(f"/proc/{name}"):
            yield from ("--ro-bind", "/dev/null", f"/proc/{name}")


def _environment() -> Iterator[str]:
    """Variables of the cage; none of the grader's own reaches it."""
    values = {
        "HOME": HOME,
        "USER": "student",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_package().parent),
        "IPYTHONDIR": f"{HOME}/.ipython",
        "MPLCONFIGDIR": f"{HOME}/.matplotlib",
        **ONE_THREAD,
    }
    if data := _data():
        values["L2L_DATA"] = str(data)
    for name, value in values.items():
        yield from ("--setenv", name, value)


def _package() -> Path:
    """The folder of this package; its neighbours, the solutions, stay outside."""
    return Path(__file__).resolve().parents[2]


def _data() -> Path | None:
    """The folder of the course's data, where there is one."""
    named = os.environ.get("L2L_DATA")
    return Path(named).resolve() if named and Path(named).is_dir() else None


def _readable() -> Iterator[str]:
    """Python, the libraries it needs, the package and the data, to be read only."""
    for name in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(name):
            yield from ("--symlink", os.readlink(name), name)
        elif os.path.isdir(name):
            yield from ("--ro-bind", name, name)
    yield from ("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    yield from ("--ro-bind-try", "/etc/localtime", "/etc/localtime")
    pythons = {sys.prefix, sys.base_prefix, *map(sysconfig.get_path, ("stdlib", "purelib"))}
    for folder in [*sorted(pythons), str(_package()), *filter(None, [_data()])]:
        yield from ("--ro-bind", str(folder), str(folder))
    if fonts := _list_of_fonts():  # to look for them anew takes seconds in each kernel
        yield from ("--ro-bind", str(fonts), f"{HOME}/.matplotlib/{fonts.name}")


def _list_of_fonts() -> Path | None:
    """What matplotlib remembers of this machine's fonts."""
    import matplotlib

    return next(iter(sorted(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"))), None)
