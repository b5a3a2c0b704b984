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
# # Exercise 4: beat the best baseline
#
# Can a small network, trained for half a minute, minimise functions faster than an optimizer that
# people have refined for decades? In this exercise you find out, on the paper's quadratic functions.
# Most of the work is in asking the question fairly: you draw the functions, write the rivals by hand,
# count their losses so that no single run decides the result, and tune them on functions that the
# result is not reported on. Then you train an optimizer of your own. It is examined on functions that
# this notebook never sees.
#
# Read chapter 4 of the book first. Plan about 110 minutes. One cell trains for up to 45 seconds; all
# others run in a second or two on any laptop. There are 20 points: 17 in questions that are checked
# automatically, 3 in one that a person reads. Each question stands alone: if one does not work out, go
# on with the next. Where a question needs the answer to another, the check brings its own.
#
# Three times you are asked to *predict* what will come out, before you see it. Write your guess in place of the
# dots. A wrong guess costs nothing.
#
# Write your code where it says `YOUR CODE HERE` and delete the line that raises. The check below
# each answer says what it found and why. Run it as often as you like.
#
# Two rules hold for all functions here. First, what they are given is afterwards as it was. That goes
# for tensors and their `.grad`, for lists and dicts, for the state of an optimizer, and for torch's
# settings. Only a generator may move on, and `meta_step` may train the optimizer, because that is what
# they are for. Second, what they give depends on what they are given, and on nothing else: not on an
# earlier call, not on the memory (a tensor may be a transposed view), and not on `torch.no_grad()` around
# them, except where something is trained. From constants they make constants. Numbers are right to four
# digits in float32 and to nine in float64, or to seven near a minimum, where nearly equal numbers are subtracted.
# torch's default dtype is float32 everywhere but in `sample`.

# %%
# In Colab, install the course first: %pip install git+ADDRESS, with this repository's address.
import copy
import math
import time

import matplotlib.pyplot as plt
import torch
from torch import nn
from tqdm import tqdm

from l2l_ref.checks.quadratics import check, predict

torch.set_num_threads(1)  # tensors are small here; several threads would wait for each other

# %% [markdown]
# ## 1. The functions (2 points)
#
# A function of the family is
#
# $$ f(\theta) = \lVert W\theta - y \rVert^2 , $$
#
# where all entries of $W$ and $y$ are independent and have the standard normal distribution. We work
# with many functions side by side: `W` has the shape `(functions, size, size)`, `y` and `theta` have
# `(functions, size)`, and each function has its own row of `theta`.
#
# First draw some. Which functions come out must depend on the generator's state and on nothing else:
# two generators in the same state give the same functions, in another process too, one generator asked twice
# gives other ones, and no global generator is used or moved, be it torch's, numpy's or Python's. Only so can two
# optimizers be compared on the same functions. The numbers have torch's default dtype. They are constants that can be
# part of a graph later, as those made in `torch.inference_mode()` cannot.


# %% nbgrader={"grade": false, "grade_id": "sample", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample(functions, generator, size=10):
    """Draw some functions of ``size`` coordinates.

    generator: a torch.Generator. Returns W (functions, size, size) and y (functions, size).
    """
    ### BEGIN SOLUTION
    W = torch.randn(functions, size, size, generator=generator)
    y = torch.randn(functions, size, generator=generator)
    return W, y
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_sample", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("sample")

# %% [markdown]
# Now their values and gradients, each function at its own row of `theta`. By hand or with autograd, as you
# like. Both must come back as constants that can be part of a graph later, like `W` and `y` of `sample`, even
# if `W`, `y` or `theta` require a gradient. `theta` must not become trainable on the way. A matrix `W` may also
# have more rows than columns, or fewer.
#
# <details><summary>Hint 1</summary>
#
# `W @ theta` does not do it: torch reads `theta` as one matrix there, and if there happen to be as many
# functions as coordinates, you get numbers without an error. `theta[:, :, None]` is a column for each
# function. `W.mT` transposes the last two dimensions.
#
# </details>
# <details><summary>Hint 2</summary>
#
# With autograd: the sum of all values has, in row $k$ of `theta`, the gradient of function $k$. Their
# mean has not. `torch.enable_grad()` undoes a `no_grad()` around it.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "losses_and_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def losses_and_gradients(W, y, theta):
    """The value and the gradient of each function at its row of theta.

    Returns the losses (functions,) and the gradients, of the shape of theta.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        residual = (W @ theta[:, :, None])[:, :, 0] - y
        gradients = 2 * (W.mT @ residual[:, :, None])[:, :, 0]
    return residual.square().sum(1), gradients
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_losses_and_gradients", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("losses_and_gradients")

# %% [markdown]
# ## 2. The rivals (4.5 points)
#
# In this notebook every update rule has the same form, whether it was designed or learned:
#
# ```
# update, state = rule(gradient, state)          # theta becomes theta + update
# ```
#
# `gradient` is a tensor of any shape, and `update` has the same. `state` is whatever the rule wants to
# remember, the gradient itself if it likes; it is `None` at the first step. A rule must not write into a
# state it is given, nor into what it has returned, because somebody may go back to it. The rate may be another
# one at each step.
# Gradient descent is the smallest example, with a state that is never used:


# %%
def sgd(gradient, state, rate):
    """Gradient descent."""
    return -rate * gradient, state


# %% [markdown]
# Write three more. As in the paper, $\nabla_t$ is the gradient and $g_t$ the update. Your updates must equal
# those of `torch.optim` with its default settings (in `momentum` with `momentum=0.9`). The details differ
# between the papers and torch; what follows is torch's way. No finite gradient is so large that its square is
# infinite.
#
# **Momentum** sums the gradients up in a buffer, which starts as the first gradient:
#
# $$ b_1 = \nabla_1 , \qquad b_t = 0.9\, b_{t-1} + \nabla_t , \qquad g_t = -\text{rate} \cdot b_t . $$
#
# **Nesterov's accelerated gradient** (NAG) keeps the same buffer and looks one step ahead in it:
#
# $$ g_t = -\text{rate} \cdot (\nabla_t + 0.9\, b_t) . $$
#
# Each run is one of the two from beginning to end, and what you remember of it is your decision.


# %% nbgrader={"grade": false, "grade_id": "momentum", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum(gradient, state, rate, nesterov=False):
    """torch.optim.SGD with momentum=0.9, and NAG if nesterov is true. Returns update and state."""
    ### BEGIN SOLUTION
    buffer = gradient if state is None else 0.9 * state + gradient
    direction = gradient + 0.9 * buffer if nesterov else buffer
    return -rate * direction, buffer
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_momentum", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("momentum")

# %% [markdown]
# **RMSprop** divides each gradient by the root of a running mean of its square, which starts at zero:
#
# $$ v_0 = 0 , \qquad v_t = 0.99\, v_{t-1} + 0.01\, \nabla_t^2 , \qquad
#    g_t = -\text{rate} \cdot \frac{\nabla_t}{\sqrt{v_t} + 10^{-8}} . $$


# %% nbgrader={"grade": false, "grade_id": "rmsprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rmsprop(gradient, state, rate):
    """torch.optim.RMSprop. Returns update and state."""
    ### BEGIN SOLUTION
    square = 0.01 * gradient**2 if state is None else 0.99 * state + 0.01 * gradient**2
    return -rate * gradient / (square.sqrt() + 1e-8), square
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_rmsprop", "locked": true, "points": 0.5, "schema_version": 3, "solution": false, "task": false}
check("rmsprop")

# %% [markdown]
# **Predict.** Adam has the rate 0.1, and its very first gradient is 0.000001. How large is its first update?
# (A number, without the sign.)

# %%
predict("first_update", ...)

# %% [markdown]
# **Adam** has a running mean of the gradient and one of its square. Both start at zero, so they are too
# small at first, and Adam divides that out. The first step is number $t = 1$:
#
# $$ u_t = 0.9\, u_{t-1} + 0.1\, \nabla_t , \qquad v_t = 0.999\, v_{t-1} + 0.001\, \nabla_t^2 , $$
#
# $$ \hat u_t = \frac{u_t}{1 - 0.9^t} , \qquad \hat v_t = \frac{v_t}{1 - 0.999^t} , \qquad
#    g_t = -\text{rate} \cdot \frac{\hat u_t}{\sqrt{\hat v_t} + 10^{-8}} . $$
#
# <details><summary>Hint 1</summary>
#
# What has to be known at the next step? Three things. A tuple of them cannot be changed by accident.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Remember $u_t$ and $v_t$, and not $\hat u_t$ and $\hat v_t$: the correction is for the update alone.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "adam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def adam(gradient, state, rate):
    """torch.optim.Adam. Returns update and state."""
    ### BEGIN SOLUTION
    mean, square, t = state or (0, 0, 0)
    mean, square, t = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2, t + 1
    root = (square / (1 - 0.999**t)).sqrt()
    return -rate * mean / (1 - 0.9**t) / (root + 1e-8), (mean, square, t)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_adam", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("adam")

# %% [markdown]
# **Test it yourself (2 points).** Many update rules call themselves Adam. Write a function that is given a rule
# of the form above and says whether it is torch's Adam with its default settings. Do not compare code: run the
# rule beside `torch.optim.Adam` on gradients and rates of your choice, and compare the updates.
#
# The rules that your function is tried on treat each coordinate alone and take gradients in float64, of any
# shape. A rule may be a function, or an object that remembers in itself and begins anew where the state is `None`:
# take each step once, and finish a run before the next. Adam's updates are right to nine digits of
# their own size. A rule that is not Adam has updates that are NaN or off by more than 1 % of their own size, but
# perhaps only where gradients are as tiny as $10^{-9}$, where they become smaller from step to step, where the rate
# falls, where it rises, after a dozen steps, or in a second run of the same rule on gradients of the same shape:
# that begins with the state `None` as the first one did, but with a $u$, a $v$ or a $t$ that the first one has left.
# Your function must neither accept one of these nor accuse Adam. It may draw from torch's global generator.
#
# <details><summary>Hint 1</summary>
#
# An optimizer of torch wants a tensor that it may move, with something in its `.grad`. What it has done to a
# tensor of zeros is the update. Its rate is `optimizer.param_groups[0]["lr"]`.
#
# </details>
# <details><summary>Hint 2</summary>
#
# One long run can show nearly all mistakes of a first run: from which gradients to which, and at which rates?
# Then take a second run of the same shape, and begin it with gradients as small as the last ones of the first.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Compare each update with its own size, since those of tiny gradients are small:
# `torch.allclose(a, b, rtol=..., atol=0)` does so, and it is false where one of them is NaN.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "is_adam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def is_adam(rule):
    """Whether an update rule is torch's Adam with its default settings: True or False.

    rule: called as update, state = rule(gradient, state, rate); the state is None at a run's first step.
    """
    ### BEGIN SOLUTION
    gradients = torch.logspace(2, -9, 40, dtype=torch.float64)

    def agrees(gradients):
        theta, state = torch.zeros((), dtype=torch.float64), None
        adam_of_torch = torch.optim.Adam([theta])
        for step, gradient in enumerate(gradients):
            rate = 1 + step % 3
            update, state = rule(gradient, state, rate)  # in a hint
            theta.zero_()
            theta.grad = gradient.clone()
            adam_of_torch.param_groups[0]["lr"] = rate
            adam_of_torch.step()
            if not torch.allclose(update, theta, rtol=1e-5, atol=0):
                return False
        return True

    return agrees(gradients) and agrees(gradients.flip(0))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_is_adam", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("is_adam")

# %% [markdown]
# **Predict.** The function $50\,\theta^2$ has the gradient $100\,\theta$. Which of these long runs end farther from
# the minimum than they began: `"gradient descent, 0.01"`, `"gradient descent, 0.03"`, `"momentum, 0.03"`,
# `"momentum, 0.05"`? (Each with its rate. Give a list.) On paper, three steps of each from $\theta = 1$ tell.

# %%
predict("grows", ...)

# %% [markdown]
# ## 3. What a run costs (1.5 points)
#
# A run takes `steps` updates and is judged by the losses *before* each of them, at $\theta_0$ to
# $\theta_{\text{steps}-1}$. Write it for a rule of the form above and for functions `f`, which give at
# `f(theta)` what question 1 returns: the losses `(functions,)` and the gradients, of the shape of `theta`.
# Ask `f` once at each $\theta_t$, even if a loss is infinite. Whether you still ask the rule for the last update is
# up to you. `f` may find the gradients by hand or with autograd. `f` and the rule may keep every tensor that they
# are given or give, and none of these may be written into.


# %% nbgrader={"grade": false, "grade_id": "minimize", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minimize(rule, f, theta, steps):
    """Run a rule on some functions, all side by side.

    rule: called with gradients and state. f: gives losses and gradients at theta. theta: where the
    run starts. steps: from 1 to 500. Returns the losses before each update, (steps, functions).
    """
    ### BEGIN SOLUTION
    state, losses = None, []
    for _ in range(steps):
        loss, gradients = f(theta)
        losses.append(loss)
        update, state = rule(gradients, state)
        theta = theta + update
    return torch.stack(losses)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_minimize", "locked": true, "points": 0.5, "schema_version": 3, "solution": false, "task": false}
check("minimize")

# %% [markdown]
# Some runs diverge: the loss grows from step to step, up to infinity, and `inf - inf` makes it NaN. One
# such run in ten thousand gives every mean an infinite value, and a mean of which you leave out the bad
# runs praises the optimizer that has most of them. So each loss counts at most **ten times the first loss
# of its own function**. A loss that is infinite or NaN counts as just that much. Then add up.
#
# <details><summary>Hint 1</summary>
#
# `torch.minimum` and `clamp` hand NaN on. What should NaN be, so that the cap can deal with it?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.nan_to_num` puts something else in NaN's place. Look up what it does with infinity if you do not say.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "capped_sums", "locked": false, "schema_version": 3, "solution": true, "task": false}
def capped_sums(losses):
    """The sum of each function's losses, each loss capped at ten times the function's first.

    losses: (steps, functions), none negative, the first row finite. Returns (functions,).
    """
    ### BEGIN SOLUTION
    known = torch.where(losses.isnan(), math.inf, losses)
    return known.minimum(10 * losses[0]).sum(0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_capped_sums", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("capped_sums")

# %% [markdown]
# Once questions 1 to 3 are solved, this cell shows what the cap is for: momentum on ten thousand functions,
# with three rates.


# %%
def divergence(steps=100, count=10_000):
    W, y = sample(count, torch.Generator().manual_seed(1))

    def f(theta):
        return losses_and_gradients(W, y, theta)

    print("momentum     plain mean   mean with cap   runs that met the cap")
    for rate in (0.01, 0.03, 0.05):
        losses = minimize(
            lambda nabla, s, rate=rate: momentum(nabla, s, rate), f, torch.zeros_like(y), steps
        )
        met = (~(losses <= 10 * losses[0])).any(0).sum()
        mean, capped = losses.sum(0).mean(), capped_sums(losses).mean()
        print(f"rate {rate:4} {mean:14.4g} {capped:15.1f} {met:12}")


try:
    divergence()
except NotImplementedError:
    print("questions 1 to 3 come first")
except Exception:
    print("what do the checks of questions 1 to 3 say?")
    raise

# %% [markdown]
# **Predict.** You want to report the mean of gradient descent's capped sums at the rate 0.01, with a 95 % interval
# of one percent of the mean to each side. On how many functions must you run it?

# %%
predict("functions_needed", ...)

# %% [markdown]
# ## 4. A fair search (2 points)
#
# Each rival gets the learning rate that suits it best: the one with the lowest mean of capped sums. If it
# is found on the same functions that the result is reported on, the result flatters. Among many rates one
# is lucky on these very functions, and the luck goes into the number. So there are two sets of functions.
# All rates are tried on the first one, the *search set*. The *report set* is opened once for each rival, at
# the rate that was chosen.
#
# You are given `sums(name, rate, functions)`, which runs the rule `name` with a rate and returns the capped
# sums, one for each of the functions whose numbers are in the list `functions`. It keeps a record of what it
# was asked. Ask for each set as a whole. Return, for each name, the chosen rate, as it stands in
# `rates`, and the mean of the capped sums on the report set. Of two rates with the same mean either may be
# chosen. The two lists may have functions in common; that is the caller's affair.


# %% nbgrader={"grade": false, "grade_id": "compare", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compare(sums, names, rates, search, report):
    """Tune each rule on one set of functions and report it on another.

    sums: returns the capped sums of a rule, with a rate, on a list of functions. names: of the rules.
    rates: to choose from. search, report: lists of the functions' numbers.
    Returns a dict with a pair for each name: the rate, and the mean on the report set.
    """
    ### BEGIN SOLUTION
    found = {}
    for name in names:
        cost = {rate: sums(name, rate, search).mean() for rate in rates}
        best = min(cost, key=cost.get)
        found[name] = best, float(sums(name, best, report).mean())
    return found
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_compare", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("compare")

# %% [markdown]
# Here is the search with everything you have written, over a short list of rates. NAG should win, with a mean
# near 100.


# %%
RATES = (0.3, 0.1, 0.03, 0.01, 0.003)


def rivals(count=1000):
    """The rivals' rates and their means, found on one set and reported on another."""
    W, y = sample(2 * count, torch.Generator().manual_seed(2))
    rules = {
        "SGD": sgd,
        "momentum": momentum,
        "NAG": lambda nabla, s, rate: momentum(nabla, s, rate, nesterov=True),
        "RMSprop": rmsprop,
        "Adam": adam,
    }

    def sums(name, rate, functions):
        def f(theta):
            return losses_and_gradients(W[functions], y[functions], theta)

        start = torch.zeros(len(functions), 10)
        return capped_sums(minimize(lambda nabla, s: rules[name](nabla, s, rate), f, start, 100))

    return compare(sums, list(rules), RATES, list(range(count)), list(range(count, 2 * count)))


try:
    for name, (rate, mean) in rivals().items():
        print(f"{name:9} rate {rate:5}   mean {mean:6.1f}")
except NotImplementedError:
    print("questions 1 to 4 come first")
except Exception:
    print("what do the checks of questions 1 to 4 say?")
    raise

# %% [markdown]
# ## 5. One meta-step on a batch (3 points)
#
# In exercise 3 you trained the optimizer on one function. One function's meta-gradient is a poor guide,
# since the next function may ask for the opposite. So we take many functions side by side. All their
# coordinates go through the optimizer in one long row, function after function, and the meta-loss is the
# sum over the window of the **mean over the functions** $f_1, \dots, f_B$:
#
# $$ \mathcal{L}(\phi) = \sum_{t=1}^{U} \frac{1}{B} \sum_{k=1}^{B} f_k(\theta_t) . $$
#
# The optimizer itself must not notice how many functions there are. What it sees of a function is that
# function's own gradient, whatever $B$ is.
#
# `f(theta)` gives the losses `(functions,)` and the gradients `(functions, size)` as constants: you cannot
# look into the functions, but the surrogate of exercise 3 still works. With constant gradients $\nabla_{k,t}$ of
# $f_k$ at $\theta_t$, the meta-gradient is that of
#
# $$ \sum_{t=1}^{U} \frac{1}{B} \sum_{k=1}^{B} \langle \nabla_{k,t} ,\, \theta_{k,t}(\phi) \rangle . $$
#
# A single steep function can make the meta-gradient a hundred times as long as it is on other days. It is
# therefore **clipped**: if the norm of the whole meta-gradient, over all weights together, exceeds `clip`, the
# meta-gradient is shortened to that norm. Its direction stays. Then the meta-optimizer takes its step. A
# frozen weight has no part in this and stays as it is. For that, clear all old gradients to `None` first, those of
# frozen weights too: some meta-optimizers move a weight whose gradient is zero. A weight that two parts of the
# optimizer share is one weight. `clip` may be infinite.
#
# Take one window of `length` updates, and one step of `meta_optimizer`, which holds all weights of the optimizer,
# frozen ones too.
# `optimizer(gradients, state)` takes a vector, one entry for each coordinate of each function, and a state
# with a pair `(h, c)` for each cell. Return the value of the meta-loss, and theta and state after the window,
# all as constants. This check runs in float64.
#
# <details><summary>Hint 1</summary>
#
# `flatten()` and `view_as(theta)` undo each other.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `nn.utils.clip_grad_norm_` does the clipping. When has it to be called, and with what? (It divides by the norm
# plus a millionth. That is near enough here: a clipped meta-gradient is judged to five digits.)
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "meta_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def meta_step(optimizer, meta_optimizer, f, theta, state, length, clip):
    """Take one window on a batch of functions and train the optimizer on it.

    meta_optimizer: holds all weights of the optimizer. f: returns losses and gradients at theta, constants.
    theta (functions, size), state: where the window begins, constants. length: the number of updates.
    clip: the largest norm of the meta-gradient.
    Returns the value of the meta-loss, and theta and state after the window, without a graph.
    """
    ### BEGIN SOLUTION
    gradients, total, surrogate = f(theta)[1], 0, 0
    for _ in range(length):
        updates, state = optimizer(gradients.flatten(), state)
        theta = theta + updates.view_as(theta)
        losses, gradients = f(theta)
        total = total + losses.mean()
        surrogate = surrogate + (gradients * theta).sum() / len(theta)
    meta_optimizer.zero_grad()
    surrogate.backward()
    nn.utils.clip_grad_norm_(optimizer.parameters(), clip)
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_meta_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("meta_step")

# %% [markdown]
# ## 6. An optimizer of your own (3 points)
#
# Now design one. Write a module whose `forward` is an update rule of the form of question 2: a vector of
# gradients and a state come in, which is `None` at the first step; updates and the new state go out. It sees
# nothing but gradients. What it remembers, how many cells it has and how it scales its output is your
# decision. The state may be made of tensors in lists, tuples and dicts, and it must keep its graph, because
# the training below goes back through it.
#
# A good start is the optimizer of exercise 3 with a single LSTM cell of 20 units and its output times 0.1. It
# is enough for all points, and it trains within half a minute. With two cells a step takes more than twice as
# long, and the training needs more steps.


# %% nbgrader={"grade": false, "grade_id": "my_optimizer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MyOptimizer(nn.Module):
    """An update rule with weights."""

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.cell = nn.LSTMCell(1, 20)
        self.output = nn.Linear(20, 1)
        ### END SOLUTION

    def forward(self, gradients, state):
        """gradients: (n,). state: None, or what was returned before. Returns updates (n,) and state."""
        ### BEGIN SOLUTION
        h, c = self.cell(gradients[:, None], state)
        return 0.1 * self.output(h)[:, 0], (h, c)
        ### END SOLUTION


# %% [markdown]
# This is the training. It differs from your meta-step only in how it gets the meta-gradient: it keeps the
# graph of the functions and lets autograd go through all of it, as in question 4 of exercise 3. Every tenth
# run it measures the optimizer on functions that are used for nothing else, and at the end it hands back the
# best of all measured ones, which need not be the last. Training is touchy: watch the bar. On the functions that
# it measures on, NAG at its best rate has 96.0.


# %%
def detached(state):
    """A state without its graph, whatever it is made of."""
    if isinstance(state, torch.Tensor):
        return state.detach()
    if isinstance(state, dict):
        return {name: detached(part) for name, part in state.items()}
    if isinstance(state, (list, tuple)):
        return type(state)([detached(part) for part in state])
    return state


def quadratics(functions, generator):
    normal = torch.randn(functions, 10, 11, generator=generator)
    return normal[..., :10], normal[..., 10]


def values_at(W, y, theta):
    return (W @ theta.unsqueeze(-1)).squeeze(-1).sub(y).square().sum(-1)


def one_step(network, W, y, theta, values, state):
    """The next theta, its values and the state, with the network's graph."""
    (slopes,) = torch.autograd.grad(values.sum(), theta, retain_graph=True)
    change, state = network(slopes.reshape(-1), state)
    theta = theta + change.reshape(theta.shape)
    return theta, values_at(W, y, theta), state


def train_on(network, adam_of_weights, W, y, clip=1.0, steps=100, window=20):
    """One run on a batch of functions, with a meta-step after each window."""
    theta, state = torch.zeros_like(y), None
    for _ in range(steps // window):
        theta, state = theta.detach().requires_grad_(), detached(state)
        values, means = values_at(W, y, theta), []
        for _ in range(window):
            theta, values, state = one_step(network, W, y, theta, values, state)
            means.append(values.mean())
        adam_of_weights.zero_grad()
        torch.stack(means).sum().backward()
        nn.utils.clip_grad_norm_(network.parameters(), max_norm=clip)
        adam_of_weights.step()


def validated(network, W, y, steps=100):
    """The mean of capped sums."""
    theta, state, sums = torch.zeros_like(y).requires_grad_(), None, 0.0
    values = first = values_at(W, y, theta)
    for _step in range(steps):
        sums = sums + torch.fmin(values, 10 * first).detach()  # fmin prefers a number to NaN
        theta, values, state = one_step(network, W, y, theta, values, state)
        theta, state = theta.detach().requires_grad_(), detached(state)
        values = values_at(W, y, theta)
    return float(sums.mean())


def keep_the_best(network, runs=120, functions=64, rate=0.01, seconds=45, seed=0):
    """Train a network and return it with the weights of its best validation."""
    draws = torch.Generator().manual_seed(seed)
    held_out = quadratics(500, torch.Generator().manual_seed(123_456))
    adam_of_weights = torch.optim.Adam(network.parameters(), lr=rate)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam_of_weights, runs)
    best, weights, end = math.inf, network.state_dict(), time.perf_counter() + seconds
    for run in (bar := tqdm(range(1, runs + 1), desc="training")):
        train_on(network, adam_of_weights, *quadratics(functions, draws))
        falling.step()
        late = time.perf_counter() > end
        if run % 10 == 0 or late:
            now = validated(network, *held_out)
            if now < best:
                best, weights = now, copy.deepcopy(network.state_dict())
            bar.set_postfix_str(f"validation {now:.1f}, best {best:.1f}")
        if late and run < runs:
            bar.write(f"stopped after {seconds} s, at run {run} of {runs}: give it more seconds")
            break
    network.load_state_dict(weights)
    return network


# %%
torch.manual_seed(0)
try:
    trained = keep_the_best(MyOptimizer())
except NotImplementedError:
    print("MyOptimizer comes first")

# %% [markdown]
# `learned` is what gets examined: a rule like those of question 2, which uses `trained` and keeps no
# graph. The check draws 1,000 fresh functions and takes 100 steps on them. Your rule sees their gradients and
# nothing else: the functions stay with the check, and all 10,000 coordinates come in a random order. On the
# same functions the check runs the five rivals at their best rates from the paper's grid. Two points are for a
# mean of at most 0.85 times the best rival's. One more is for at most 0.8 times, if the rule keeps to the form
# of question 2: what it remembers is in the state that it returns, what it is given stays as it was, and nothing
# it returns has a graph.
#
# Both marks are for a rule that is coordinatewise and learned. Coordinatewise: the same gradients get the same
# updates, whoever the neighbours are and however many. Learned: what is good about it is in the weights of
# `trained`, and training has put it there. So the check also gives `trained`, for the length of a race, the
# weights of a new `MyOptimizer()`, which takes no arguments, and then `learned` must be *above* 0.85. The optimizer that ships with
# the course is not yours.
#
# <details><summary>If it misses</summary>
#
# Did the training stop early? A line beside the bar says so; then your machine is slow or busy, and more
# `seconds` help. What was the best validation? If it stayed above 80 in a training that was not stopped, train
# again with another seed, a smaller rate, or more runs. If it was fine, `learned` does something else than the
# training did: is the state handed on, does the rule use `trained`?
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "learned", "locked": false, "schema_version": 3, "solution": true, "task": false}
def learned(gradients, state):
    """One step of your trained optimizer, without a graph.

    gradients: (n,). state: None, or what this function returned before. Returns updates (n,), state.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        return trained(gradients, state)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_learned", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("learned")

# %% [markdown]
# ## 7. What has it learned? (1 point, and 3 in your own words)
#
# A rule that works on one coordinate can be laid bare: feed it gradients of your choice and look at what it
# does. Give it the same gradient again and again, and draw the update against the gradient. Write a function
# that reads three numbers off such a plot, for any rule:
#
# - `slope`: the derivative of the first update in the gradient, at gradient 0;
# - `slope_after_20`: the same for the 20th update, when one gradient is held for 20 steps;
# - `largest`: the largest absolute value of any of the first 100 updates, for gradients between -1000 and 1000,
#   each held for 100 steps. One or two dozen gradients, spread over many sizes, are enough.
#
# The rule takes a vector of gradients in float32 and treats each coordinate alone. Finite differences are meant
# here, not autograd: the updates may have no graph, as those of `learned`, or a part of one. An error of one
# percent is small enough, but do not round. A learned rule need not give exactly zero for a gradient of zero,
# so `update / gradient` is not a slope. Nor can the two gradients of a difference lie anywhere: 1 and -1 are too
# far apart, since the rule may be bent between them, and at 1e-8 and -1e-8 the updates, which are in float32 too,
# may be the same to the last digit.
#
# <details><summary>Hint 1</summary>
#
# All gradients can be held at once, as one vector: each coordinate is a run of its own.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A slope is the difference of two updates over the difference of their gradients, say at $-0.001$ and $0.001$.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "read_off", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_off(rule):
    """Three numbers about an update rule, a dict: slope, slope_after_20, largest.

    rule: called with a vector of gradients and a state, returns the updates and the new state.
    """
    ### BEGIN SOLUTION
    sizes = torch.logspace(-3, 3, 13)
    held = torch.cat([-sizes, sizes])
    state, updates = None, []
    for _ in range(100):
        update, state = rule(held, state)
        updates.append(update)
    updates = torch.stack(updates)
    slopes = (updates[:, 13] - updates[:, 0]) / (held[13] - held[0])
    return {
        "slope": float(slopes[0]),
        "slope_after_20": float(slopes[19]),
        "largest": float(updates.abs().max()),
    }
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_read_off", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("read_off")

# %% [markdown]
# Now look at your own optimizer: on the left the update against a gradient that is held for 1, 5 and 20 steps,
# with NAG at its best rate in grey; on the right the mean loss of both on a thousand fresh functions.


# %%
def held_updates(rule, gradients, steps):
    """The updates of each of the first steps, (steps, n)."""
    past, curve = None, []
    for _step in range(steps):
        change, past = rule(gradients, past)
        curve.append(change)
    return torch.stack(curve)


def look(reach=10.0):
    rules = {"NAG": lambda nabla, s: momentum(nabla, s, 0.01, nesterov=True), "learned": learned}
    _, (left, right) = plt.subplots(ncols=2, figsize=(9, 3.6), layout="constrained")
    gradients = torch.linspace(-reach, reach, 201)
    for (name, rule), color in zip(rules.items(), ("grey", "tab:orange")):
        for steps, dashes in ((1, ":"), (5, "--"), (20, "-")):
            curve = held_updates(rule, gradients, steps)[-1]
            left.plot(gradients, curve, dashes, color=color, label=f"{name}, held for {steps}")
    left.set(xlabel="gradient", ylabel="update", ylim=(-1, 1))
    left.legend(fontsize=8)
    W, y = sample(1000, torch.Generator().manual_seed(3))
    for (name, rule), color in zip(rules.items(), ("grey", "tab:orange")):
        losses = minimize(
            lambda nabla, s, rule=rule: _flat(rule, nabla, s),
            lambda theta: losses_and_gradients(W, y, theta),
            torch.zeros_like(y),
            100,
        )
        right.semilogy(losses.mean(1), color=color, label=name)
        numbers = ", ".join(f"{what} {value:.3g}" for what, value in read_off(rule).items())
        print(f"{name}: sum of losses {capped_sums(losses).mean():.1f}; {numbers}")
    right.set(xlabel="step", ylabel="mean loss")
    right.legend()
    plt.show()


def _flat(rule, gradients, state):
    update, state = rule(gradients.flatten(), state)
    return update.view_as(gradients), state


try:
    look()
except (NotImplementedError, NameError):
    print("questions 1, 2, 3, 6 and 7 come first, and the training")
except Exception:
    print("what do the checks of questions 1, 2, 3, 6 and 7 say?")
    raise

# %% [markdown]
# ### In your own words (3 points)
#
# Describe in five to ten sentences the update rule that your optimizer has learned, with numbers from the plot
# or from `read_off` and compared with NAG. What does it do with a small gradient, with the same gradient again
# and again, and with a very large one? Why does NAG not simply take a rate that makes it as quick for small
# gradients? And what would happen if all the functions of the family were multiplied by 10,000, to NAG with its
# rate searched anew, on a grid that reaches far enough, and to your optimizer as it is?

# %% [markdown] nbgrader={"grade": true, "grade_id": "in_words", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **Model answer.** With the seed of this notebook the numbers are these. To a small gradient the learned rule
# answers in proportion: the first update is about -0.043 times the gradient, where NAG at the rate 0.01 has
# -0.019. To the same small gradient again and again it answers more and more strongly; at the 20th time the
# factor is -0.64. NAG's grows as well, to -0.089, and then hardly any further, since its memory fades by 0.9 in
# each step. So the learned rule is twice as quick at once and seven times as quick in a long valley, where the
# gradient stays small and keeps its sign. A very large gradient makes a difference: the curve of the first
# update bends between 1 and 10 and levels off. After 20 held steps it bends earlier, between 0.1 and 1, and
# even turns back a little beyond 1. No update is larger than 0.33, however large the gradient and however often
# it comes. NAG's update is proportional to the gradient at any size, 19 at once and up to 100 later for a
# gradient of -1000. That is why NAG cannot be as quick. Its rate multiplies all gradients alike, and on a steep
# function the gradients are so large that a rate of 0.0225, which would give the learned rule's slope, makes
# each step overshoot further than the last: more than half of all runs meet the cap. The bounded rule
# overshoots by 0.33 at most. If all functions were multiplied by 10,000, so would be all gradients. NAG with
# the rate 0.000001 would take the very same steps as before. The learned rule has no rate to search; it would
# see gradients that are large nearly everywhere, answer to all of them with updates near its bound, and know
# their signs only. It would jump to and fro around the minimum and not settle (its sum of losses, divided by
# 10,000, is 842 here, where standing still would cost 993). It has learned the scale of its functions along
# with the rest.
#
# **Rubric.** One point: the rule is about linear for small gradients and grows with repetition, with numbers of
# the student's own optimizer beside NAG's (slope and slope after 20). One point: the updates are bounded, with
# the number; NAG's are proportional, so that a rate as large as that diverges on steep functions. One point:
# scaled functions scale the gradients; NAG with a searched rate behaves as before, while the learned rule,
# trained at one scale, is driven into its bound (or, for other networks, out of what it was trained on) and
# does badly. An optimizer of another design may have other properties: judge the reading, not the rule.
