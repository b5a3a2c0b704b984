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
# # Exercise 6: a real network made meta
#
# What does it take to differentiate through a training step of a ResNet? The step itself is the one
# of exercise 2. What is new comes from the network: it exists already and must be converted, its
# convolutions want numbers of the right size, its weights come from a file, batch norm keeps statistics
# that change whenever somebody looks, and the graph of a step takes memory. In this exercise you build
# each of these pieces. At the end you measure what second order costs on a residual network, and what
# first order leaves out.
#
# Read chapter 6 of the book first. Plan about 110 minutes; solved, the notebook runs in seconds on any
# laptop. There are 20 points: 17 for what is checked automatically, and 3 for question 8, which a person reads.
# Checked are questions 1 to 7, of which 5 and 6 end with one more task each: "Test it yourself" and "Find the flaw".
# Each stands alone: if one does not work out, go on with the next. Where a question needs the answer to another,
# the check brings its own.
#
# Twice you are asked to *predict* what will come out, before you see it. Write your guess in place of the dots.
# A wrong guess costs nothing.
#
# Write your code where it says `YOUR CODE HERE` and delete the line that raises. The check below
# each answer says what it found and why. Run it as often as you like.
#
# Four rules hold throughout. A **weight** is a buffer of any shape that requires a gradient, as in exercise 2; that is
# how you find the weights of a meta network, whatever its layers are called, whether it has a key in the state
# dict or not. What a function is given is afterwards as it was, even if it ends with an error: tensors and their
# `.grad`, lists and dicts, the network with its statistics and the mode of each part. No tensor is written into
# and put back, for a graph may hold it. (`initialise` and `load_pretrained` write numbers into the network, because
# that is what they are for.) Besides a block's statistics, nothing is kept from one call to the next. And numbers
# keep the dtype of the tensors that they come from or go into.

# %%
# In Colab, install the course first: %pip install git+ADDRESS, with this repository's address.
import copy
import time
import weakref

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from l2l_ref.checks.meta_resnet import check, predict

torch.set_num_threads(1)  # pictures are small here; several threads would wait for each other

# %% [markdown]
# Here are two layers to build with. They are torch's own, with the mixin of chapter 2 in its shortest form:
# whatever the layer registers as a parameter becomes a buffer.


# %%
class Meta:
    """Mixed into a layer of torch.nn: its weights are buffers."""

    def register_parameter(self, name, parameter):
        leaf = None if parameter is None else parameter.detach().requires_grad_()
        self.register_buffer(name, leaf)


class MetaConv2d(Meta, nn.Conv2d):
    """nn.Conv2d with weights that can carry a graph."""


class MetaBatchNorm2d(Meta, nn.BatchNorm2d):
    """nn.BatchNorm2d with weights that can carry a graph."""


print([name for name, _ in MetaBatchNorm2d(2).named_buffers()])

# %% [markdown]
# ## 1. A residual block (2.5 points)
#
# A ResNet-18 is a stem, eight blocks like this one, and a linear layer:
#
# $$ y = \operatorname{relu}\bigl( F(x) + S(x) \bigr) , \qquad
#    F = \text{bn2} \circ \text{conv2} \circ \operatorname{relu} \circ \text{bn1} \circ \text{conv1} . $$
#
# Both convolutions are 3 x 3 with a padding of 1 and no bias. The first one has the `stride` and changes the
# number of channels from `in_channels` to `channels`. The shortcut $S$ is the identity if the stride is 1 and the
# number of channels stays. Otherwise, whatever the size of the pictures, it is a projection: a 1 x 1 convolution
# with that stride and no bias, followed by a batch norm.
#
# Build it from the two layers above (`nn.Sequential` is fine for the projection). It must compute what
# `torchvision.models.resnet.BasicBlock` does, in both modes, and have the same keys in its state dict, so that
# pretrained weights fit: `conv1.weight`, `bn1.weight` and so on, and `downsample.0.weight`,
# `downsample.1.weight` and so on for the projection. A new block begins with the numbers that its layers draw.
# Each batch norm goes by its own mode, momentum and eps, which may be set to others once the block is there. (The
# slope of relu at exactly 0 is not asked about.) To let torchvision's own block do the work is no answer here.
#
# <details><summary>Hint 1</summary>
#
# Which of the two things makes the shortcut a projection, the stride or the channels? Either one.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A block without a projection has no key that begins with `downsample`. An attribute that is `None` makes no key.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "MetaBasicBlock", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MetaBasicBlock(nn.Module):
    """The basic residual block, with weights that can carry a graph."""

    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = MetaConv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = MetaBatchNorm2d(channels)
        self.conv2 = MetaConv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = MetaBatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or in_channels != channels:
            projection = MetaConv2d(in_channels, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, MetaBatchNorm2d(channels))
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        inner = F.relu(self.bn1(self.conv1(x)))
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(inner)) + shortcut)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_MetaBasicBlock", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("MetaBasicBlock")

# %% [markdown]
# ## 2. A network that exists already (2.5 points)
#
# Nobody wants to write ResNet-152 again. But `forward` says `self.weight`, and does not care whether that is a
# parameter or a buffer. So a module can be converted from outside: walk through all modules in it, and move each
# parameter to the buffers, under the same name in the same module.
#
# `make_meta` returns a converted **copy**. It computes the same, every module in it is in the mode of its
# original, and its state dict has the same keys (in any order). No parameter is left in it, and no tensor of
# it, plain attributes included, shares memory with the given module, which stays as it was. Each buffer that was a
# parameter is a plain tensor and a leaf. It is trainable if the parameter was; a *frozen* parameter, one that does
# not require a gradient, becomes a constant. A *tied* parameter, one and the same in several places, becomes one
# tensor in all these places. What is no parameter is copied as it is; it may be a weight already, a leaf.
# (Modules that keep their parameters in a list as well, as `nn.LSTM` does, are not among those that are asked about.)
#
# <details><summary>Hint 1</summary>
#
# A module refuses a buffer under the name of a parameter that is still there. `delattr(child, name)` removes it.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `child.named_parameters(recurse=False)` gives the parameters of one module alone, each tensor once unless you say
# `remove_duplicate=False`. Make a list of it before you remove something.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "make_meta", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_meta(module):
    """A copy of a module in which every parameter has become a buffer of the same name."""
    ### BEGIN SOLUTION
    meta, leaves = copy.deepcopy(module), {}
    for child in meta.modules():
        own = child.named_parameters(recurse=False, remove_duplicate=False)
        for name, parameter in list(own):
            leaf = parameter.detach().requires_grad_(parameter.requires_grad)
            delattr(child, name)
            child.register_buffer(name, leaves.setdefault(parameter, leaf))
    return meta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_make_meta", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("make_meta")

# %% [markdown]
# ## 3. Numbers to begin with (1.5 points)
#
# A fresh ResNet draws the numbers of each convolution from a normal distribution with mean 0 and
#
# $$ \text{standard deviation} = \sqrt{2 / n_\text{out}} , \qquad n_\text{out} = \text{shape}[0] \cdot k_h \cdot k_w , $$
#
# which keeps the size of the gradients about the same from layer to layer. (He et al. 2015. The 2 makes up for
# the ReLU. Torch calls $n_\text{out}$ `fan_out`; groups do not enter.) Each entry is drawn by itself. In every
# batch norm `weight` is set to 1 and `bias` to 0, where it has them and they are trainable.
#
# The code that this course grew out of went through the modules, asked `isinstance(module, nn.Conv2d)`, and
# initialised nothing at all: its convolutions were not derived from `nn.Conv2d`. No error, no warning; the
# network was merely harder to train. The network that you are given has both kinds, those that are derived from
# `nn.Conv2d` and those of exercise 2, which are not. So tell the layers by what they hold:
#
# - a weight with four dimensions belongs to a convolution;
# - a module that has a `running_mean` is a batch norm. (It is a tensor, never None. All else may be missing. It has
#   no other weights than these two, of one dimension each, and shares them with no other module.)
#
# Everything else stays as it is: the bias of a convolution, linear layers, running statistics and other constants;
# a frozen weight is a constant. The numbers go *into* the tensors that are there, which stay the same objects and
# leaves, because an optimizer may hold them already. They depend on the generator you are given and on nothing
# else, neither the numbers that were there nor the default dtype.
#
# <details><summary>Hint 1</summary>
#
# Which two facts about a tensor must you know: what it is itself, and which module holds it? Go through the
# modules, and in each through the buffers that it holds itself.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A constant with four dimensions is no weight. And in a batch norm, each of the two tensors may be frozen, or not
# there, whatever the other one is.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `nn.init.kaiming_normal_(tensor, mode=..., nonlinearity=..., generator=...)` writes into a tensor, trainable or
# not, and `nn.init.constant_` does so, too. Look up the defaults of the two options.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "initialise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def initialise(network, generator):
    """Give a meta network the numbers that a fresh ResNet has, in place."""
    ### BEGIN SOLUTION
    how = {"mode": "fan_out", "nonlinearity": "relu", "generator": generator}
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.requires_grad and buffer.ndim == 4:
                nn.init.kaiming_normal_(buffer, **how)
            elif buffer.requires_grad and hasattr(module, "running_mean"):
                nn.init.constant_(buffer, float(name == "weight"))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_initialise", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("initialise")

# %% [markdown]
# ## 4. Weights from a file (1 point)
#
# Pretrained weights come from a task with a thousand classes, and yours has ten. Everything fits but the last
# layer, the *head*. `load_state_dict(strict=False)` would swallow what does not fit, and with it every slip: a
# renamed layer keeps its random numbers, and nobody is told. So be strict everywhere but in the head.
#
# `load_pretrained(network, state, head)` gets a meta network, a state dict and the name of the head, such as
# `"fc"` or `"classifier.2"`. Names that begin with `head` and a dot belong to the head (`"fc2.weight"` does not
# belong to `"fc"`). For these, whatever `state` has or lacks is ignored, and the network keeps its own. All other
# tensors of the network's state dict take the numbers of `state`: weights, frozen ones too, and statistics with
# `num_batches_tracked`. The tensors stay the same objects, and later changes to them must not reach `state`.
# Return the names in the network's state dict that were not loaded, in a list. (`state` shares no memory with the
# network, and no tensor of the head stands elsewhere, too.)
#
# Refuse what does not fit **before** anything has changed: a name that is missing in `state`, or that the
# network's state dict does not have, raises `KeyError`; a tensor of another shape raises `ValueError`, also `(1,)`
# where `()` is expected. (No state dict has both mistakes.)
#
# In this notebook the state dicts are made on the spot. Those of torchvision are files of 45 MB and more, which
# `torchvision.models.resnet18(weights="DEFAULT")` downloads; their names and shapes are the ones you know.
#
# <details><summary>Hint 1</summary>
#
# What does `load_state_dict` do with the tensors that fit when another one does not? Try it. Then look at
# everything first, and write afterwards.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Two sets of names, those of the network and those of `state`, both without the head, have to be equal. A set says
# so without a loop.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `tensor.copy_(other)` writes into the tensor that is there. It accepts whatever can be broadcast, so shapes have to
# be compared before. The tensors of `network.state_dict()` are the network's own, and have no graph in the way.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "load_pretrained", "locked": false, "schema_version": 3, "solution": true, "task": false}
def load_pretrained(network, state, head):
    """Load all but the head, strictly, in place.

    network: a meta network. state: a state dict. head: a dotted name. Returns the names not loaded.
    """
    ### BEGIN SOLUTION
    own, prefix = network.state_dict(), head + "."
    mine = {name for name in own if not name.startswith(prefix)}
    theirs = {name for name in state if not name.startswith(prefix)}
    if mine != theirs:
        raise KeyError(f"only on one side: {sorted(mine ^ theirs)}")
    for name in mine:
        if own[name].shape != state[name].shape:
            raise ValueError(f"{name} has the shape {tuple(own[name].shape)}")
    for name in mine:
        own[name].copy_(state[name])
    return [name for name in own if name not in mine]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_load_pretrained", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("load_pretrained")

# %% [markdown]
# **Predict.** A batch norm in training mode is called once, under `torch.no_grad()`, and nothing is done with the
# result. Which tensors of its state dict have other numbers afterwards? Give a list of some of `"weight"`,
# `"bias"`, `"running_mean"`, `"running_var"` and `"num_batches_tracked"`.

# %%
predict("who_moves", ...)

# %% [markdown]
# ## 5. One step (4.5 points)
#
# Now the step. On a batch $(x, t)$ a network with weights $\theta$ has the cross-entropy $L(\theta)$. One step of
# gradient descent leads to
#
# $$ \theta' = \theta - \text{rate} \cdot \nabla L(\theta) , $$
#
# and on another batch the stepped network has a loss $L_\text{test}(\theta')$. Return that loss, with the graph
# that leads back to the first weights $\theta$ and to the rate. By default it goes through the gradient as well
# (second order); with `first_order=True` the gradient counts as a constant. (Only the first derivatives of the loss
# that you return are asked about.)
#
# `functional_call(network, tensors, (x,))` calls the network with other tensors in the places that the dict
# `tensors` names, and puts its own back afterwards.
#
# The network is called in the mode that it is in. In training mode batch norm takes mean and variance of whatever
# batch it sees, and these depend on $\theta$, too; autograd knows. It also moves its running statistics, and
# your function must leave the network as it was, weights and statistics. Parts of it may be in another mode than
# the rest. No layer computes its output from what it has written. Weights may be leaves or results of a
# computation, but none is computed from another one. A tied weight is one weight and moves in all its places; a
# constant may be in several places, too, but no module is. A weight that the loss on a batch does not reach has the
# slope 0 there and stays where it is; the loss on another batch may reach it. (Every loss reaches some weight.)
#
# <details><summary>Hint 1</summary>
#
# Batch norm writes into the statistics that it finds. Whose are they, where the dict has no others for their names?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Everything that is no weight goes in as a clone.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "loss_after_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def loss_after_step(network, train, test, rate, first_order=False):
    """The loss on the batch test after one step on the batch train, with its graph.

    network: a meta network, from images to logits. train, test: pairs of images and labels.
    rate: a number, or a tensor without dimensions, in the weights' dtype.
    """
    ### BEGIN SOLUTION
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    x, labels = train
    loss = F.cross_entropy(functional_call(network, theta | rest, (x,)), labels)
    order = {"create_graph": not first_order, "materialize_grads": True}
    g = torch.autograd.grad(loss, list(theta.values()), **order)
    theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    x, labels = test
    return F.cross_entropy(functional_call(network, theta | rest, (x,)), labels)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_loss_after_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("loss_after_step")

# %% [markdown]
# **Test it yourself (1.5 points).** A step in first order looks like one in second order: the loss after it is the
# same, and only the slopes differ. Which order does somebody's code really compute? Write a function that finds
# out from values alone.
#
# The losses `train(theta)` and `test(theta)` take a vector of weights in float64 and return tensors without
# dimensions. Neither these nor the slopes require a gradient, so autograd cannot look inside. The step is $\theta' = \theta - \text{rate} \cdot \nabla L_\text{train}(\theta)$, and
# `slopes(theta, rate)` claims to be the derivative of $L_\text{test}(\theta')$ in $\theta$. Return `"second order"`
# if it is the full derivative, `"first order"` if it counts the gradient in the step as a constant, and
# `"neither"` otherwise.
#
# Losses are smooth, and all numbers are around 1, though a slope may be 0 in both orders, and all slopes of one
# order ten times as large as those of the other. There are 2 to 16 weights. Slopes of either order are right to nine
# digits. What is neither differs from both, in one entry at least, by more than 5 % of the largest slope of the
# full derivative, and so do the two orders from each other. `theta` stays as it is.
#
# <details><summary>Hint 1</summary>
#
# A central difference gives the gradient of `train`. With it you can compute $\theta'$ for any $\theta$, and so
# $L_\text{test}(\theta')$ as a function of $\theta$ that has differences, too.
#
# </details>
# <details><summary>Hint 2</summary>
#
# With the gradient as a constant, $\theta'$ moves exactly as $\theta$ does. So the first-order derivative is the
# gradient of $L_\text{test}$, taken where?
#
# </details>
# <details><summary>Hint 3</summary>
#
# Differences of differences lose digits twice. A step of 0.0001 leaves enough for a tolerance of one percent.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "order_of", "locked": false, "schema_version": 3, "solution": true, "task": false}
def order_of(train, test, slopes, theta, rate):
    """Whether slopes are of "second order", of "first order" or "neither".

    train, test: losses of a vector (n,), values without a graph. slopes: called as slopes(theta, rate),
    returns (n,). theta: (n,), float64. rate: a number.
    """

    ### BEGIN SOLUTION
    def gradient(loss, theta, h=1e-4):
        steps = h * torch.eye(len(theta)).double()
        return torch.stack([loss(theta + step) - loss(theta - step) for step in steps]) / (2 * h)

    def after(theta):
        return theta - rate * gradient(train, theta)

    claimed, full = slopes(theta, rate), gradient(lambda theta: test(after(theta)), theta)
    orders = {"second order": full, "first order": gradient(test, after(theta))}
    for order, right in orders.items():
        if (claimed - right).abs().max() < 0.01 * full.abs().max():
            return order
    return "neither"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_order_of", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("order_of")

# %% [markdown]
# ## 6. Statistics on the way (3.5 points)
#
# Over several steps the statistics belong to the run as the weights do. If they are left out of what is carried
# along, two runs mix theirs up in the network, or the trained weights are evaluated with the statistics of an
# untrained network. The code that this course grew out of broke there.
#
# `inner_loop(network, batches, rate)` takes one step of gradient descent on each batch of a list, from the first
# to the last. The steps are of second order unless `first_order` is true. It returns two dicts by name, as
# `named_buffers()` has it: `theta`, the weights at the end with their graph, and `rest`, all other buffers of the
# network as they are at the end of the run. The statistics start as the network's own; in training mode each step
# moves them once, and in eval mode they stay where they are. A layer may write constants into them, as batch norm
# does, or put a new constant of the same shape and dtype, with memory of its own, in the old one's place; none keeps
# tensors elsewhere than in its buffers. In `rest` all tensors are constants, and none has its memory from the
# network. All else is as in question 5. The list has at most 25 batches, and may be empty. (Take the gradient with `torch.autograd.grad`:
# `torch.func.grad` does not run while question 7 watches.)
#
# <details><summary>Hint 1</summary>
#
# Two dicts go from step to step, the weights and the rest. What would the second run begin with if the first one
# had been given the network's own statistics?
#
# </details>
# <details><summary>Hint 2</summary>
#
# What does `functional_call` leave in the dict of tensors that it is given? Its documentation has an example. That
# dict may have other tensors in it afterwards than before.
#
# </details>
# <details><summary>Hint 3</summary>
#
# A dict that only exists inside the call's brackets is gone afterwards. And the step is that of question 5, on
# weights that are results from the second step on.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "inner_loop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inner_loop(network, batches, rate, first_order=False):
    """One step of gradient descent on each batch; the weights keep their graph.

    batches: a list of pairs of images and labels. rate, first_order: as in question 5. Returns
    the dicts theta and rest.
    """
    ### BEGIN SOLUTION
    buffers = dict(network.named_buffers())
    theta = {name: buffer for name, buffer in buffers.items() if buffer.requires_grad}
    rest = {name: buffer.clone() for name, buffer in buffers.items() if name not in theta}
    order = {"create_graph": not first_order, "materialize_grads": True}
    for x, labels in batches:
        tensors = theta | rest
        loss = F.cross_entropy(functional_call(network, tensors, (x,)), labels)
        rest = {name: tensors[name] for name in rest}  # as the call has left them
        g = torch.autograd.grad(loss, list(theta.values()), **order)
        theta = {name: w - rate * slope for (name, w), slope in zip(theta.items(), g)}
    return theta, rest
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_inner_loop", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("inner_loop")

# %% [markdown]
# **Find the flaw (1.5 points).** Somebody else has written one step of such a loop, for a network of two weights and
# one statistic. It subtracts the mean of the batch, as batch norm does in training mode, and has the weight `shared`
# in two places,
#
# $$ z_i = x_i - \bar x , \qquad
#    y_i = \langle \text{own}, \tanh(\text{shared} \circ z_i) \rangle + \langle \text{shared}, z_i \rangle , $$
#
# and the loss is the mean of $(y_i - t_i)^2$. Here $\bar x$ is the mean of all $x_i$, and $\circ$ multiplies entry by
# entry. `implementation(theta, mean, x, t, rate)` takes `theta`, a dict with the trainable weights `"shared"` and
# `"own"`, the running mean `mean`, a constant, all of these `(d,)`, a batch `x`, `(n, d)`, and `t`, `(n,)`, and a
# number `rate`. It returns two things: a dict with the weights after one step, in second order, and the new running mean
# `0.9 * mean + 0.1 * x.mean(0)`. What is given should stay as it was. At most one thing is wrong:
#
# - `"first order"`: in the new `shared`, in the new `own`, or in both, the gradient counts as a constant.
# - `"no graph"`: one of the new weights is a constant, or both are: it does not require a gradient.
# - `"stepped twice"`: `shared` is stepped once for each place, so that it moves twice as far.
# - `"running mean"`: the batch is not centred by its own mean, but by the running one, the given or the new.
# - `"written back"`: the new running mean is written into `mean`, by whatever way; `mean` itself may come back.
# - `"not carried"`: the running mean that comes back has exactly the old numbers, be it `mean` itself or another tensor.
#
# Return the name of the flaw, or `"none"`. Call the implementation as often as you like, with numbers of your own in
# float64. All else in it is right to nine digits, and the two weights may come in any order.
#
# <details><summary>Hint 1</summary>
#
# What do you know about the right result? Everything: write the step yourself, and compare on a batch of random
# numbers. Which flaws change values, and which do not?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Two flaws do not change any value that comes back but its graph, and one leaves its trace in what you gave. Keep a
# clone of that.
#
# </details>
# <details><summary>Hint 3</summary>
#
# With the gradient as a constant, what is the derivative of `v @ new` in the old weight, for any vector `v`?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "diagnose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def diagnose(implementation):
    """The name of the flaw of one step, or "none".

    implementation: called as theta, mean = implementation(theta, mean, x, t, rate).
    """
    ### BEGIN SOLUTION
    theta = {name: torch.randn(3).double().requires_grad_() for name in ("shared", "own")}
    mean, x, t = (torch.randn(shape).double() for shape in ((3,), (5, 3), (5,)))
    given = mean.clone()
    after, new = implementation(theta, mean, x, t, 0.5)
    if not torch.equal(mean, given):
        return "written back"
    if torch.allclose(new, given):
        return "not carried"
    z, (shared, own) = x - x.mean(0), theta.values()
    loss = ((z * shared).tanh() @ own + z @ shared - t).square().mean()
    slopes = torch.autograd.grad(loss, list(theta.values()))
    for (name, w), slope in zip(theta.items(), slopes):
        if torch.allclose(after[name], w - slope):
            return "stepped twice"
        if not torch.allclose(after[name], w - 0.5 * slope):
            return "running mean"
    for name, w in theta.items():
        if not after[name].requires_grad:
            return "no graph"
        v = torch.randn(3).double()
        if torch.allclose(torch.autograd.grad(v @ after[name], w, retain_graph=True)[0], v):
            return "first order"
    return "none"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_diagnose", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("diagnose")

# %% [markdown]
# ## 7. What the graph holds (1.5 points)
#
# A graph keeps every tensor that its backward pass will need. `torch.autograd.graph.saved_tensors_hooks(pack,
# unpack)` lets you watch: while it is active, `pack` is called with each tensor that is saved, the graph keeps
# what `pack` returns, and `unpack` must turn that back into the tensor, so that gradients are the same as without.
#
# `held_bytes(compute, weights)` calls `compute()` once and returns the number of bytes that the graph of its result
# holds when the call has returned. (The result is whatever `compute()` returns: a tensor, some in a dict, None. It
# leaves no other graph behind, and all is on the CPU.) Three things make the count right:
#
# - **Memory counts once.** A tensor that several operations save, and all views of it, have one storage:
#   `tensor.untyped_storage()`, with `data_ptr()` and `nbytes()`. A view counts with its whole storage.
#   (No two storages share memory.)
# - **The weights do not count.** They would be there without a graph. `weights` is a list of them.
# - **What was given up does not count.** In first order the graph of the gradient is gone before `compute`
#   returns. So let the graph hold a small object with the tensor's numbers in it (not with the tensor: a
#   result would hold its own graph), and keep the objects in a `weakref.WeakSet`, from which they vanish
#   when the graph does.
#
# <details><summary>Hint 1</summary>
#
# While you count, the result of `compute()` must still be in a variable. Otherwise its graph is gone, too.
#
# </details>
# <details><summary>Hint 2</summary>
#
# An operation such as `exp` saves its own result, and that result holds the graph: a circle that Python cannot
# take apart, since it leads through objects of torch. The object in the graph should hold `tensor.detach()`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "held_bytes", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Saved:
    """A tensor that a graph holds."""

    def __init__(self, tensor):
        self.tensor = tensor


def held_bytes(compute, weights):
    """The bytes that the graph of compute() holds, besides the weights."""
    ### BEGIN SOLUTION
    alive = weakref.WeakSet()

    def pack(tensor):
        saved = Saved(tensor.detach())
        alive.add(saved)
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved.tensor):
        result = compute()  # while it exists, so does its graph
    storages = [saved.tensor.untyped_storage() for saved in alive]
    sizes = {storage.data_ptr(): storage.nbytes() for storage in storages}
    for weight in weights:
        sizes.pop(weight.untyped_storage().data_ptr(), None)
    del result
    return sum(sizes.values())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_held_bytes", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("held_bytes")

# %% [markdown]
# **Predict.** A small network takes four steps at a rate of 0.001, and you compute the meta-gradient in first and
# in second order. What is the cosine of the angle between the two?

# %%
predict("cosine", ...)

# %% [markdown]
# ## 8. When is first order enough? (3 points, in your own words)
#
# Now measure. Once the questions are solved, the next cells build a small residual network from your blocks,
# train it for a while on pictures of digits, and ask for the meta-gradient: the derivative, in the first
# weights, of the loss after some steps on small batches of other digits. They compare first order with second
# order on the same batches: the loss, the cosine of the angle between the two meta-gradients, the share of
# the second-order one that first order misses, the bytes that the graph holds, and the time.


# %%
class SmallResNet(nn.Module):
    """A stem, two blocks and a linear layer, for pictures of 8 x 8 pixels."""

    def __init__(self, block=MetaBasicBlock, classes=10):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.layer1, self.layer2 = block(8, 8), block(8, 16, stride=2)
        self.fc = nn.Linear(16, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.fc(self.layer2(self.layer1(x)).mean((2, 3)))


def pretrained(steps=60):
    """A meta network whose weights come from a state dict, but for its head: ten digits."""
    from l2l_ref.data import digits

    images = digits("train")
    x, labels = images.pixels.float().view(-1, 1, 8, 8), images.labels
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    few = make_meta(SmallResNet(classes=5))  # it stands in for a file: trained on 0 to 4
    initialise(few, generator)
    optimizer = torch.optim.Adam([b for b in few.buffers() if b.requires_grad], lr=0.01)
    known = (labels < 5).nonzero()[:, 0]
    for _ in range(steps):
        chosen = known[torch.randint(len(known), (64,), generator=generator)]
        optimizer.zero_grad()
        F.cross_entropy(few(x[chosen]), labels[chosen]).backward()
        optimizer.step()
    network = make_meta(SmallResNet())
    initialise(network, generator)
    print("not loaded:", ", ".join(load_pretrained(network, few.state_dict(), "fc")))
    return network, x, labels


def drawn(x, labels, count, size=32, seed=1):
    """Some batches."""
    picked = torch.randint(len(x), (count, size), generator=torch.Generator().manual_seed(seed))
    return [(x[chosen], labels[chosen]) for chosen in picked]


def measure(network, x, labels, rate, steps):
    """One row: loss, cosine, what is missed, kilobytes and milliseconds of both orders."""
    test, *batches = drawn(x, labels, steps + 1)
    weights = [b for b in network.buffers() if b.requires_grad]

    def of_order(first_order):
        """The meta-gradient, the loss, kilobytes, milliseconds."""

        def compute():
            theta, rest = inner_loop(network, batches, rate, first_order)
            return F.cross_entropy(functional_call(network, theta | rest, (test[0],)), test[1])

        start = time.perf_counter()
        loss = compute()
        found = torch.autograd.grad(loss, weights)
        milliseconds = 1000 * (time.perf_counter() - start)
        gradient = torch.cat([each.flatten() for each in found])
        return gradient, loss.item(), held_bytes(compute, weights) / 1000, milliseconds

    second, loss, kilobytes, milliseconds = of_order(False)
    first, _, first_kilobytes, first_milliseconds = of_order(True)
    cosine = F.cosine_similarity(second, first, dim=0).item()
    missed = ((first - second).norm() / second.norm()).item()
    costs = kilobytes, first_kilobytes, milliseconds, first_milliseconds
    return loss, cosine, missed, *costs


RATES, STEPS = (0.001, 0.01, 0.1, 0.5), (1, 2, 4, 8)


def table():
    network, x, labels = pretrained()
    print("rate  steps   loss  cosine  missed   kB: second   first   ms: second   first")
    form = "{:5} {:5} {:6.2f} {:7.3f} {:7.3f} {:12.0f} {:7.0f} {:12.0f} {:7.0f}"
    rows = {}
    for rate in RATES:
        for steps in STEPS:
            rows[rate, steps] = row = measure(network, x, labels, rate, steps)
            print(form.format(rate, steps, *row))
    return rows


def draw(rows):
    _, (left, right) = plt.subplots(ncols=2, figsize=(9, 3.4), layout="constrained")
    for rate in RATES:
        left.plot(STEPS, [rows[rate, s][1] for s in STEPS], "o-", label=f"rate {rate}")
    left.set(xlabel="steps", ylabel="cosine of first and second order", ylim=(-0.05, 1.05))
    left.legend(fontsize=8)
    for place, name in ((3, "second order"), (4, "first order")):
        right.plot(STEPS, [rows[RATES[0], s][place] / 1000 for s in STEPS], "o-", label=name)
    right.set(xlabel="steps", ylabel="memory of the graph (MB)", ylim=(0, None))
    right.legend()
    plt.show()


try:
    draw(table())
except NotImplementedError:
    print("questions 1 to 4, 6 and 7 come first")
except Exception:
    print("what do the checks of questions 1 to 4, 6 and 7 say?")
    raise

# %% [markdown]
# ### In your own words (3 points)
#
# You want to learn the weights from which a few inner steps of a ResNet-50 start, on pictures of 224 x 224
# pixels, at a fixed rate, and a colleague advises first order, "because the second derivatives are small anyway". Answer in five to ten
# sentences, with numbers from your table. What exactly does first order leave out of the derivative of
# $\theta'$ in $\theta$? When are the two meta-gradients nearly the same, and when do they have little to do
# with each other? What does first order save in memory and in time, and how do the savings depend on the
# number of steps? And what would you measure before you trusted first order in the ResNet-50?

# %% [markdown] nbgrader={"grade": true, "grade_id": "in_words", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **Model answer.** The derivative of $\theta' = \theta - \text{rate} \cdot \nabla L(\theta)$ in $\theta$ is
# $I - \text{rate} \cdot H$, where $H$ is the Hessian of $L$. First order takes $I$ for it: it leaves out
# $\text{rate} \cdot H$ in every step. So the size of the second derivatives alone decides nothing. What
# counts is their size times the rate, and over several steps a product of such factors. In my table, with a
# rate of 0.001 and one step, the cosine is 1.000 and first order misses 0.2% of the meta-gradient. With a
# rate of 0.1 it misses 26% after one step and 80% after eight, where the cosine is 0.68. With 0.5 it misses 87%
# after one step, where the cosine is 0.55, and after eight steps as much as all of it: the two have next to
# nothing in common. First order is enough where rate times
# curvature times the number of steps is small against 1. Those are not the rates at which the loss falls:
# after eight steps it is 2.86 at 0.001, 1.67 at 0.1 and 1.11 at 0.5. In second order the graph holds 1.7 MB
# after one step and 1.15 MB more for each further step, 9.8 MB after eight. In first order it is 0.59 MB
# whatever the number of steps, which is the graph of the last loss alone. The time grows with the number of
# steps in both orders; first order needs about half of it. In the ResNet-50 one batch fills a large part
# of a card's memory, and second order wants as much again and more for each step, so memory is the reason for
# first order, and the colleague's reason is none. Before I trusted it I would compute both orders where both
# still fit, on the same network with smaller pictures, a smaller batch and one or two steps, at the rates
# that I mean to use, and look at cosine and missed share; and again when training has moved the weights.
#
# **Rubric.** One point: what is left out is rate times Hessian in each factor $I - \text{rate} \cdot H$, so
# the rate and the number of steps count and not the second derivatives alone. One point: numbers of the
# student's own table on both sides, near agreement at small rates and few steps, little in common at large
# ones. One point: memory grows with each step in second order and does not in first order, with numbers, and
# first order takes less time; and a measurement of both orders on the network itself, at the rate that is
# used. The numbers depend on the machine and on the student's own network; judge the reading.
