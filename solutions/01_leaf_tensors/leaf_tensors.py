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
# # Exercise 1: weights that carry a graph
#
# You can train a network's weights. Can you also train the *rates* at which they are trained? For
# that, the weights after a few steps must remember how they came about, and PyTorch's parameters do
# not. In this exercise you find out which tensors remember, make a training step that does, put its
# result into a network, and learn a rate for each of its parameters.
#
# Read chapter 1 of the book first. Plan about 90 minutes; solved, the notebook runs in seconds on
# any laptop. There are 20 points: 17 in seven questions that are checked automatically, 3 in one that
# a person reads. Each question stands alone: if one does not work out, go on with the next.
#
# Write your code where it says `YOUR CODE HERE` and delete the line that raises. The check below
# each answer says what it found and why. Run it as often as you like.
#
# Three times you are asked to *predict* what will come out, before you see it. Write your guess in place of
# the dots. A wrong guess costs nothing, and you learn more from it than from a right one.
#
# One rule holds for all functions here: what they are given is afterwards as it was. That goes for
# tensors, dicts and modules, for every `.grad`, and for torch's settings and random numbers, once the function
# has returned. No module draws random numbers when it is called.

# %%
# In Colab, install the course first: %pip install git+ADDRESS, with this repository's address.
import copy

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from l2l_ref.checks.leaf_tensors import check, predict

torch.set_num_threads(1)  # tensors are small here; several threads would wait for each other

# %% [markdown]
# **Predict.** Let `w` be a trainable leaf. Which of `w.clone()`, `w.detach()`,
# `w.data.clone().requires_grad_()` and `nn.Parameter(2 * w)` are trainable leaves, too? Give a list of
# texts, such as `["w.clone()", "w.detach()"]`.

# %%
predict("leaves", ...)

# %% [markdown]
# ## 1. Three kinds of tensors (2 points)
#
# For autograd there are three kinds of tensors. A *constant* asks for no gradient: nothing is
# recorded about what you compute with it. A *leaf* asks for a gradient and stands at the beginning
# of a graph: no recorded operation made it, and `backward()` fills its `.grad`. A *result* requires
# a gradient because it was computed from something that does; it remembers how. (PyTorch's `is_leaf`
# calls constants leaves, too. Here a leaf is a trainable one.)
#
# Write a function that tells them apart. The answer is about the tensor as it is at that moment,
# whether or not gradients are being recorded.
#
# <details><summary>Hint 1</summary>
#
# Make one tensor of each kind and look at what it says of itself.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# Three attributes tell you something: `requires_grad`, `is_leaf` and `grad_fn`. Print all three for each
# of your tensors. Mind that `is_leaf` is true of constants as well.
#
# </details>
#
# <details><summary>Hint 3</summary>
#
# Ask first what constants have in common, then what tells a leaf from a result. Two of the attributes are
# enough.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "kind", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kind(tensor):
    """Say what a tensor is to autograd: "constant", "leaf" or "result"."""
    ### BEGIN SOLUTION
    if not tensor.requires_grad:
        return "constant"
    return "leaf" if tensor.grad_fn is None else "result"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_kind", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("kind")

# %% [markdown]
# ## 2. A step that can be differentiated (2 points)
#
# A step of gradient descent on several weights at once, each with its gradient:
#
# $$ \theta_p' = \theta_p - \alpha \, \nabla_p \qquad \text{for every name } p . $$
#
# An optimizer of `torch.optim` overwrites the weights. Write a step that makes new tensors instead,
# so that $\theta'$ can be differentiated, as often as one likes, with respect to $\theta$, $\nabla$
# and the rate $\alpha$. Each of them may also be a constant, and the step is taken all the same. The two dicts
# have the same names, not always in the same order. Float32 and float64 may stand in one dict. A gradient has the
# dtype of its weight, and so has the new weight, whatever dtype the rate has. (Weights without dimensions are
# given in the rate's dtype.)
#
# <details><summary>Hint 1</summary>
#
# What does autograd record, and what does it not? Look at what an optimizer does to a weight's `.data`.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# Plain arithmetic on tensors is recorded, and makes new tensors. One line is enough. Find the gradient
# that belongs to a weight by its name.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "sgd_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sgd_step(weights, gradients, rate):
    """One step of gradient descent that keeps the graph.

    weights: a dict of tensors. gradients: one of the same shape for each name. rate: a tensor
    without dimensions. Returns a new dict with the same names.
    """
    ### BEGIN SOLUTION
    return {name: weight - rate * gradients[name] for name, weight in weights.items()}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_sgd_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("sgd_step")

# %% [markdown]
# **Predict.** Here is a way to get new weights into a network. The right-hand side of the third line has a graph
# that leads to `rate`.
#
# ```python
# rate = torch.tensor(0.1, requires_grad=True)
# layer(x).square().sum().backward()
# layer.weight = nn.Parameter(layer.weight - rate * layer.weight.grad)
# layer(x).square().sum().backward()
# ```
#
# What is `rate.grad` now: `"None"`, `"0"`, `"a slope"`, or is there `"an error"`?

# %%
predict("through_a_parameter", ...)

# %% [markdown]
# ## 3. Into the network (3 points)
#
# Now the new weights must get into the network. Write `put(module, name, tensor)`, which is the
# exception to the rule: it changes the module. Afterwards the module computes with `tensor`, the
# graph behind it included, and `parameters()` does not return the old parameter any more. How the
# module keeps the tensor is up to you, and so is whether its name can be used again. All else stays
# what it is: the other parameters are the very same objects, in the same order, as trainable as before,
# and the old one is left as it is, its `.grad` included, since a graph may lead to it.
#
# Names have dots, as in `named_parameters()`: `"encoder.0.weight"` is the weight of the first layer
# of `encoder`. A parameter that a module holds in several places has one name there, the first, and
# is replaced in all places. One layer may hang in several places, too. The new tensor goes in as it is, in its
# own dtype, and a constant stays one. A name that `named_parameters()` does not have raises `KeyError`, and
# nothing has changed.
#
# <details><summary>Hint 1</summary>
#
# `module.weight = tensor` is refused as long as `weight` is registered as a parameter. How does an object
# in Python lose an attribute?
#
# </details>
# <details><summary>Hint 2</summary>
#
# A parameter may have several names, but it is one object. Which parts of the module, of all in
# `module.modules()`, hold that very object, and under which names of their own? `named_parameters` has two
# options for such questions.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "put", "locked": false, "schema_version": 3, "solution": true, "task": false}
def put(module, name, tensor):
    """Put a tensor, with its graph, in the place of one of a module's parameters.

    Raises KeyError if the module has no parameter of that name.
    """
    ### BEGIN SOLUTION
    replaced = dict(module.named_parameters())[name]
    for owner in module.modules():
        own = list(owner.named_parameters(recurse=False, remove_duplicate=False))
        for last, parameter in own:
            if parameter is replaced:
                delattr(owner, last)
                setattr(owner, last, tensor)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_put", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("put")

# %% [markdown]
# ## 4. The loss after some steps (4 points)
#
# Instead of putting weights into a module, one can run the module *with* weights:
# `functional_call(module, weights, (x,))` computes what `module(x)` would, had it the weights of that
# dict. The module's own weights stay as they are. Buffers that a forward pass writes into, such as
# the running mean of batch norm, are the module's own, unless the dict has others for their names. (No
# module here computes in training mode with what it has written there, or puts another tensor in a buffer's
# place.)
#
# Train the module for some steps on one batch, with a rate of its own for each parameter, and return
# the loss after the last step:
#
# $$ \theta_p^{k+1} = \theta_p^k - \alpha_p \, \nabla_{\theta_p} L(\theta^k) , \qquad
#    L(\theta) = \texttt{F.mse\_loss}(\text{module}_\theta(x),\, y) . $$
#
# The loss must carry a graph back to every rate, along *all* paths: the gradient at step 2 depends on
# the rates as well, because they have moved the weights at which it is taken. It can be
# differentiated as often as the module can. With no steps at all, it is the loss of the module as it is.
#
# You need to care for these:
#
# - rates require gradients, as leaves or as results, and may be 0, negative or tiny;
# - a *frozen* parameter (its `requires_grad` is `False`) is trained here as the others are;
# - buffers, as said above;
# - other tensors that a module holds, such as a result that `put` has left there, be it as a buffer: they have no
#   rate and are not trained.
#
# You need not care for these: the forward pass uses all parameters, no tensor that a module holds was computed from
# the rates, and no graph from before the call leads through the module's parameters.
#
# <details><summary>Hint 1</summary>
#
# Begin with a dict that has a leaf for each of the module's parameters, and replace it by a new dict
# in each step.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.autograd.grad(loss, list(weights.values()))` gives gradients without touching any `.grad`. By
# default they are constants. Look up `create_graph`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "loss_after", "locked": false, "schema_version": 3, "solution": true, "task": false}
def loss_after(module, x, y, rates, steps):
    """The loss after some steps of gradient descent, with its graph.

    x, y: one batch, used in every step. rates: for each name of module.named_parameters(), in any
    order, a tensor without dimensions. Returns a tensor without dimensions.
    """

    ### BEGIN SOLUTION
    def loss_at(weights):
        return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)

    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    weights = {name: p.detach().requires_grad_() for name, p in module.named_parameters()}
    for _ in range(steps):
        values = list(weights.values())
        gradients = torch.autograd.grad(loss_at(weights), values, create_graph=True)
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    return loss_at(weights)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_loss_after", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("loss_after")

# %% [markdown]
# **Predict.** Take the loss $\theta \cdot \theta / 2$, start at $\theta = 1$ and take two steps with the rate
# $1/2$. Let $s$ be the slope, in the rate, of the loss after both steps, and $s_1$ the same with both gradients
# as constants. What is $s_1 / s$? A few lines on paper will do.

# %%
predict("first_order", ...)

# %% [markdown]
# ## 5. Gradients as inputs (2 points)
#
# The paper leaves some of those paths out. It treats each gradient as an input, a number that fell
# from the sky. Then no second derivatives are needed, and the graph is much smaller: the weights
# after $K$ steps are $\theta_p^K = \theta_p^0 - \alpha_p \sum_{k<K} \nabla_p^k$ with constants $\nabla_p^k$.
#
# Return the derivative of the loss after the last step with respect to each rate, in this
# approximation. You may let autograd do it, or work it out on paper first and keep no graph at all. Modules and
# rates are as in question 4; a rate may be 0, where nothing can be divided by it. Here no tensor stands for two
# rates, no rate is computed from another, and a module holds no result that was computed from a rate.
#
# <details><summary>Hint 1</summary>
#
# Where do the paths that are left out go through? Mark them in the unrolled graph of the chapter.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# With constant gradients, what is the derivative of $\theta_p^K$ in $\alpha_p$? One formula holds for all rates,
# 0 included.
#
# </details>
#
# <details><summary>Hint 3</summary>
#
# The rest is the chain rule. Its other factor is the gradient of the last loss, at the weights after the
# last step, which you can compute like any other.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "first_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_order(module, x, y, rates, steps):
    """The derivative of the loss after some steps in each rate, when gradients count as inputs.

    The arguments are those of loss_after, with at least one step. Returns a dict with a tensor
    without dimensions for each name.
    """

    ### BEGIN SOLUTION
    def loss_at(weights):
        return F.mse_loss(functional_call(module, weights | buffers, (x,)), y)

    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    weights = {name: p.detach().requires_grad_() for name, p in module.named_parameters()}
    for _ in range(steps):
        gradients = torch.autograd.grad(loss_at(weights), list(weights.values()))
        weights = {n: w - rates[n] * g for (n, w), g in zip(weights.items(), gradients)}
    by_rate = torch.autograd.grad(loss_at(weights), list(rates.values()))
    return dict(zip(rates, by_rate))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_first_order", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("first_order")

# %% [markdown]
# ## 6. Learning the rates (2 points)
#
# The outer loop is gradient descent again, now on the rates. You are given a function that returns a
# loss for a dict of rates, such as your `loss_after` with everything else fixed. All of the rates enter
# that loss, and the same rates give the same loss. It may depend on other leaves as well, whose `.grad` stays
# as it is. All rates have one dtype. One tensor may stand for several names; each name has a rate of its own as soon
# as they move.
#
# Take some steps of gradient descent with it and return the rates you arrive at. Every time you call
# `loss_of`, its rates must be trainable leaves, and so must be those you return. Otherwise the graph
# would grow from step to step, back to the very first one. The rates that were given stay as they
# were. Where no step is taken, those that you return may share their memory; what lies in the `.grad` of those
# that you return is up to you.
#
# <details><summary>Hint 1</summary>
#
# Print `kind` of a rate before and after your step. Which of the three kinds does arithmetic on a leaf
# give?
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# `detach()` gives a constant with the same numbers, `requires_grad_()` makes a leaf of a constant. Both
# may be needed, also before the first step: the rates that were given stay out of your graph.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "learn_rates", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learn_rates(loss_of, rates, meta_rate, steps):
    """Gradient descent on the rates.

    loss_of: takes a dict of rates, returns a tensor without dimensions. rates: where to begin, a
    dict of tensors without dimensions, of any kind. meta_rate: a number, not below 0. Returns a new
    dict of trainable leaves.
    """
    ### BEGIN SOLUTION
    rates = {name: rate.detach().requires_grad_() for name, rate in rates.items()}
    for _ in range(steps):
        gradients = torch.autograd.grad(loss_of(rates), list(rates.values()))
        moved = {n: r - meta_rate * g for (n, r), g in zip(rates.items(), gradients)}
        rates = {name: rate.detach().requires_grad_() for name, rate in moved.items()}
    return rates
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_learn_rates", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("learn_rates")

# %% [markdown]
# ## 7. Test it yourself (2 points)
#
# Slopes are easy to get wrong and hard to see through: the numbers look like numbers. So test them. Write a
# function that is given a loss of some rates and a function that claims to give its slopes, and says whether
# the claim is true at these rates. No autograd is needed (though what you are given may use it, as `loss_after`
# does), and none could be trusted: what you are given may carry a graph, and may cut it anywhere. A *finite
# difference* needs values alone:
#
# $$ \frac{\partial L}{\partial \alpha_p} \approx
#    \frac{L(\dots, \alpha_p + h, \dots) - L(\dots, \alpha_p - h, \dots)}{2 h} . $$
#
# Everything is in float64. Losses are smooth: with $h = 0.001$ this difference is off by less than a thousandth
# of the largest slope. (One to one side may be far off: a loss may bend strongly.) Losses may be around a
# million or a millionth, and up to 100,000 times as large as their largest slope, which may be as small as
# 1e-11. There may be one rate or dozens. Rates lie between -2 and 2 and may be 0, and so may some slopes, though never all. Right slopes are
# right to nine digits. Wrong ones are off by more than 6 % of the largest true slope, in one of them at least,
# or one of them at least is NaN or inf.
#
# Both functions take rates of any kind: constants, leaves or results. They change nothing that they are given,
# and what they return is yours. One tensor may stand for several names; each name has a slope of its own all the
# same. Slopes are tensors, in a dict that may have another order.
#
# Your function is tried on right and wrong slopes that you do not see. It must neither accept a wrong one nor
# accuse a right one.
#
# <details><summary>Hint 1</summary>
#
# Move one rate at a time, in a new dict, and leave the others where they are.
#
# </details>
# <details><summary>Hint 2</summary>
#
# How large may `h` be? Too large, and the loss is not straight. Too small, and the difference of two numbers
# that are nearly equal loses its digits: float64 has 16 of them.
#
# </details>
# <details><summary>Hint 3</summary>
#
# By what do you measure an error where the true slope is 0? And what do your comparisons say of NaN?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "slopes_are_right", "locked": false, "schema_version": 3, "solution": true, "task": false}
def slopes_are_right(loss_of, slopes_of, rates):
    """Whether a function gives the slopes of a loss at some rates: True or False.

    loss_of: takes a dict of rates, returns a tensor without dimensions. slopes_of: takes the same,
    returns a dict with a slope for each name, also without dimensions. rates: a dict of tensors
    without dimensions, float64, of any kind. The verdict may be a tensor that holds it.
    """
    ### BEGIN SOLUTION
    h, claimed = 1e-5, slopes_of(rates)

    def difference(name):
        above, below = (loss_of(rates | {name: rates[name] + step}) for step in (h, -h))
        return (above - below) / (2 * h)

    slopes = torch.stack([difference(name) for name in rates])
    off = torch.stack([claimed[name] for name in rates]) - slopes
    return bool(off.abs().max() < 0.01 * slopes.abs().max())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_slopes_are_right", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("slopes_are_right")

# %% [markdown]
# With questions 4 and 6 together you can train a network's training. Once both are solved, this cell
# shows the loss after five steps, before and after its rates were learned.


# %%
def demo():
    torch.manual_seed(1)
    network = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    x = torch.randn(64, 3)
    y = x.prod(1, keepdim=True)
    rates = {name: torch.tensor(0.1) for name, _ in network.named_parameters()}

    def loss_of(rates):
        return loss_after(network, x, y, rates, steps=5)

    learned = learn_rates(loss_of, rates, meta_rate=0.03, steps=100)
    print(f"loss after 5 steps: {loss_of(rates).item():.3f} with all rates 0.1")
    print(f"                    {loss_of(learned).item():.3f} with learned rates:")
    for name, rate in learned.items():
        print(f"    {name:10} {rate.item():.3f}")


try:
    demo()
except NotImplementedError:
    print("questions 4 and 6 come first")
except Exception:
    print("what do the checks of questions 4 and 6 say?")
    raise

# %% [markdown]
# Five steps are few. What becomes of the slope after fifty? The next cell draws, for one rate that all
# parameters share, the loss after fifty steps, its slope through all of them, and a *truncated* slope: it takes
# 45 steps without a graph and asks your `loss_after` about the last five. Where training is calm, both point the
# same way. From some rate on the full slope changes its sign from one rate to the next, and is large whenever it
# does: it is right, and of no use to anybody who wants to descend. Chapter 3 comes back to this.


# %%
def ragged(steps=50, last=5):
    torch.manual_seed(1)
    network = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
    x = torch.randn(64, 3)
    y = x.prod(1, keepdim=True)

    def loss_and_slope(module, rate, steps):
        rate = torch.tensor(rate, requires_grad=True)
        loss = loss_after(module, x, y, {n: rate for n, _ in network.named_parameters()}, steps)
        return loss.item(), torch.autograd.grad(loss, rate)[0].item()

    def trained(rate):
        module = copy.deepcopy(network)
        optimizer = torch.optim.SGD(module.parameters(), lr=rate)
        for _ in range(steps - last):
            optimizer.zero_grad()
            F.mse_loss(module(x), y).backward()
            optimizer.step()
        return module

    grid = torch.linspace(0.05, 0.5, 31).tolist()
    losses, full = zip(*(loss_and_slope(network, rate, steps) for rate in grid))
    truncated = [loss_and_slope(trained(rate), rate, last)[1] for rate in grid]
    _, (above, below) = plt.subplots(2, sharex=True, figsize=(7, 5))
    above.plot(grid, losses)
    above.set(ylabel=f"loss after {steps} steps", yscale="log")
    below.plot(grid, full, label=f"through all {steps} steps")
    below.plot(grid, truncated, label=f"through the last {last}")
    below.set_yscale("symlog", linthresh=1)
    below.set(xlabel="rate", ylabel="slope of the loss in the rate")
    below.legend()
    plt.show()


try:
    ragged()
except NotImplementedError:
    print("question 4 comes first")
except Exception:
    print("what does the check of question 4 say?")
    raise

# %% [markdown]
# ## 8. In your own words (3 points)
#
# A friend wants to learn the rate of a hand-written training loop:
#
# ```python
# rate = torch.tensor(0.1, requires_grad=True)
# for _ in range(5):
#     layer.weight.grad = None
#     F.mse_loss(layer(x), y).backward()
#     layer.weight.data = layer.weight.data - rate * layer.weight.grad
# F.mse_loss(layer(x), y).backward()
# print(rate.grad)
# ```
#
# There is no error, and what it prints is `None`. Explain in five to ten sentences what happened, why
# PyTorch could not warn, and what to change so that `rate.grad` is a slope. Say which slope it is then.

# %% [markdown] nbgrader={"grade": true, "grade_id": "in_words", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **Model answer.** The right-hand side computes with `.data`, which is the weight without its graph.
# It does depend on `rate`, so the new value does have a graph back to it. But assigning to `.data` puts
# only the numbers of that value into the parameter; the parameter is the same leaf as before, and a
# leaf has no history. So the loss is computed from a tensor that begins a graph of its own, and no path
# leads from it to `rate`. Backward visits only what the loss was computed from; a tensor that it never
# meets keeps `grad = None`. This is not an error, since not every tensor needs to influence a loss, and
# `.data` exists to change numbers behind autograd's back. The step has to make a new tensor,
# `weight - rate * gradient`, and the next forward pass has to use that tensor: through
# `functional_call`, or by putting it in the parameter's place. The gradient should come from
# `autograd.grad`: with `create_graph=True` the slope is the full one, without it the first-order one.
#
# **Rubric.** One point: assigning to `.data` copies numbers, the parameter stays a leaf without history.
# One point: no path from the loss to `rate`, therefore `None`; there is no error because an unused
# tensor is legal. One point: a change that works, that is a new tensor out of place *and* a forward
# pass that uses it, and the right name for the slope that it gives.
