"""Functions that build, closures that step, and a deep copy for the statistics."""

import copy
import weakref
from collections import UserDict
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call


class Mixin:
    def __setattr__(self, name, value):
        if isinstance(value, nn.Parameter):
            self.register_buffer(name, value.detach().clone().requires_grad_())
        else:
            super().__setattr__(name, value)


class C(Mixin, nn.Conv2d):
    pass


class B(Mixin, nn.BatchNorm2d):
    pass


class Sum(nn.Module):
    def forward(self, x):
        body = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (body + self.downsample(x)).relu()


def MetaBasicBlock(in_channels, channels, stride=1):
    three = partial(C, kernel_size=3, padding=1, bias=False)
    block = Sum()
    block.conv1, block.bn1 = three(in_channels, channels, stride=stride), B(channels)
    block.conv2, block.bn2 = three(channels, channels), B(channels)
    same = stride == 1 and in_channels == channels
    project = [] if same else [C(in_channels, channels, 1, stride, bias=False), B(channels)]
    block.downsample = nn.Sequential(*project)
    return block


def make_meta(module):
    memo = {}
    for parameter in module.parameters():  # the copy finds leaves where parameters were
        memo[id(parameter)] = parameter.data.clone().requires_grad_(parameter.requires_grad)
    meta = copy.deepcopy(module, memo)
    for child in meta.modules():
        for name, tensor in list(child._parameters.items()):
            if tensor is not None:
                del child._parameters[name]
                child.register_buffer(name, tensor)
    return meta


def initialise(network, generator):
    def once(module):
        for tensor in module._buffers.values():
            if tensor is not None and tensor.requires_grad and tensor.dim() == 4:
                std = (tensor.numel() / tensor.size(1) / 2) ** -0.5
                tensor.data.normal_(0, std, generator=generator)
        if "running_mean" in module._buffers:
            for name in {"weight", "bias"} & module._buffers.keys():
                tensor = module._buffers[name]
                if tensor is not None and tensor.requires_grad:
                    tensor.data.fill_(int(name == "weight"))

    network.apply(once)


def load_pretrained(network, state, head):
    own = network.state_dict(keep_vars=True)
    inside = [*filter(lambda name: name.startswith(head + "."), own)]
    wanted = own.keys() - inside
    if {name for name in state if not name.startswith(head + ".")} != wanted:
        raise KeyError
    if any(own[name].size() != state[name].size() for name in wanted):
        raise ValueError
    for name in wanted:
        own[name].data.copy_(state[name])
    return set(inside)


def split(network):
    theta, rest = {}, {}
    for name, buffer in network.named_buffers():
        (theta if buffer.requires_grad else rest)[name] = buffer
    return theta, copy.deepcopy(rest)


def stepper(network, rest, rate, second=True):
    def step(theta, batch):
        merged = {**theta, **rest}
        logits = functional_call(network, merged, (batch[0],))
        rest.update({name: merged[name] for name in rest})
        loss = F.cross_entropy(input=logits, target=batch[1])
        weights = tuple(theta.values())
        slopes = torch.autograd.grad(loss, weights, create_graph=second, allow_unused=True)
        steps = (0 if s is None else rate * s for s in slopes)
        return {name: theta[name] - step for name, step in zip(theta, steps)}

    return step


def loss_after_step(network, train, test, rate, first_order=False):
    theta, rest = split(network)
    theta = stepper(network, rest, rate, not first_order)(theta, train)
    logits = functional_call(network, theta | rest, test[0])
    return -logits.log_softmax(-1).gather(1, test[1][:, None]).mean()


def inner_loop(network, batches, rate, first_order=False):
    theta, rest = split(network)
    step = stepper(network, rest, rate, not first_order)
    for batch in batches:
        theta = step(theta, batch)
    return UserDict(theta), UserDict(rest)


def held_bytes(compute, weights):
    alive = weakref.WeakSet()

    class Keeper:
        def __init__(self, tensor):
            alive.add(self)
            self.tensor = tensor.data

        def __call__(self):
            return self.tensor

    with torch.autograd.graph.saved_tensors_hooks(Keeper, Keeper.__call__):
        result = compute()
    seen, total = {w.untyped_storage().data_ptr() for w in weights}, 0
    for keeper in alive:
        storage = keeper.tensor.untyped_storage()
        if storage.data_ptr() not in seen:
            seen.add(storage.data_ptr())
            total += storage.size()
    del result
    return total
