"""The ten meta ResNets against torchvision's; pretrained weights without a network."""

import copy
import hashlib
import http.client
import inspect
import pickle
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torchvision import models

from l2l_ref import resnet
from l2l_ref.modules import MetaBatchNorm2d, MetaModule
from l2l_ref.support import network
from l2l_ref.support.errors import InputError

NAMES = [
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "wide_resnet50_2",
    "wide_resnet101_2",
]


@pytest.fixture(autouse=True)
def one_thread(same_random_numbers):
    """The images are so small that several threads would mostly wait for each other."""
    torch.set_num_threads(1)


def differing(meta, twin):
    """What two state dicts do not agree on, to the last bit."""
    mine, theirs = meta.state_dict(), twin.state_dict()
    assert list(mine) == list(theirs)
    return [
        name
        for name in mine
        if mine[name].dtype != theirs[name].dtype or not torch.equal(mine[name], theirs[name])
    ]


def training_step(net, x):
    """One step of a fixed length: the gradients of a fresh deep network are huge."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    optimizer.zero_grad()
    net.train()(x).square().mean().backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()


# Each of the ten


def twins(name, **options):
    """Torchvision's network and ours, initialised from the same random numbers."""
    built = []
    for module in (models, resnet):
        torch.manual_seed(1)
        built.append(getattr(module, name)(**options))
    return built


#: Of 60 million weights and more: each takes as long as most others together.
GIANTS = {"resnet152", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet101_2"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in GIANTS)) for name in NAMES]
)
def test_each_of_the_ten(name):
    """One test, because to build one costs more than most of what is asked of it."""
    pair = SimpleNamespace(**dict(zip(("twin", "meta"), twins(name), strict=True)))
    initial_weights(pair)
    every_module_is_meta_and_every_weight_trains(pair)
    state_dicts_load_strictly_both_ways(pair)
    outputs(pair)
    a_training_step_and_the_statistics_it_leaves(pair)


def initial_weights(pair):
    assert differing(pair.meta, pair.twin) == []
    stds = [w.std().item() for n, w in pair.meta.named_parameters() if re.match("layer1.*conv2", n)]
    assert len(stds) >= 2
    if type(pair.twin.layer1[0]).__name__ == "BasicBlock":
        # Kaiming: sqrt(2 / (9 * 64)). The original code missed it: sqrt(1 / 3 / (9 * 64)) = .0240
        assert stds == pytest.approx([0.0589] * len(stds), rel=0.01)


def every_module_is_meta_and_every_weight_trains(pair):
    assert all(isinstance(module, MetaModule) for module in pair.meta.modules())
    mine, theirs = dict(pair.meta.named_parameters()), dict(pair.twin.named_parameters())
    assert list(mine) == list(theirs)
    for weight in mine.values():
        assert weight.is_leaf
        assert weight.requires_grad
    assert pair.meta.training


def state_dicts_load_strictly_both_ways(pair):
    with torch.no_grad():
        for value in pair.twin.state_dict().values():
            value.add_(1)
        assert len(differing(pair.meta, pair.twin)) == len(pair.twin.state_dict())
        pair.meta.load_state_dict(pair.twin.state_dict(), strict=True)
        assert differing(pair.meta, pair.twin) == []
        for value in pair.meta.state_dict().values():
            value.sub_(1)
        pair.twin.load_state_dict(pair.meta.state_dict(), strict=True)
    assert differing(pair.meta, pair.twin) == []
    assert all(weight.is_leaf and weight.requires_grad for weight in pair.meta.parameters())


def outputs(pair):
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        mine, theirs = pair.meta.eval()(x), pair.twin.eval()(x)
    assert mine.isfinite().all()
    assert torch.equal(mine, theirs)


def a_training_step_and_the_statistics_it_leaves(pair):
    x, before = torch.randn(3, 3, 32, 32), copy.deepcopy(pair.meta.state_dict())
    for net in (pair.meta, pair.twin):
        training_step(net, x)
    assert differing(pair.meta, pair.twin) == []
    after = pair.meta.state_dict()
    assert all(value.isfinite().all() for value in after.values())
    for name in after:
        if name.endswith("num_batches_tracked"):
            assert after[name] == before[name] + 1
        elif "running" in name:
            assert not torch.equal(after[name], before[name])
    assert not torch.equal(after["conv1.weight"], before["conv1.weight"])
    with torch.no_grad():
        assert torch.equal(pair.meta.eval()(x), pair.twin.eval()(x))


@pytest.mark.parametrize("name", NAMES)
def test_the_builders_are_what_they_look_like(name):
    builder, theirs = getattr(resnet, name), getattr(models, name)
    assert pickle.loads(pickle.dumps(builder)) is builder
    assert builder.__name__ == builder.__qualname__ == name
    assert builder.__module__ == "l2l_ref.resnet"
    described = inspect.getdoc(builder)
    assert described.startswith(theirs.__doc__[:6])  # ResNet, ResNeX, Wide R
    number = re.search(r"\d+", name)[0]
    assert number in described.splitlines()[0]
    assert re.search(r"arXiv:(\S+)\)", described)[1] in theirs.__doc__
    assert "Args:" in described
    *mine, options = inspect.signature(builder).parameters.values()
    *others, kwargs = inspect.signature(theirs).parameters.values()
    # Torchvision's may also be given by position; its decorator hides that from the signature.
    assert [(p.name, p.default) for p in mine] == [(p.name, p.default) for p in others]
    assert {p.kind for p in mine} == {inspect.Parameter.POSITIONAL_OR_KEYWORD}
    assert options.kind is kwargs.kind is inspect.Parameter.VAR_KEYWORD


# Torchvision's options


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("resnet18", {"num_classes": 3}),
        ("resnet18", {"zero_init_residual": True}),
        ("resnet18", {"norm_layer": partial(nn.GroupNorm, 4)}),
        ("resnet18", {"norm_layer": partial(nn.BatchNorm2d, momentum=None, affine=True)}),
        ("resnet50", {"replace_stride_with_dilation": [False, True, True], "num_classes": 2}),
        ("resnext50_32x4d", {"zero_init_residual": True, "weights": None, "progress": False}),
    ],
)
def test_options(name, options):
    twin, meta = twins(name, **options)
    assert differing(meta, twin) == []
    x = torch.randn(3, 3, 32, 32)
    for net in (twin, meta):
        training_step(net, x)
    assert differing(meta, twin) == []
    with torch.no_grad():
        assert torch.equal(meta(x), twin(x))


def test_meta_layers_as_norm_layer():
    twin, meta = twins("resnet18", norm_layer=MetaBatchNorm2d)
    assert differing(meta, twin) == []
    assert type(meta.bn1) is MetaBatchNorm2d


def test_torchvision_says_what_is_wrong_with_an_option():
    with pytest.raises(ValueError, match="3-element tuple"):
        resnet.resnet50(replace_stride_with_dilation=[True])
    with pytest.raises(TypeError, match="no_such_option"):
        resnet.resnet18(no_such_option=1)


def test_torchvision_is_imported_by_the_first_network():
    code = (
        "import sys, l2l_ref, l2l_ref.resnet as r; before = 'torchvision' in sys.modules; "
        "r.resnet18(num_classes=1); print(before, 'torchvision' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["False", "True"]


# Learning through a network's step

PROBES = ["conv1.weight", "bn1.weight", "layer2.0.downsample.0.weight", "layer4.1.conv2.weight"]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_the_meta_gradient_is_that_of_finite_differences(training, float64):
    """The loss after one inner step, by its first weights and by the rate.

    The differences are taken on torchvision's network and ``torch.optim.SGD``, along random unit
    vectors. The inner gradient jumps where a unit of ReLU changes sides, so the steps are small
    enough to find none on the way; two of them must agree.
    """
    twin = models.resnet18(num_classes=3)
    images, labels, rate = torch.randn(2, 2, 3, 64, 64), torch.tensor([[0, 1], [2, 0]]), 0.01
    twin(torch.randn(4, 3, 64, 64))  # statistics for evaluation
    start = copy.deepcopy(twin.state_dict())
    directions = {name: F.normalize(torch.randn_like(start[name]), dim=None) for name in PROBES}

    meta, lr = resnet.resnet18(num_classes=3), torch.tensor(rate, requires_grad=True)
    meta.load_state_dict(start)
    first = dict(meta.train(training).named_parameters())
    loss = F.cross_entropy(meta(images[0]), labels[0])
    gradients = torch.autograd.grad(loss, list(first.values()), create_graph=True)
    meta.update_params(lr, source_params=gradients)
    loss_after = F.cross_entropy(meta(images[1]), labels[1])
    by_lr, *by_weights = torch.autograd.grad(loss_after, [lr, *(first[name] for name in PROBES)])
    slopes = {
        name: (gradient * directions[name]).sum().item()
        for name, gradient in zip(PROBES, by_weights, strict=True)
    }
    slopes["lr"] = by_lr.item() * rate

    def moved(name, h):
        twin.load_state_dict(start)
        if name != "lr":
            twin.get_parameter(name).data.add_(directions[name], alpha=h)
        optimizer = torch.optim.SGD(twin.parameters(), lr=rate * (1 + h * (name == "lr")))
        optimizer.zero_grad()
        F.cross_entropy(twin.train(training)(images[0]), labels[0]).backward()
        optimizer.step()
        with torch.no_grad():
            return F.cross_entropy(twin(images[1]), labels[1]).item()

    assert loss_after.item() == pytest.approx(moved("lr", 0.0), rel=1e-12)
    for name, slope in slopes.items():
        for h in (1e-7, 1e-8):
            difference = (moved(name, h) - moved(name, -h)) / (2 * h)
            assert slope == pytest.approx(difference, rel=1e-3), (name, h)


def test_on_each_device(device, float64):
    twin, meta = twins("resnet18", num_classes=3)
    x, lr = torch.randn(2, 3, 32, 32, device=device), torch.tensor(0.01, requires_grad=True)
    twin.to(device)
    meta.to(device)
    first = list(meta.parameters())
    assert all(weight.is_leaf and weight.device.type == device.type for weight in first)
    torch.testing.assert_close(meta.eval()(x), twin.eval()(x))
    gradients = torch.autograd.grad(meta(x).square().sum(), first, create_graph=True)
    meta.update_params(lr, source_params=gradients)
    training = torch.optim.SGD(twin.parameters(), lr=0.01)
    twin(x).square().sum().backward()
    training.step()
    torch.testing.assert_close(meta(x), twin(x))
    meta(x).square().sum().backward()
    assert lr.grad.isfinite()
    assert all(weight.grad.isfinite().all() for weight in first)


def test_torch_optim_trains_one():
    twin, meta = twins("resnet18", num_classes=2)
    x, y = torch.randn(4, 3, 32, 32), torch.tensor([0, 1, 0, 1])
    losses = {twin: [], meta: []}
    for net, seen in losses.items():
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for _ in range(5):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            seen.append(loss.item())
    assert losses[meta] == losses[twin]
    assert losses[meta][-1] < 0.5 * losses[meta][0]
    assert differing(meta, twin) == []


@pytest.mark.parametrize("updated", [False, True])
def test_copies(updated):
    meta = resnet.resnet18(num_classes=3)
    if updated:
        lr = torch.tensor(0.01, requires_grad=True)
        meta.update_params(lr, source_params=[torch.ones_like(w) for w in meta.parameters()])
    x = torch.randn(2, 3, 32, 32)
    for other in (copy.deepcopy(meta), pickle.loads(pickle.dumps(meta))):
        assert type(other) is type(meta)
        assert all(weight.is_leaf and weight.requires_grad for weight in other.parameters())
        with torch.no_grad():
            assert torch.equal(other.eval()(x), meta.eval()(x))
            other.conv1.weight.zero_()
        assert meta.conv1.weight.count_nonzero()


# Pretrained weights

ENTRY = models.ResNet18_Weights.IMAGENET1K_V1


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where torch keeps weights: a folder that does not exist yet."""
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "torch" / "hub" / "checkpoints"


@pytest.fixture
def published(folder, tmp_path, monkeypatch):
    """A file of weights, at an address that needs no network, in the place of torchvision's."""
    twin = models.resnet18()
    training_step(twin, torch.randn(2, 3, 32, 32))
    torch.save(twin.state_dict(), tmp_path / "weights")
    digest = hashlib.sha256((tmp_path / "weights").read_bytes()).hexdigest()
    file = (tmp_path / "weights").rename(tmp_path / f"resnet18-{digest[:8]}.pth")
    monkeypatch.setattr(ENTRY.value, "url", file.as_uri())
    return SimpleNamespace(file=file, twin=twin)


@pytest.fixture
def unplugged(monkeypatch):
    """Every download fails."""

    def urlopen(*_, **__):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(torch.hub, "urlopen", urlopen)


@pytest.mark.parametrize(
    "weights", [ENTRY, "DEFAULT", "IMAGENET1K_V1", "ResNet18_Weights.IMAGENET1K_V1"], ids=str
)
def test_weights_are_downloaded_once(published, folder, weights):
    assert differing(resnet.resnet18(weights=weights, progress=False), published.twin) == []
    assert [file.name for file in folder.iterdir()] == [published.file.name]
    published.file.unlink()  # from now on the copy serves
    meta = resnet.resnet18(weights=weights)
    assert differing(meta, published.twin) == []
    assert all(weight.is_leaf and weight.requires_grad for weight in meta.parameters())


@pytest.mark.parametrize("progress", [True, False])
def test_the_bar_is_shown_on_request(published, capsys, progress):
    resnet.resnet18(weights="DEFAULT", progress=progress)
    assert ("100%" in capsys.readouterr().err) == progress


def test_torchvision_does_the_download(folder, monkeypatch):
    twin, asked = models.resnet18(), []

    def get_state_dict(self, **arguments):
        asked.append({"entry": self, **arguments})
        return state

    monkeypatch.setattr(models.ResNet18_Weights, "get_state_dict", get_state_dict)
    state = twin.state_dict()
    assert differing(resnet.resnet18(weights=ENTRY, progress=False), twin) == []
    assert asked
    for arguments in asked:
        assert arguments == {"entry": ENTRY, "progress": False, "check_hash": True}
    del state["layer3.0.bn1.num_batches_tracked"]
    with pytest.raises(RuntimeError, match=r"Missing key.*layer3\.0\.bn1\.num_batches_tracked"):
        resnet.resnet18(weights=ENTRY)


def test_classes_that_the_weights_do_not_have(published):
    with pytest.raises(ValueError, match="num_classes"):
        resnet.resnet18(weights="DEFAULT", num_classes=3)
    resnet.resnet18(weights="DEFAULT", num_classes=1000)


def test_none_needs_no_network(unplugged, folder):
    resnet.resnet18(weights=None)
    assert not folder.exists()


@pytest.mark.parametrize("weights", ["IMAGENET", "default", "ResNet50_Weights.IMAGENET1K_V2", ""])
def test_names_that_do_not_exist(weights):
    with pytest.raises(InputError) as caught:
        resnet.resnet18(weights=weights)
    said = str(caught.value)
    for part in ("ResNet18_Weights", repr(weights), "IMAGENET1K_V1", "DEFAULT", "None"):
        assert part in said


def test_weights_of_another_network():
    with pytest.raises(TypeError, match=r"expected ResNet18_Weights .* received ResNet50_Weights"):
        resnet.resnet18(weights=models.ResNet50_Weights.DEFAULT)


def assert_it_says_what_to_do(said, folder):
    """What was asked for, what happened is left to the test, and both ways out."""
    assert "ResNet18_Weights.IMAGENET1K_V1" in said
    assert ENTRY.url in said
    assert str(folder) in said
    assert "another machine" in said
    assert "weights=None" in said
    assert "load_state_dict" in said


def test_no_network(unplugged, folder):
    with pytest.raises(InputError, match="Name or service not known") as caught:
        resnet.resnet18(weights="DEFAULT")
    assert_it_says_what_to_do(str(caught.value), folder)
    assert list(folder.iterdir()) == []  # so the folder is there to put the file into


@pytest.mark.parametrize(
    "error",
    [
        http.client.IncompleteRead(b"", 5),
        http.client.BadStatusLine("?"),
        ConnectionResetError("reset by peer"),
        urllib.error.HTTPError("http://x", 503, "Service Unavailable", None, None),
        OSError(28, "No space left on device"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_downloads_that_fail(folder, monkeypatch, error):
    def urlopen(*_, **__):
        raise error

    monkeypatch.setattr(torch.hub, "urlopen", urlopen)
    with pytest.raises(InputError, match=re.escape(str(error))) as caught:
        resnet.resnet18(weights="DEFAULT")
    assert_it_says_what_to_do(str(caught.value), folder)
    assert list(folder.iterdir()) == []


def test_a_download_that_ends_early(published, folder):
    content = published.file.read_bytes()
    published.file.write_bytes(content[:-1])
    with pytest.raises(InputError, match="invalid hash value") as caught:
        resnet.resnet18(weights="DEFAULT", progress=False)
    assert_it_says_what_to_do(str(caught.value), folder)
    assert list(folder.iterdir()) == []
    published.file.write_bytes(content)  # and the next attempt finds nothing in its way
    assert differing(resnet.resnet18(weights="DEFAULT", progress=False), published.twin) == []


@pytest.mark.parametrize(("own", "limit"), [(None, 0.2), (0.1, 60.0)])
def test_a_silent_server_is_given_up(folder, monkeypatch, own, limit):
    """It accepts the connection and never answers. A timeout that the user has set comes first."""
    monkeypatch.setattr(network, "PATIENCE", limit)
    before, began = socket.getdefaulttimeout(), time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/resnet18-01234567.pth"
        monkeypatch.setattr(ENTRY.value, "url", address)
        end = threading.Timer(10, server.close)  # or else code without patience waits for ever
        end.start()
        socket.setdefaulttimeout(own)
        try:
            with pytest.raises(InputError, match="timed out") as caught:
                resnet.resnet18(weights="DEFAULT")
            assert socket.getdefaulttimeout() == own
        finally:
            socket.setdefaulttimeout(before)
            end.cancel()
    assert time.monotonic() - began < 5
    assert_it_says_what_to_do(str(caught.value), folder)
    assert list(folder.iterdir()) == []


DAMAGE = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "a login page": lambda content: b"<html>Welcome to the guest network</html>",
    "one bit": lambda content: (
        content[: -(10**6)] + bytes([content[-(10**6)] ^ 1]) + content[1 - 10**6 :]
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file(published, folder, damage):
    folder.mkdir(parents=True)
    file = folder / published.file.name
    content = published.file.read_bytes()
    file.write_bytes(DAMAGE[damage](content))
    with pytest.raises(InputError) as caught:
        resnet.resnet18(weights="DEFAULT")
    for part in (str(file), "damaged", "delete it", ENTRY.url):
        assert part in str(caught.value)
    file.unlink()  # as it says
    assert differing(resnet.resnet18(weights="DEFAULT", progress=False), published.twin) == []


def test_a_file_that_cannot_be_read(folder):
    file = folder / Path(ENTRY.url).name
    file.mkdir(parents=True)
    with pytest.raises(InputError, match=re.escape(f"cannot read {file}: ")):
        resnet.resnet18(weights="DEFAULT")


@pytest.mark.parametrize("name", NAMES)
def test_every_file_has_its_hash_in_its_name(name):
    for entry in models.get_model_weights(name):
        assert re.fullmatch(r"\w+-[0-9a-f]{8,}\.pth", Path(entry.url).name)


@pytest.mark.filterwarnings("ignore")  # torchvision's own: these arguments are old
def test_the_old_argument_for_pretrained_weights(monkeypatch):
    old = ((False,), {}), ((False, False), {}), ((), {"pretrained": False}), ((None,), {})
    for arguments, options in old:
        mine, theirs = (module.resnet18(*arguments, **options) for module in (resnet, models))
        assert list(mine.state_dict()) == list(theirs.state_dict())
    wanted = []
    monkeypatch.setattr(resnet, "_require_file", lambda weights, _: wanted.append(weights))
    build = models.resnet18
    monkeypatch.setattr(models, "resnet18", lambda weights, progress: build())
    resnet.resnet18(True)
    resnet.resnet18(pretrained=True)
    assert wanted == [models.ResNet18_Weights.IMAGENET1K_V1] * 2
    with pytest.raises(TypeError, match="weights and pretrained, which mean the same"):
        resnet.resnet18("DEFAULT", pretrained=True)
