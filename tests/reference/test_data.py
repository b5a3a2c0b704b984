"""The images: the same as torchvision reads, in parts that share none, never from a bad file."""

import gzip
import hashlib
import http.server
import socket
import threading
import urllib.error

import pytest
import torch
from torchvision import datasets

from l2l_ref import data
from l2l_ref.data import MNIST_FILES, SPLITS, digits, mnist
from l2l_ref.support import network
from l2l_ref.support.errors import InputError
from l2l_ref.support.files import data_folder
from l2l_ref.support.randomness import generator
from l2l_ref.tasks import get_sampler


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty ``L2L_DATA``."""
    monkeypatch.setenv("L2L_DATA", str(tmp_path / "data"))
    mnist.forget()
    yield tmp_path / "data"
    mnist.forget()


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr("urllib.request.urlopen", refuse)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A small MNIST on a server of our own: seven and five images; the files as they should be."""
    files, resources, expected = {}, [], {}
    for name, (_, header, (_, *rest)) in MNIST_FILES.items():
        count = 7 if name.startswith("train") else 5
        body = torch.randint(256 if rest else 10, (count, *rest), dtype=torch.uint8)
        head = bytes.fromhex("00000803" if rest else "00000801") + count.to_bytes(4, "big")
        head += (28).to_bytes(4, "big") * 2 if rest else b""
        content = head + body.numpy().tobytes()
        assert len(head) == header
        files[f"/{name}.gz"] = packed = gzip.compress(content)
        resources.append((f"{name}.gz", hashlib.md5(packed).hexdigest()))
        expected[name] = content
        checksum = hashlib.md5(content).hexdigest()
        monkeypatch.setitem(MNIST_FILES, name, (checksum, header, (count, *rest)))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    monkeypatch.setattr(datasets.MNIST, "mirrors", [address])
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    yield expected
    server.shutdown()
    server.server_close()


def test_mnist_is_what_torchvision_reads(real_mnist):
    training, test = (datasets.MNIST(real_mnist, train=train) for train in (True, False))
    report = mnist("report")
    assert torch.equal((report.pixels * 255).round().byte(), test.data.flatten(1))
    assert torch.equal(report.labels, test.targets)
    assert (report.pixels.min(), report.pixels.max()) == (0, 1)
    parts = mnist("train"), mnist("tune")
    assert [len(part.labels) for part in parts] == [50_000, 10_000]

    def sorted_rows(pixels, labels):
        rows = torch.cat([pixels, labels[:, None].byte()], dim=1)
        return sorted(row.numpy().tobytes() for row in rows)

    pixels = torch.cat([(part.pixels * 255).round().byte() for part in parts])
    mine = sorted_rows(pixels, torch.cat([part.labels for part in parts]))
    assert mine == sorted_rows(training.data.flatten(1), training.targets)


@pytest.mark.usefixtures("real_mnist")
def test_mnist_comes_in_three_parts_that_share_nothing():
    images = [{row.numpy().tobytes() for row in mnist(split).pixels} for split in SPLITS]
    assert [len(part) for part in images] == [50_000, 10_000, 10_000]
    assert len(set.union(*images)) == 70_000
    for split in SPLITS:
        share = mnist(split).labels.bincount() / len(mnist(split).labels)
        torch.testing.assert_close(share, torch.full((10,), 0.1), rtol=0, atol=0.02)


def test_digits_come_in_three_parts_that_share_nothing():
    parts = [digits(split) for split in SPLITS]
    sizes = [len(part.labels) for part in parts]
    assert sum(sizes) == 1797
    assert sizes == [1078, 359, 360]
    rows = torch.cat([part.pixels for part in parts])
    assert len(rows.unique(dim=0)) == 1797  # no image twice, so none in two parts
    assert rows.min() == 0
    assert rows.max() == 1
    for part in parts:
        assert set(part.labels.tolist()) == set(range(10))


@pytest.mark.usefixtures("real_mnist")
def test_finding_17_images_are_decoded_once(monkeypatch):
    first = mnist("tune")
    monkeypatch.setattr(data, "_read", lambda name: pytest.fail("read again"))
    assert mnist("tune") is first
    assert get_sampler("mnist")(1, generator(0), "tune").minibatches.images is first


@pytest.mark.parametrize("images", [digits, mnist])
def test_an_unknown_split(images):
    with pytest.raises((ValueError, TypeError), match=r"train.*tune.*report"):
        images("test")


def test_what_is_missing_is_downloaded(folder, served):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    kept = raw / "t10k-labels-idx1-ubyte"
    kept.write_bytes(served[kept.name])
    written = kept.stat().st_mtime_ns
    report = mnist("report")
    assert torch.equal(report.labels, torch.tensor(list(served[kept.name][8:])))
    image = torch.tensor(list(served["t10k-images-idx3-ubyte"][16:]), dtype=torch.float32)
    torch.testing.assert_close(report.pixels.flatten(), image / 255)
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == served
    assert kept.stat().st_mtime_ns == written


@pytest.mark.usefixtures("no_network")
def test_without_files_and_network_the_error_names_both_ways_out(folder):
    with pytest.raises(InputError) as caught:
        mnist("train")
    message = str(caught.value)
    assert str(folder / "MNIST" / "raw") in message
    for needed in (*MNIST_FILES, "no network", "L2L_DATA", "digits"):
        assert needed in message
    assert not folder.exists()  # nothing is left behind


@pytest.mark.usefixtures("folder")
def test_a_server_that_never_answers(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        monkeypatch.setattr(datasets.MNIST, "mirrors", [address, address])
        monkeypatch.setattr(network, "PATIENCE", 0.2)
        with pytest.raises(InputError, match=r"cannot be downloaded .*timed out"):
            mnist("train")
    assert socket.getdefaulttimeout() is None


@pytest.mark.parametrize("damage", ["half", "empty", "one bit"])
def test_a_damaged_file_is_named(folder, served, damage):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in served.items():
        (raw / name).write_bytes(content)
    path = raw / "train-images-idx3-ubyte"
    content = bytearray(path.read_bytes())
    if damage == "half":
        content = content[: len(content) // 2]
    elif damage == "empty":
        content = b""
    else:
        content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"{path} is damaged.* {len(content):,} bytes.*delete it"):
        mnist("tune")
    assert path.read_bytes() == content  # it is the user's: nothing is done to it
    assert len(mnist("report").labels) == 5  # and only that file is in the way
    path.unlink()
    assert len(mnist("train").labels) == 7


def test_a_file_that_cannot_be_opened(folder):
    (folder / "MNIST" / "raw" / "t10k-images-idx3-ubyte").mkdir(parents=True)
    with pytest.raises(InputError, match=r"cannot read .*t10k-images-idx3-ubyte: Is a directory"):
        mnist("report")


def test_where_data_lies(monkeypatch, tmp_path):
    monkeypatch.setenv("L2L_DATA", "~/somewhere")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder() == tmp_path / "somewhere"
    monkeypatch.setenv("L2L_DATA", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert str(data_folder()) == "/cache/l2l"
    monkeypatch.delenv("L2L_DATA")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert data_folder() == tmp_path / ".cache" / "l2l"
