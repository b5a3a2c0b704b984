"""What all tests share: shapes checked at run time, devices, a browser, reproducible Hypothesis."""

import contextlib
import os
import shutil
import signal
import sys
import warnings
from pathlib import Path

import pytest

try:  # before anything imports the package
    import beartype  # noqa: F401
    from jaxtyping import install_import_hook
except ImportError:
    SHAPES_CHECKED = False  # a bare checkout without the test extra
else:
    # The reference's shapes. Checks and grading have few, and thousands of calls in these tests.
    IDEAS = [f"l2l_ref.{path.stem}" for path in Path(__file__).parents[1].glob("l2l_ref/*.py")]
    REFERENCE = [*IDEAS, "l2l_ref.support", "l2l_ref.figures", "l2l_ref.bench"]
    SHAPES_CHECKED = install_import_hook(REFERENCE, "beartype.beartype") is not None

import torch
from hypothesis import HealthCheck, register_random, settings

from l2l_ref import cli
from l2l_ref.data import MNIST_FILES
from l2l_ref.support.files import data_folder

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in a background job of a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests send Ctrl-C


class TorchRandom:
    """Torch's global generator as Hypothesis wants it: an example replays with its tensors."""

    seed = staticmethod(torch.manual_seed)
    getstate = staticmethod(torch.get_rng_state)
    setstate = staticmethod(torch.set_rng_state)


TORCH_RANDOM = TorchRandom()  # Hypothesis holds it weakly
register_random(TORCH_RANDOM)

settings.register_profile(
    "l2l",
    deadline=None,  # machines differ
    derandomize=True,  # the same examples everywhere, so that a failure is the code's
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("l2l")


def pytest_report_header():
    """Say what this run covers."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return f"torch {torch.__version__}, GPU: {gpu}, shapes checked: {SHAPES_CHECKED}"


@pytest.fixture(params=["cpu", "cuda"])
def device(request) -> torch.device:
    """Each device there is."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU here")
    return torch.device(request.param)


@pytest.fixture
def no_waiting():
    """A block in which it is an error if the host waits for the GPU."""

    @contextlib.contextmanager
    def block():
        with warnings.catch_warnings():  # that torch does not yet notice every kind of waiting
            warnings.filterwarnings("ignore", "Synchronization debug mode is a prototype")
            torch.cuda.set_sync_debug_mode("error")
            try:
                yield
            finally:
                torch.cuda.set_sync_debug_mode("default")

    return block


@pytest.fixture(autouse=True)
def same_random_numbers():
    """Every test starts from the same global seed and leaves the global settings alone."""
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    torch.manual_seed(0)
    yield
    torch.set_default_dtype(dtype)
    torch.set_num_threads(threads)


@pytest.fixture
def float64():
    """New tensors are double: for finite differences and for agreement to the last digits."""
    torch.set_default_dtype(torch.float64)


@pytest.fixture
def l2l(monkeypatch, tmp_path, capfd):
    """Run the command in an empty folder; return its exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["l2l", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as stopped:
            code = stopped.code or 0
        output = capfd.readouterr()
        return code, output.out, output.err

    return run


@pytest.fixture(scope="module")  # longer-lived, it would be beside tests that count processes
def browser():
    """A browser without a network: every name but this machine's fails to resolve."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium here")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        opened = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def real_mnist():
    """The folder of the real MNIST; a test that needs it skips where it is not."""
    if not all((data_folder() / "MNIST" / "raw" / name).exists() for name in MNIST_FILES):
        pytest.skip(f"MNIST is not in {data_folder()}; set L2L_DATA to a folder that holds it")
    return data_folder()


@pytest.fixture
def tmp_home(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "HOME", str(tmp_path))
    return tmp_path
