"""What a cage holds, tried from inside; and what the questions are put to in it."""

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytest.importorskip("jupyter_client")
pytest.importorskip("psutil")

from l2l_ref import checks
from l2l_ref.grading.examination import sandbox
from l2l_ref.grading.examination.dialogue import Dialogue
from l2l_ref.grading.examination.kernel import Kernel
from l2l_ref.grading.examination.outputs import Outputs
from l2l_ref.grading.examination.sandbox import BUBBLEWRAP, MIB, NONE, Limits
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
        assert out.splitlines() == ["ConnectionRefusedError", "OSError"]


@caged
def test_only_the_scratch_folder_can_be_written_to_and_it_is_small():
    out = said(
        Limits(scratch=8 * MIB, file=4 * MIB),
        """
        import os, signal, sys, l2l_ref
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        for path in ("/x", "/usr/x", "/proc/x", sys.prefix + "/x", l2l_ref.__path__[0] + "/x"):
            try:
                print(open(path, "w"))
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
