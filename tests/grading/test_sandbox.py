"""What a cage holds, tried from inside; and what the questions are put to in it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

pytest.importorskip("jupyter_client")
pytest.importorskip("psutil")

from l2l_ref import checks
from l2l_ref.grading.cage import sandbox
from l2l_ref.grading.cage.clock import Clock
from l2l_ref.grading.cage.sandbox import BUBBLEWRAP, MIB, NONE, Limits
from l2l_ref.grading.examination.dialogue import LOAD, Dialogue
from l2l_ref.grading.examination.kernel import Kernel
from l2l_ref.grading.examination.outputs import Outputs
from l2l_ref.grading.examination.running import answering_side
from l2l_ref.support.errors import InputError

caged = pytest.mark.skipif(
    sandbox.missing() is not None, reason=f"no sandbox here: {sandbox.missing()}"
)


def said(limits: Limits, code: str) -> str:
    """What a Python in the cage prints."""
    command = [*sandbox.cage(limits), sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


@caged
def test_a_cage_shows_python_and_nothing_of_its_owner(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "of the grader")
    (tmp_path / "gradebook.db").write_text("secret")
    out = said(
        Limits(),
        f"""
        import os, pathlib, l2l_ref
        package = pathlib.Path(l2l_ref.__file__).parent
        print(sorted(path.name for path in package.parent.iterdir()))
        print(os.path.exists({str(tmp_path)!r}), "SECRET" in os.environ)
        print(os.path.exists("/home"), os.path.exists("/etc/passwd"), os.getcwd(), os.getuid())
        print(len([name for name in os.listdir("/proc") if name.isdigit()]) < 4)
        print(os.listdir("/tmp"))
        """,
    )
    first, *rest, temporary = out.splitlines()
    assert {"solutions", "exercises", "tests", ".nbgrader"}.isdisjoint(eval(first)), out
    # A clone in /tmp shows there as an empty way to its package; see above.
    shown = [sandbox._package(), Path(sys.prefix), Path(sys.base_prefix), sandbox._data()]
    assert {Path("/tmp", name) for name in eval(temporary)} <= {
        each for path in shown if path for each in (path, *path.parents)
    }
    assert rest == ["False False", "False False /scratch 1000", "True"]


@caged
def test_a_cage_has_no_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        out = said(
            Limits(),
            f"""
            import socket
            for host, port in (("127.0.0.1", {port}), ("1.1.1.1", 80)):
                try:
                    print(socket.create_connection((host, port), timeout=2))
                except OSError as error:
                    print(type(error).__name__)
            """,
        )
        assert out.splitlines() == ["OSError", "OSError"]


@caged
def test_only_the_scratch_folder_can_be_written_to_and_it_is_small():
    out = said(
        Limits(scratch=8 * MIB, file=4 * MIB),
        """
        import os, signal, sys, l2l_ref
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        for folder in ("/", "/usr", "/proc", "/dev", sys.prefix, l2l_ref.__path__[0]):
            path = folder + "/x"
            try:
                print(path, open(path, "w"))
            except OSError as error:
                pass
        def fill(name):
            try:
                with open(name, "wb") as file:
                    while True: file.write(b"x" * 2**20)
            except OSError as error:
                return os.path.getsize(name) // 2**20, error.strerror
        print(fill("/scratch/a"), fill("/scratch/b"), fill("/scratch/c"))
        """,
    )
    large, full = "'File too large'", "'No space left on device'"
    assert out == f"(4, {large}) (4, {large}) (0, {full})\n"


@caged
def test_memory_and_processes_are_limited():
    out = said(
        Limits(memory=512 * MIB),
        """
        try:
            bytearray(2**30)
        except MemoryError:
            print("no memory")
        """,
    )
    assert out == "no memory\n"
    for code in ("import os\nwhile True: os.fork()", "a = []\nwhile True: a.append('x' * 10**6)"):
        with Kernel(BUBBLEWRAP, Limits(memory=700 * MIB, processes=40)) as kernel:
            pid = kernel.manager.provisioner.process.pid
            ended = kernel.run(code, 60.0)
        assert ended.how in ("dead", "error"), ended
        assert ended.message.startswith(("more than", "MemoryError")), ended
        assert not os.path.exists(f"/proc/{pid}")


@caged
@pytest.mark.parametrize("kind", [NONE, BUBBLEWRAP])
def test_questions_are_put_to_a_kernel(kind, real):
    """Answers in another process earn what they earn here."""
    solution = real("01_leaf_tensors")[0]
    check = checks.get_check("leaf_tensors")
    with Kernel(kind) as kernel:
        kernel.run(LOAD.format(answering_side(check)), 60.0)
        for cell in solution["cells"]:
            if cell["cell_type"] == "code" and "check" not in cell["id"]:
                kernel.run("".join(cell["source"]), 60.0)
        kernel.run("def put(module, name, tensor): setattr(module, name, tensor * 2)", 60.0)
        found = {}
        for question in check.points:
            report = check.report(question)
            check.judge(report, Dialogue(kernel, lambda: 60.0), "a secret")
            found[question] = report.points
    assert found.pop("put") < check.points["put"]
    assert found == {q: points for q, points in check.points.items() if q != "put"}


@caged
def test_outputs_are_kept_as_text_and_pictures():
    code = """
    import sys
    from IPython.display import HTML, display
    import matplotlib.pyplot as plt
    print("out"); print("err", file=sys.stderr)
    display(HTML("<script>alert(1)</script>"))
    plt.plot([1, 2]); plt.show()
    1 + 1
    """
    with Kernel(BUBBLEWRAP) as kernel:
        outputs = Outputs()
        assert kernel.run(textwrap.dedent(code), 60.0, outputs=outputs).how == "fine"
        found = outputs.as_list()
        assert [p["text"] for p in found if p["output_type"] == "stream"] == ["out\n", "err\n"]
        assert "script" not in str(found)
        assert any("image/png" in p.get("data", {}) for p in found)
        assert found[-1]["data"] == {"text/plain": "2"}
        assert found[-1]["output_type"] == "display_data"  # an execute_result would be points
        flood = Outputs()
        kernel.run("print('x' * 10**7)\nfor _ in range(10**5): print('y')", 60.0, outputs=flood)
        assert len(str(flood.as_list())) < 25_000
        assert "are not shown" in str(flood.as_list())


def test_without_a_sandbox_grading_is_refused_unless_told(monkeypatch):
    monkeypatch.setattr(sandbox, "missing", lambda: "there is no program bwrap")
    with pytest.raises(InputError, match=r"no program bwrap.*--unsafe"):
        sandbox.choose(unsafe=False)
    assert sandbox.choose(unsafe=True) == NONE
    monkeypatch.setattr(sandbox, "missing", lambda: None)
    assert sandbox.choose(unsafe=True) == BUBBLEWRAP  # what is there is used


#: Prints the number of its session keyring, and whether the grader's key is found in it.
KEYS = """#!{python}
import ctypes, platform
call = {{"x86_64": 250, "aarch64": 219}}[platform.machine()]
keyctl = ctypes.CDLL(None).syscall
print(keyctl(call, 0, -3, 1), keyctl(call, 10, -3, b"user", b"l2l-test", 0) > 0)
"""


def test_the_way_into_a_cage_leaves_the_keys_behind(tmp_path):
    add_key = {"x86_64": 248, "aarch64": 217}.get(os.uname().machine)
    libc = ctypes.CDLL(None)
    if not add_key or libc.syscall(add_key, b"user", b"l2l-test", b"secret", 6, -3) < 0:
        pytest.skip("there are no keys here")
    program = tmp_path / "program"
    program.write_text(KEYS.format(python=sys.executable))
    program.chmod(0o700)
    entrance = [sys.executable, "-I", "-S", str(sandbox.ENTRANCE)]
    ours, theirs = (
        subprocess.run([*way, str(program)], capture_output=True, text=True).stdout.split()
        for way in ([], entrance)
    )
    assert ours[1] == "True"
    assert theirs[1] == "False"
    assert theirs[0] not in ("-1", ours[0])


def test_without_the_filter_there_is_no_sandbox(tmp_path, monkeypatch):
    text = sandbox.ENTRANCE.read_text()
    entrance = tmp_path / "entrance.py"
    entrance.write_text(text.replace("libseccomp.so.2", "libnothing.so.2", 1))
    monkeypatch.setattr(sandbox, "ENTRANCE", entrance)
    if not sandbox.shutil.which("bwrap"):
        pytest.skip("no bubblewrap here")
    assert "libseccomp2" in sandbox.missing.__wrapped__()


@caged
def test_every_call_that_is_named_is_refused():
    """The names are read as Linux prints them, not as the filter resolves them."""
    out = said(
        Limits(),
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        for number in range(451, 512):
            libc.syscall(number, -1, -1, -1, -1, -1, -1)
            assert ctypes.get_errno() == 38, number
        for line in open("/proc/self/status"):
            if line.startswith("Seccomp:"):
                print(line.split()[1])
        for call in ("unshare", "setns", "mount", "umount2", "ptrace", "memfd_create", "vmsplice"):
            try:
                function = getattr(libc, call)
            except AttributeError:
                continue
            function.argtypes = [ctypes.c_long] * 5
            print(call, function(0, 0, 0, 0, 0), os.strerror(ctypes.get_errno()))
        """,
    )
    first, *rest = out.splitlines()
    assert first == "2"
    assert len(rest) == 7
    assert all(line.endswith(" -1 Operation not permitted") for line in rest), out


@caged
def test_a_long_name_of_the_folder_for_temporary_files_is_none_for_sockets(tmp_path, monkeypatch):
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with Kernel(BUBBLEWRAP) as kernel:
        assert kernel.run("1 + 1", 60.0).how == "fine"


@caged
def test_what_forked_processes_print_is_shown():
    code = """
    from multiprocessing import Pool
    def tell(x):
        print("in a child", x)
        return x
    with Pool(2) as pool:
        pool.map(tell, [1, 2])
    """
    with Kernel(BUBBLEWRAP) as kernel:
        outputs = Outputs()
        assert kernel.run(textwrap.dedent(code), 60.0, outputs=outputs).how == "fine"
        assert str(outputs.as_list()).count("in a child") == 2


@caged
def test_what_cannot_be_watched_is_ended(monkeypatch):
    with Kernel(BUBBLEWRAP) as kernel:
        pid = kernel.manager.provisioner.process.pid

        def refuse() -> int:
            raise PermissionError("not for you")

        monkeypatch.setattr(kernel.watch.view, "memory", refuse)
        ended = kernel.run("import time; time.sleep(30)", 60.0)
    assert ended.how == "dead"
    assert "could not be watched" in ended.message
    assert "not for you" in ended.message
    assert not os.path.exists(f"/proc/{pid}")


@caged
def test_sixteen_busy_neighbours_cost_nobody_his_time():
    # Each in a session of its own: Linux may give each session an equal share.
    fork = "import os\nfor _ in range({}):\n    if os.fork() == 0: break\nos.setsid()\n"
    loop = fork + "while True: pass"
    loops = 8 * len(os.sched_getaffinity(0)) - 1  # 16 on two processors
    work = "import time\nwhile time.process_time() < {}: pass"
    with Kernel(BUBBLEWRAP) as kernel:
        start = float(kernel.evaluate("str(__import__('time').process_time())", 60.0)[1])
        command = [*sandbox.cage(Limits()), sys.executable, "-c", loop.format(loops)]
        with subprocess.Popen(command, start_new_session=True) as neighbours:
            try:
                time.sleep(1.0)
                begin = time.monotonic()
                ended = kernel.run(work.format(start + 0.7), 2.0)
                took = time.monotonic() - begin
                asleep = kernel.run("time.sleep(60)", 1.0)
                slept = time.monotonic() - begin - took
            finally:
                neighbours.kill()
    assert ended.how == "fine", (ended, took)
    assert asleep.how == "late", slept
    assert slept < 20.0
    assert neighbours.returncode == -signal.SIGKILL


class Pretend:
    """Threads, and a time, that a test sets.

    Each has run and waited for so many seconds.
    """

    def __init__(self, monkeypatch):
        self.now, self.found = 0.0, {"a": (0.0, 0.0)}
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self.clock = Clock(lambda: dict(self.found))

    def had(self, seconds: float, **threads: tuple[float, float]) -> float:
        """What a clock says has been had of some seconds, in which threads came to these."""
        before = self.clock.had()
        self.now += seconds
        self.found = threads
        return round(self.clock.had() - before, 6)


def test_a_clock_counts_what_a_cage_has_had(monkeypatch):
    pretend = Pretend(monkeypatch)
    assert pretend.had(1.0, a=(0.0, 0.0)) == 1.0  # asleep
    assert pretend.had(1.0, a=(1.0, 0.0)) == 1.0  # at work
    assert pretend.had(1.0, a=(1.1, 0.9)) == 0.1  # nine tenths taken by others
    assert pretend.had(1.0, a=(2.1, 0.9), b=(1.0, 0.5)) == 1.0  # two processors: no more than one
    assert pretend.had(1.0, a=(2.1, 0.9), b=(1.0, 0.5)) == 0.5  # that wait, counted when it is over
    assert pretend.had(1.0, **{f"t{i}": (0.1, 0.9) for i in range(10)}) == 1.0  # in its own way
    assert pretend.had(9.0, a=(0.0, 0.0)) == 8.0  # of all those waits one second is kept


#: Stands in for systemd: it makes no group, and runs what it is given, with a mark.
SYSTEMD = """#!{python}
import os, sys
at = sys.argv.index("--")
set_ = dict(each.split("=", 2)[1:] for each in sys.argv[:at] if each.startswith("--property"))
if sys.argv[at + 1] == "sh":
    print(set_["MemoryMax"], set_["TasksMax"], set_["CPUWeight"] if {works} else "")
else:
    open({marks!r}, "a").write("x")
    os.execvp(sys.argv[at + 1], sys.argv[at + 1:])
"""


@caged
@pytest.mark.parametrize("works", [True, False])
def test_a_control_group_is_used_where_its_limits_hold(works, tmp_path, monkeypatch):
    program, marks = tmp_path / "systemd-run", tmp_path / "marks"
    program.write_text(SYSTEMD.format(python=sys.executable, works=works, marks=str(marks)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    sandbox.group.cache_clear()
    try:
        with Kernel(BUBBLEWRAP) as kernel:
            assert kernel.run("1 + 1", 60.0).how == "fine"
        assert marks.exists() == works
        assert ("no control group" in sandbox.describe(BUBBLEWRAP)) != works
    finally:
        sandbox.group.cache_clear()
