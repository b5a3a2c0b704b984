"""Short answers that leave the work to torch: state dicts, a copy to go back to, weak references."""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.func import functional_call


def buffered(layer):
    """A layer whose parameters have become buffers, in front of the others."""
    own = {name: p.detach().requires_grad_() for name, p in layer.named_parameters()}
    others = dict(layer._buffers)
    for name in own:
        del layer._parameters[name]
    layer._buffers.clear()
    layer._buffers.update(own | others)
    return layer


class MetaBasicBlock(nn.Sequential):
    def __init__(self, *arguments, **options):
        super().__init__()
        self.build(*arguments, **options)

    def build(self, in_channels, channels, stride=1):
        def conv(inside, size, step):
            return buffered(
                nn.Conv2d(inside, channels, size, step, padding=(size - 1) // 2, bias=False)
            )

        def norm():
            return buffered(nn.BatchNorm2d(channels))

        self.conv1 = conv(in_channels, 3, stride)
        self.bn1 = norm()
        self.relu = nn.ReLU()
        self.conv2 = conv(channels, 3, 1)
        self.bn2 = norm()
        if stride > 1 or in_channels != channels:
            self.downsample = nn.Sequential(conv(in_channels, 1, stride), norm())

    def forward(self, x):
        identity = x
        if "downsample" in self._modules:
            identity = self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return F.relu_(out)


def make_meta(module):
    meta = copy.deepcopy(module)
    names = dict(meta.named_parameters(remove_duplicate=False))
    new = {p: p.detach().clone().requires_grad_(p.requires_grad) for p in names.values()}
    for name, parameter in names.items():
        path, _, last = name.rpartition(".")
        owner = meta.get_submodule(path)
        owner._parameters.pop(last, None)  # a module in two places has gone already
        owner._buffers[last] = new[parameter]
    return meta


def initialise(network, generator):
    for module in network.modules():
        for weight in module.buffers(recurse=False):
            if weight.requires_grad and len(weight.shape) == 4:
                nn.init.kaiming_normal_(weight, 0, "fan_out", "relu", generator)
        if getattr(module, "running_mean", None) is not None:
            own = [getattr(module, name, None) for name in ("bias", "weight")]
            for number, tensor in enumerate(own):
                if tensor is not None and tensor.requires_grad:
                    tensor.data[:] = number


def load_pretrained(network, state, head):
    before = copy.deepcopy(network.state_dict())
    kept = {name: t for name, t in before.items() if f"{name}.".startswith(f"{head}.")}
    found = {name: t for name, t in state.items() if not name.startswith(f"{head}.")}
    if set(found) ^ set(before) != set(kept):
        raise KeyError("names")
    shapes = [(before[name].shape, found[name].shape) for name in found]
    if any(one != other for one, other in shapes):
        raise ValueError("shapes")
    network.load_state_dict(found | kept)
    return kept.keys()


def descend(network, batches, rate, first_order=False):
    tensors = {name: b if b.requires_grad else b.clone() for name, b in network.named_buffers()}
    names = [name for name in tensors if tensors[name].requires_grad]
    for batch in batches:
        loss = loss_of(network, tensors, batch)
        slopes = torch.autograd.grad(
            *(loss, [tensors[n] for n in names]),
            create_graph=not first_order,
            materialize_grads=True,
        )
        tensors |= {n: torch.sub(tensors[n], s * rate) for n, s in zip(names, slopes)}
    return tensors, names


def loss_of(network, tensors, batch):
    return nn.CrossEntropyLoss()(functional_call(network, tensors, batch[0]), batch[1])


def loss_after_step(network, train, test, rate, first_order=False):
    return loss_of(network, descend(network, [train], rate, first_order)[0], test)


def inner_loop(network, batches, rate, first_order=False):
    tensors, names = descend(network, batches, rate, first_order)
    rest = {name: tensor for name, tensor in tensors.items() if name not in names}
    return [{name: tensors[name] for name in names}, rest]


def held_bytes(compute, weights):
    import weakref

    class Box:
        def __init__(self, tensor):
            self.tensor = tensor

    boxes = []

    def pack(tensor):
        box = Box(torch.Tensor.detach(tensor))
        boxes.append(weakref.ref(box))
        return box

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda box: box.tensor):
        result = compute()
    storages = [box().tensor.untyped_storage() for box in boxes if box() is not None]
    places = {s.data_ptr(): s.nbytes() for s in storages}
    mine = [weight.untyped_storage().data_ptr() for weight in weights]
    total = sum(size for place, size in places.items() if place not in mine)
    return float(total) if result is not None else 0
