# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 2: modules with weights that can be replaced
#
# Chapter 1 ended with a layer that keeps its weight among its buffers. Such a weight can be replaced
# by a tensor with a graph, and the network is still called as `network(x)`. One layer does not make a
# network, though. In this exercise you build a small library of them: four layers that behave like
# those of `torch.nn` in everything else, three functions that work on whole trees of such layers, and
# a container. At the end your modules learn the rate of their own training.
#
# Read chapter 2 of the book first. Plan about 120 minutes; solved, the notebook runs in seconds on
# any laptop. There are 20 points: 17 in questions that are checked automatically, 3 in one
# that a person reads. Each question stands alone: if one does not work out, go on with the next. An answer
# of yours that calls another one inherits its mistakes, and no question needs that. No answer sets a seed,
# or changes any other setting of torch's.
#
# Three times you are asked to *predict* what will come out, before you see it. Write your guess in place of the
# dots. A wrong guess costs nothing.
#
# Write your code where it says `YOUR CODE HERE` and delete the line that raises. The check below
# each answer says what it found and why. Run it as often as you like.

# %%
# In Colab, install the course first: %pip install git+ADDRESS, with this repository's address.
import torch
import torch.nn.functional as F
from torch import nn

from l2l_ref.checks.meta_modules import check, predict

# %% [markdown]
# This is the layer of chapter 1. Question 1 turns it into a full replacement of `nn.Linear`.


# %%
class BufferLinear(nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.register_buffer("weight", weight.clone().requires_grad_())

    def forward(self, x):
        return F.linear(x, self.weight)


layer = BufferLinear(torch.zeros(1, 2))
print("trainable leaf:", layer.weight.is_leaf and layer.weight.requires_grad)
layer.weight = 3 * layer.weight + 1
print("with a graph:  ", layer.weight.grad_fn is not None)
print("in state_dict: ", list(layer.state_dict()))

# %% [markdown]
# **Predict.** A module makes four tensors its own:
#
# ```python
# self.plain = torch.ones(1)
# self.parameter = nn.Parameter(torch.ones(1))
# self.register_buffer("buffer", torch.ones(1))
# self.register_buffer("passing", torch.ones(1), persistent=False)
# ```
#
# Which of `"plain"`, `"parameter"`, `"buffer"` and `"passing"` does its state dict hold? Give a list.

# %%
predict("kept", ...)

# %% [markdown]
# ## 1. A linear layer (2 points)
#
# Its twin is `nn.Linear(in_features, out_features, bias=True)`. What holds for `MetaLinear` is asked
# of all layers in questions 1 to 4:
#
# - It takes the arguments of its twin, by place or by name, and computes the same: in both modes, from
#   whatever input the twin takes, of any shape or strides; a batch may be empty, and the next one of
#   another size. Numbers of features and channels are 1 at least. Input and weights are in one
#   precision, single or double. What the twin refuses is not asked for.
# - Its weights are buffers, and plain tensors. (An `nn.Parameter` would not do: wherever you assign
#   one, the module registers it as a parameter.) A tensor assigned to a weight's name, as in
#   `layer.weight = tensor`, is used by `forward` from then on, as it is and with its graph. The graph
#   of the outputs is whole, for second derivatives, too.
# - When the layer is new, every weight is a trainable leaf of the default dtype. Its numbers come from
#   the distribution that the twin draws them from. Make a twin and take over its numbers. (They need
#   not be the numbers that the twin draws from the same seed.)
# - State dicts go both ways, strictly: the layer loads its twin's and the twin loads the layer's.
#   They have the same keys in the same order, with tensors of the same dtypes, and `bias=False` means
#   no key `bias`. (What `layer.bias` is then is up to you.) A `copy.deepcopy` of a layer is a layer of
#   its own.
# - `forward` leaves its input, the weights and their `.grad` as they are. Once its outputs are gone, the
#   layer holds no batch and no graph that `forward` made, and can be copied as before.
#
# The chapter's mixin would do all four layers in a few lines. Here each is derived from `nn.Module` as the
# class above is, because the question is what such a layer computes. You may of course *make* a twin, to
# take over its numbers. Do not let it compute for you: the check cannot see that, and you would learn
# nothing.
#
# <details><summary>Hint 1</summary>
#
# `nn.Linear(...).weight` is a parameter, an `nn.Parameter`. Its `detach()` is a plain tensor with the
# same numbers. Is that one trainable?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `register_buffer(name, None)` sets the attribute to `None` without a key in the state dict, and
# `F.linear` takes `None` for a bias.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "MetaLinear", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MetaLinear(nn.Module):
    """nn.Linear with weights that can carry a graph."""

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        ### BEGIN SOLUTION
        twin = nn.Linear(in_features, out_features)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        self.register_buffer("bias", twin.bias.detach().requires_grad_() if bias else None)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return F.linear(x, self.weight, self.bias)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_MetaLinear", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("MetaLinear")

# %% [markdown]
# ## 2. A convolution (1.5 points)
#
# The twin is `nn.Conv2d`. Kernel size, stride, padding and dilation are numbers or tuples
# (height, width), and images may come without a batch dimension. With $g$ groups, each output channel sees one $g$-th of the input channels, and the
# weight has the shape $(\text{out}, \text{in}/g, k_h, k_w)$.
#
# The option that gets forgotten is `padding_mode`. With `"zeros"` the image is continued by zeros; with
# `"reflect"`, `"replicate"` and `"circular"` it is continued by itself, and then the convolution must
# not pad once more.
#
# <details><summary>Hint 1</summary>
#
# Look at what `F.conv2d` can do. Which of the options does it not know?
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# It pads with zeros only. For the other modes, continue the image first, and let the convolution pad by
# nothing.
#
# </details>
#
# <details><summary>Hint 3</summary>
#
# `F.pad(x, (left, right, top, bottom), mode=...)` knows the modes under the same names. Note its order:
# width first. A twin's `padding` attribute is always a pair.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "MetaConv2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MetaConv2d(nn.Module):
    """nn.Conv2d with weights that can carry a graph."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
    ):
        super().__init__()
        ### BEGIN SOLUTION
        sizes = in_channels, out_channels, kernel_size
        twin = nn.Conv2d(*sizes, padding=padding, groups=groups)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        self.register_buffer("bias", twin.bias.detach().requires_grad_() if bias else None)
        self.padding, self.padding_mode = twin.padding, padding_mode
        self.options = {"stride": stride, "dilation": dilation, "groups": groups}
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        if self.padding_mode == "zeros":
            return F.conv2d(x, self.weight, self.bias, padding=self.padding, **self.options)
        high, wide = self.padding
        x = F.pad(x, (wide, wide, high, high), mode=self.padding_mode)
        return F.conv2d(x, self.weight, self.bias, **self.options)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_MetaConv2d", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("MetaConv2d")

# %% [markdown]
# ## 3. A transposed convolution (1 point)
#
# A convolution with stride makes images smaller; its transpose makes them larger. The twin is
# `nn.ConvTranspose2d`. Its weight has the channels the other way round,
# $(\text{in}, \text{out}/g, k_h, k_w)$, and its outputs have the height
#
# $$ (h - 1)\,\text{stride} - 2\,\text{padding} + \text{dilation}\,(k_h - 1) + \text{output\_padding} + 1 . $$
#
# With a stride of 2, images of height 5 and 6 both shrink to the same height. `output_padding` says
# which of the two heights to go back to. The order of the arguments differs from `nn.Conv2d`. The
# argument `output_size` of the twin's `forward` is not asked for, and neither is `padding_mode`.
#
# <details><summary>Hint 1</summary>
#
# Begin with your `MetaConv2d`. What has changed its place: in the arguments, in the weight, in the
# function?
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# `F.conv_transpose2d` takes stride, padding, output padding, groups and dilation in an order of its own.
# Give them by name.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "MetaConvTranspose2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MetaConvTranspose2d(nn.Module):
    """nn.ConvTranspose2d with weights that can carry a graph."""

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        bias=True,
        dilation=1,
    ):
        super().__init__()
        ### BEGIN SOLUTION
        sizes = in_channels, out_channels, kernel_size
        twin = nn.ConvTranspose2d(*sizes, groups=groups)
        self.register_buffer("weight", twin.weight.detach().requires_grad_())
        self.register_buffer("bias", twin.bias.detach().requires_grad_() if bias else None)
        self.options = stride, padding, output_padding, groups, dilation
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        return F.conv_transpose2d(x, self.weight, self.bias, *self.options)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_MetaConvTranspose2d", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("MetaConvTranspose2d")

# %% [markdown]
# **Predict.** A new `nn.BatchNorm2d(1, momentum=None)` sees two batches in training mode. The mean of the first is
# 1, that of the second 4. What is its `running_mean` then?

# %%
predict("averaged", ...)

# %% [markdown]
# ## 4. Batch norm (3 points, and 2 for a test)
#
# Batch norm has two kinds of buffers. `weight` and `bias` are weights, as in the other layers. The
# running statistics are no weights: they are constants at all times, and no graph may hang on them.
#
# For each channel, let $\mu$ and $\sigma^2$ be mean and variance over batch, height and width; the
# variance is divided by their number $n$. In training mode $n$ is at least 2, and the layer computes
#
# $$ y = w\,\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + b $$
#
# and moves its running statistics by the factor `momentum`, $m$:
#
# $$ \begin{aligned}
# \text{running\_mean} &\leftarrow (1 - m)\,\text{running\_mean} + m\,\mu , \\
# \text{running\_var} &\leftarrow (1 - m)\,\text{running\_var} + m\,\tfrac{n}{n - 1}\,\sigma^2 .
# \end{aligned} $$
#
# It also adds one to `num_batches_tracked`, under `no_grad()` as well; whether the three are replaced or
# moved in place is up to you. With `momentum=None`, $m$ is one over that count, this batch included (to
# the digits of single precision at least), and the statistics become plain averages over all batches. In
# eval mode nothing moves and the running statistics stand in for $\mu$ and $\sigma^2$.
#
# With `affine=False` there are no weights. With `track_running_stats=False` there are no statistics,
# and both modes use those of the batch. The keys of the state dict are, in this order, `weight`,
# `bias`, `running_mean`, `running_var`, `num_batches_tracked`, as far as they exist.
#
# <details><summary>Hint 1</summary>
#
# `F.batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps)` does nearly
# everything, and moves the two statistics in place. What is left is the count, and the factor, which
# must be a number in both modes.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A twin has all five as attributes. Those that it was not asked for are `None`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "MetaBatchNorm2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MetaBatchNorm2d(nn.Module):
    """nn.BatchNorm2d with weights that can carry a graph."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        ### BEGIN SOLUTION
        self.eps, self.momentum, self.tracks = eps, momentum, track_running_stats
        twin = nn.BatchNorm2d(num_features, affine=affine, track_running_stats=track_running_stats)
        for name in ("weight", "bias"):
            tensor = getattr(twin, name)
            self.register_buffer(name, tensor.detach().requires_grad_() if affine else None)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(twin, name))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        factor = self.momentum
        if self.training and self.tracks:
            self.num_batches_tracked += 1
            if factor is None:
                factor = 1 / self.num_batches_tracked.item()
        return F.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=self.training or not self.tracks,
            momentum=factor or 0.0,
            eps=self.eps,
        )
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_MetaBatchNorm2d", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("MetaBatchNorm2d")

# %% [markdown]
# **Test it yourself (2 points).** Does a layer really compute with the tensors that stand at its weights' names, and
# does their graph come through whole? Write a function that finds out, for layers whose formula you do not know.
# Each has the buffers `weight` and `bias`, both `(n,)` in float64, which need not require a gradient at first. It
# takes `x`, `(batch, n)`, and its outputs have that shape. They depend on both weights, though not always on every
# entry, and smoothly: you may assign any numbers from -3 to 3, and where one entry moves by 0.001, each output moves
# nearly along a straight line.
# The formula may be another one in eval mode. Outputs may be as small as 1e-15 or as large as 1e15, and one column of
# them ten thousand times as large as the others.
#
# A right layer computes with what stands there at that moment, in both modes, and the derivative of each output in
# each entry of `weight` and `bias` is right to nine digits. A wrong one computes with other tensors, gives outputs
# of an earlier call although another tensor was assigned to `weight`, to `bias` or to both since, or has an entry in
# which the derivative of every output is NaN, or differs from the true one by more than 5 % of the true one; perhaps
# in one mode only. Every wrong layer shows it with this `x`, when tensors are assigned. The layer is yours to change;
# `x` stays as it is, with its `.grad`.
#
# <details><summary>Hint 1</summary>
#
# Differences of outputs tell how they really depend on a tensor. What do they show if the layer never looks at
# the tensor?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.autograd.grad(output, leaf, materialize_grads=True)` gives zeros where no graph leads to the leaf, but
# raises an error if the output has no graph at all.
#
# </details>
# <details><summary>Hint 3</summary>
#
# For each mode and each name: assign a leaf with other numbers than before, and leave the tensor at the other name
# where it is. Take the slope of a sum of the outputs in the leaf, and compare it with the differences, entry by entry.
# In the sum, give each output a factor of your own: a
# plain sum stands still where the mean of the outputs does. One entry may move nothing; if no entry of a weight does,
# the layer is wrong.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "carries_graph", "locked": false, "schema_version": 3, "solution": true, "task": false}
def carries_graph(layer, x):
    """Whether a layer computes with its weight and bias, graph and all: True or False.

    layer: a module with the buffers weight and bias, (n,). x: (batch, n), float64.
    """

    ### BEGIN SOLUTION
    factors = torch.rand_like(x)

    def agrees(name, h=1e-5):
        def total(tensor):
            setattr(layer, name, tensor)
            return (factors * layer(x)).sum()

        leaf = (getattr(layer, name).detach() + 0.3).requires_grad_()
        steps = h * torch.eye(len(leaf)).double()
        slopes = torch.stack([total(leaf + step) - total(leaf - step) for step in steps]) / (2 * h)
        output = total(leaf)
        if not output.requires_grad:
            return False
        (found,) = torch.autograd.grad(output, leaf, materialize_grads=True)
        rounding = 1e-9 * layer(x).abs().sum()
        close = (found - slopes).abs() <= 0.01 * slopes.abs() + rounding
        return bool(slopes.any() and close.all())

    for mode in (True, False):
        layer.train(mode)
        if not (agrees("weight") and agrees("bias")):
            return False
    return True
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_carries_graph", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("carries_graph")

# %% [markdown]
# **Predict.** `nn.Sequential(A, nn.Linear(2, 2), B)`, where `A` and `B` are layers like the one at the top of this
# notebook, with one weight each. How many tensors does `list(network.parameters())` hold?

# %%
predict("found", ...)

# %% [markdown]
# ## 5. All weights of a tree (1.5 points)
#
# A network is a tree: modules with children, which have children. Its weights have dotted names, such
# as `"encoder.0.weight"`. `named_parameters()` no longer finds them. From here on the rule is:
#
# > A *weight* is a buffer that requires a gradient.
#
# So running statistics are no weights, and a weight that is now the result of a computation still is
# one. Its name, its numbers, its size and precision do not matter, and neither does whether it is saved
# in state dicts. A *tied* weight is one tensor that stands in several places; it comes once, under
# the first of its names, in the order of `named_buffers()`. (Two tensors that share their memory are
# two.) The order of your dict is up to you, the module stays as it is, and a later call finds the weights
# of then.
#
# The networks that questions 5 to 7 are asked about are made of layers like the one at the top of this
# notebook, with other buffers between them. All their weights are buffers, and no child is `None`. One
# layer may stand in several places of the tree, and then its weights have several names, too.
#
# <details><summary>Hint 1</summary>
#
# Which list does `nn.Module` keep that holds running statistics and your weights alike?
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# `named_buffers()` walks through the tree, children after their parents, in order, and gives names with
# dots. What tells weights from the rest is the rule above.
#
# </details>
#
# <details><summary>Hint 3</summary>
#
# A weight that stands in two places must come once. See what `remove_duplicate` does, and what its default
# is.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "named_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def named_weights(module):
    """All weights of a module and of the modules in it.

    Returns a dict from dotted names to the very tensors that the module computes with.
    """
    ### BEGIN SOLUTION
    return {name: buffer for name, buffer in module.named_buffers() if buffer.requires_grad}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_named_weights", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("named_weights")

# %% [markdown]
# ## 6. In a weight's place (2.5 points)
#
# `put_weight(module, name, tensor)` puts a tensor, with its graph, in the place of a weight. In a
# single layer that is an assignment. In a tree there are three things to think of.
#
# The name has dots, and `setattr(module, "encoder.0.weight", tensor)` does not follow them. A tied
# weight must stay tied: the tensor goes into all places where the old one stood, whichever of the names
# was given. And some calls must be refused *before* anything has changed: a name that is no weight's
# raises `KeyError`, be it unknown, a layer, a bias that is off or a running statistic; a tensor of
# another shape raises `ValueError`.
#
# What is put is a plain tensor that requires a gradient, in whatever precision, and this very tensor
# stands there afterwards. The old tensor stays as it was, with its `.grad`: the graph of an earlier step
# may need it. Nothing else changes; a buffer with `persistent=False` remains one. No call has both
# mistakes.
#
# <details><summary>Hint 1</summary>
#
# `"encoder.0.weight".rpartition(".")` cuts at the last dot, and `module.get_submodule` takes a dotted
# name; the empty one gives the module itself.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `named_buffers(remove_duplicate=False)` gives a tied tensor under each of its names. Two tensors are
# tied if one `is` the other. With `==` you would compare their numbers.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "put_weight", "locked": false, "schema_version": 3, "solution": true, "task": false}
def put_weight(module, name, tensor):
    """Put a tensor, with its graph, in the place of a weight, wherever that one stands.

    Raises KeyError if there is no weight of that name, ValueError if the shapes differ.
    """
    ### BEGIN SOLUTION
    buffers = dict(module.named_buffers(remove_duplicate=False))
    old = buffers[name]
    if not old.requires_grad:
        raise KeyError(name)
    if tensor.shape != old.shape:
        raise ValueError(f"{name} has the shape {tuple(old.shape)}")
    for place in [other for other, buffer in buffers.items() if buffer is old]:
        path, _, last = place.rpartition(".")
        setattr(module.get_submodule(path), last, tensor)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_put_weight", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("put_weight")

# %% [markdown]
# ## 7. An update (2 points)
#
# One step of gradient descent for all weights $w$ of a module at once, with its graph:
#
# $$ w' = w - \text{rate} \cdot \frac{\partial L}{\partial w} . $$
#
# The new tensors take the places of the old ones, so that the next `module(x)` computes with them. Weights,
# new weights, and a rate that is a tensor are in one precision. What was there before, old weights and
# running statistics, keeps its numbers and its `.grad`, and new weights have no `.grad`. Nothing else in
# the module changes. Tied weights stay tied. A weight that the loss does not depend on keeps its value and
# its graph, as the same tensor or as a new one. (There is always one that the loss depends on.)
#
# The gradient depends on the weights, too, and by default the graph says so. This is called *second
# order*, since to differentiate once more is to take second derivatives. With `first_order=True` the
# gradient counts as a constant; the rest of the graph, from $w'$ to $w$ and to the rate, stays. In both
# orders the loss can still be differentiated afterwards: a rate is often learned from the sum of all
# losses on the way.
#
# <details><summary>Hint 1</summary>
#
# `torch.autograd.grad(loss, weights, ...)` takes a list of distinct tensors and gives one gradient for
# each, or `None` with `allow_unused=True` where the loss does not depend on it.
#
# </details>
# <details><summary>Hint 2</summary>
#
# For the places of a tensor: go through `module.modules()`, and for each of them through
# `named_buffers(recurse=False, remove_duplicate=False)`. Make a list of it before you change something.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def update(module, loss, rate, first_order=False):
    """One step of gradient descent on a module's weights; the new ones replace the old.

    loss: computed from the weights, a tensor without dimensions. rate: a number, or a tensor
    without dimensions.
    """
    ### BEGIN SOLUTION
    weights = [buffer for buffer in module.buffers() if buffer.requires_grad]
    options = {"create_graph": not first_order, "retain_graph": True, "materialize_grads": True}
    gradients = torch.autograd.grad(loss, weights, **options)
    new = {w: w - rate * gradient for w, gradient in zip(weights, gradients)}
    for owner in module.modules():
        for name, buffer in list(owner._buffers.items()):
            if buffer in new:
                setattr(owner, name, new[buffer])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_update", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("update")

# %% [markdown]
# ## 8. A container (1.5 points)
#
# The last piece is `MetaSequential`, which is used like `nn.Sequential`: it is made of modules, or of
# none, and calls one after the other, as `module(x)`, whatever shape `x` has, changing none of them;
# `len(net)`, `net[0]`, `net[-1]` and iteration give its children, a number out of range raises
# `IndexError`, and any slice, such as `net[1:]` or `net[::-1]`, is a `MetaSequential` of the same
# layers. Its children stay the same once it is made. (Python iterates with `__getitem__` where there is no
# `__iter__`: it asks for 0, 1 and so on until an `IndexError` comes.) The same module may come more than
# once. The container's state dict has the keys of the twin, such as `"0.weight"`, or `"2.1.weight"` for a
# container in a container; how a slice numbers its children is up to you. An `OrderedDict` of modules
# is not asked for.
#
# One thing it can do that `nn.Sequential` cannot: `named_parameters()` and `parameters()` return all
# weights that there are now, in any order, so that an optimizer of `torch.optim` trains them. Children
# may be ordinary modules, such as `nn.PReLU`. Their parameters come as before, frozen ones included, and
# the buffers that require a gradient come in addition.
# The arguments mean what they mean in `nn.Module`: with `recurse=False` only what the container itself
# holds is returned, which is nothing, and with `remove_duplicate=False` a tied weight comes under each of
# its names.
#
# You may derive from `nn.Sequential`.
#
# <details><summary>Hint 1</summary>
#
# Read how `nn.Module` finds what `parameters()` returns. How many methods do you have to change?
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# `parameters()` calls `named_parameters()`, so there is one method to override.
#
# </details>
#
# <details><summary>Hint 3</summary>
#
# `super()` has it, with the same arguments as `named_buffers`. Both give pairs of a name and a tensor;
# which of the buffers belong to the list you know from question 5.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "MetaSequential", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MetaSequential(nn.Module):
    """nn.Sequential whose parameters() returns weights that are buffers, too."""

    def __init__(self, *modules):
        super().__init__()
        ### BEGIN SOLUTION
        for number, module in enumerate(modules):
            self.add_module(str(number), module)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        for module in self:
            x = module(x)
        return x
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self._modules)
        ### END SOLUTION

    def __getitem__(self, index):
        """A child, or for a slice a MetaSequential of some of them."""
        ### BEGIN SOLUTION
        children = list(self._modules.values())
        if isinstance(index, slice):
            return MetaSequential(*children[index])
        return children[index]
        ### END SOLUTION

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        """Pairs of name and weight; also used by parameters()."""
        ### BEGIN SOLUTION
        arguments = prefix, recurse, remove_duplicate
        yield from super().named_parameters(*arguments)
        for name, buffer in self.named_buffers(*arguments):
            if buffer.requires_grad:
                yield name, buffer
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_MetaSequential", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("MetaSequential")

# %% [markdown]
# Together the parts do what no module of `torch.nn` can. Once all are solved, this cell builds a small
# convolutional network for pictures of digits, trains it for five updates, and learns their rate. It
# then hands the trained weights over to an ordinary network of `torch.nn`.


# %%
def demo():
    from l2l_ref.data import digits

    images = digits("train")
    x, y = images.pixels[:200].float().view(-1, 1, 8, 8), images.labels[:200]

    def network(Linear, Conv2d, BatchNorm2d, Sequential):
        torch.manual_seed(1)
        features = Conv2d(1, 6, 3, stride=2, padding=1), BatchNorm2d(6), nn.Tanh(), nn.Flatten()
        return Sequential(*features, Linear(96, 10))

    def trained(rate, first_order=False):
        meta = network(MetaLinear, MetaConv2d, MetaBatchNorm2d, MetaSequential)
        for _ in range(5):
            update(meta, F.cross_entropy(meta(x), y), rate, first_order)
        return meta

    def slope(rate, first_order):
        rate = torch.tensor(rate, requires_grad=True)
        loss = F.cross_entropy(trained(rate, first_order)(x), y)
        return torch.autograd.grad(loss, rate)[0].item()

    print("rate   loss after 5 updates   slope, second order   first order")
    rate = 0.05
    for step in range(25):
        if step % 6 == 0:
            loss = F.cross_entropy(trained(rate)(x), y).item()
            print(f"{rate:.3f} {loss:15.3f} {slope(rate, False):22.3f} {slope(rate, True):19.3f}")
        rate = rate - 0.04 * slope(rate, first_order=False)

    meta, plain = trained(rate), network(nn.Linear, nn.Conv2d, nn.BatchNorm2d, nn.Sequential)
    plain.load_state_dict(meta.state_dict())
    difference = (plain(x) - meta(x)).abs().max().item()
    print(f"torch.nn computes the same, to rounding: {difference:.0e} apart at most")


try:
    demo()
except NotImplementedError:
    print("questions 1, 2, 4, 7 and 8 come first")

# %% [markdown]
# ## 9. In your own words (3 points)
#
# A friend ties two of the layers from question 1 and wants to train them in double precision:
#
# ```python
# net = nn.Sequential(MetaLinear(8, 8), nn.Tanh(), MetaLinear(8, 8))
# net[2].weight = net[0].weight
# net = net.double()
# print(net[2].weight is net[0].weight)        # False
# net(x).square().mean().backward()            # x is in double precision, too
# print(net[0].weight.grad)                    # None, and a warning
# ```
#
# With `nn.Linear` in place of `MetaLinear` it prints `True` and a gradient. Explain in five to ten
# sentences what `.double()` did to the two buffers, where the gradient went, why parameters fare better,
# and what the friend can do to train a tied network in double precision.

# %% [markdown] nbgrader={"grade": true, "grade_id": "in_words", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **Model answer.** `.double()` goes through all modules and replaces each buffer by its cast. A cast is
# an operation like any other, and it is recorded, because the buffer requires a gradient. So the new
# weight is no leaf; it is the result of casting the old one. This happens once for each place, and the
# two casts of the one tied tensor are two tensors with equal numbers: the tie is gone, and the first
# update will drive them apart. Backward passes through both casts and arrives at the old leaf in single
# precision. There the gradients are added up, but the network does not hold that tensor any more, and
# an optimizer would refuse the weights that it does hold, since they are no leaves. A parameter stays the
# same object: `.double()` exchanges the numbers inside of it without recording anything, so it remains a
# leaf, and whoever shares it still does. The friend can convert first and tie afterwards, and make
# leaves again: put `weight.detach().requires_grad_()` in the place of each weight, one new tensor for
# all places of a tied one. Making the layers in double precision to begin with works as well, for
# example under `torch.set_default_dtype(torch.float64)`.
#
# **Rubric.** One point: the cast is recorded, the weights are results and not leaves, and the gradient is
# in the old leaf, which the network no longer holds. One point: each place is cast by itself, which
# unties the weights, while a parameter is changed inside and stays one object and a leaf. One point: a
# way that works, and that restores both, the leaf and the tie.
