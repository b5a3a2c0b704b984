"""Steps as differences of trees of tensors; conversion through the dicts of each module."""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call


class MetaBasicBlock(nn.ModuleDict):
    """A dict of layers, with the names that the state dict must have."""

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self["conv1"] = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self["bn1"] = nn.BatchNorm2d(channels)
        self["conv2"] = nn.Conv2d(channels, channels, 3, padding="same", bias=False)
        self["bn2"] = nn.BatchNorm2d(channels)
        if stride != 1 or in_channels != channels:
            projection = nn.Conv2d(in_channels, channels, 1, stride, bias=False)
            self["downsample"] = nn.Sequential(projection, nn.BatchNorm2d(channels))
        for layer in self.modules():
            for name, parameter in list(layer._parameters.items()):
                del layer._parameters[name]
                leaf = None if parameter is None else parameter.data.requires_grad_()
                layer.register_buffer(name, leaf)

    def forward(self, x):
        y = F.threshold(self["bn1"](self["conv1"](x)), 0.0, 0.0)
        y = self["bn2"](self["conv2"](y))
        y = y + (self["downsample"](x) if "downsample" in self else x)
        return F.threshold(y, 0.0, 0.0)


def make_meta(module):
    before = {id(t): t for t in module.parameters()}
    memo = {}
    for key, parameter in before.items():
        leaf = torch.empty_like(parameter, requires_grad=False)
        memo[key] = leaf.copy_(parameter.detach()).requires_grad_(parameter.requires_grad)
    copied = copy.deepcopy(module, memo)
    for child in copied.modules():
        for name in list(child._parameters):
            child._buffers[name] = child._parameters.pop(name)
    return copied


def initialise(network, generator):
    for module in network.modules():
        own = {n: t for n, t in module.named_buffers(recurse=False) if t.requires_grad}
        for tensor in own.values():
            if tensor.dim() == 4:
                out = tensor[:, 0].numel()
                drawn = torch.normal(
                    0.0, (2 / out) ** 0.5, tensor.shape, generator=generator, dtype=tensor.dtype
                )
                with torch.no_grad():
                    tensor[...] = drawn
        if getattr(module, "running_mean", None) is not None:
            with torch.no_grad():
                for name in own.keys() & {"weight", "bias"}:
                    own[name].mul_(0).nan_to_num_().add_(name == "weight")


def load_pretrained(network, state, head):
    def inside(name):
        return name.split(".")[: head.count(".") + 1] == head.split(".") and name != head

    own = network.state_dict(keep_vars=True)
    for name in [*own, *state]:
        if not inside(name) and (name in own) != (name in state):
            raise KeyError(name)
    outside = [name for name in own if not inside(name)]
    if [own[n].shape for n in outside] != [state[n].shape for n in outside]:
        raise ValueError("shapes")
    for name in outside:
        own[name].data[...] = state[name].detach()
    return [name for name in own if inside(name)]


def walked(network, batches, rate, first_order):
    """The tensors of a network after a step on each batch."""
    tensors = {n: b if b.requires_grad else b.clone() for n, b in network.named_buffers()}
    names = [n for n in tensors if tensors[n].requires_grad]
    for x, labels in batches:
        loss = -functional_call(network, tensors, x).log_softmax(1)[range(len(labels)), labels]
        weights = [tensors[n] for n in names]
        slopes = torch.autograd.grad(
            loss.mean(), weights, create_graph=not first_order, materialize_grads=True
        )
        moved = (
            torch.addcmul(w, s, -torch.as_tensor(rate, dtype=w.dtype))
            for w, s in zip(weights, slopes)
        )
        tensors = tensors | dict(zip(names, moved))
    return tensors, names


def loss_after_step(network, train, test, rate, first_order=False):
    tensors, _ = walked(network, [train], rate, first_order)
    return F.cross_entropy(functional_call(network, tensors, (test[0],)), test[1])


def inner_loop(network, batches, rate, first_order=False):
    tensors, names = walked(network, batches, rate, first_order)
    theta = {name: tensors.pop(name) for name in names}
    return theta, tensors


def held_bytes(compute, weights):
    saved = {}

    class Handle:
        def __init__(self, tensor):
            self.tensor = tensor.detach()
            saved[id(self)] = self.tensor.untyped_storage()

        def __del__(self):
            saved.pop(id(self), None)

    with torch.autograd.graph.saved_tensors_hooks(Handle, lambda handle: handle.tensor):
        result = compute()
    own = [weight.untyped_storage().data_ptr() for weight in weights]
    found = {s.data_ptr(): s.nbytes() for s in saved.values() if s.data_ptr() not in own}
    del result
    return sum(found.values())
