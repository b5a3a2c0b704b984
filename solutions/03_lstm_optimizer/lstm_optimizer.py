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
# # Exercise 3: an optimizer that is a network
#
# The step of an optimizer is computed by a small LSTM, and the LSTM is trained by looking at what
# its steps did to the loss. In this exercise you write all of it: what the LSTM sees, one step for
# many coordinates, a window of steps with its graph, the places where the graph must be cut, and at
# the end one whole meta-step that agrees with the course's reference in ten digits, and a test that
# tells a right meta-gradient from a wrong one. The last cell then trains an optimizer and draws what
# it has learned.
#
# Read chapter 3 of the book first. Plan about 110 minutes; solved, the notebook runs in seconds on
# any laptop. There are 20 points: 17 in seven questions that are checked automatically, 3 in one that
# a person reads. Each question stands alone: if one does not work out, go on with the next. Where a
# question needs the answer to another, the check brings its own.
#
# Three times you are asked to *predict* what will come out, before you see it. Write your guess in place of the
# dots. A wrong guess costs nothing.
#
# Write your code where it says `YOUR CODE HERE` and delete the line that raises. The check below
# each answer says what it found and why. Run it as often as you like.
#
# Two rules hold for all functions here. First, a function of yours changes nothing outside: neither what it is
# given, nor what it has returned before, nor what comes from a function that it calls. That goes for
# tensors, lists and dicts, for every `.grad`, for modes and `requires_grad`, and for torch's own
# settings, its seed among them; random numbers may be drawn. What a function returns may share memory with
# what it was given. Only question 6 may move the weights of the optimizer, because that is what it is for.
# Second, nothing may force float32: what comes in as float64 comes back with all its digits. There are never
# more than 12 cells, 25 updates in a window and 25 windows in a run.

# %%
# In Colab, install the course first: %pip install git+ADDRESS, with this repository's address.
import math

import matplotlib.pyplot as plt
import torch
from torch import nn

from l2l_ref.checks.lstm_optimizer import check, predict

# %% [markdown]
# ## 1. Log and sign (1.5 points)
#
# Gradients differ in size by many powers of ten, and a small network is a poor judge of numbers that
# small. Appendix A of the paper therefore shows it two numbers for each gradient $\nabla$:
#
# $$ \left(\frac{\log|\nabla|}{p},\ \operatorname{sign} \nabla\right) \ \text{ where } |\nabla| \ge e^{-p} ,
#    \qquad (-1,\ e^{p} \nabla) \ \text{ elsewhere.} $$
#
# Write it for gradients of any shape: `(...)` becomes `(..., 2)`, the logarithm first. It must give
# finite numbers for every finite gradient, zero among them. A gradient may be a tensor without
# dimensions, with a single element or with none, or a view of a larger tensor. Nobody will
# differentiate the two numbers: gradients are constants here.
#
# <details><summary>Hint 1</summary>
#
# What does each formula give on the side where it does not hold, at zero for example? Whoever chooses
# between two results has computed both.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.where(condition, a, b)` computes both `a` and `b` everywhere and then chooses.
# `torch.stack(..., dim=-1)` makes a new last dimension.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Both cases meet at $|\nabla| = e^{-p}$. What does the first formula give there, and what does the second?
# Then it can be done with two calls of `clamp` and no `where` at all.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "log_and_sign", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_and_sign(gradient, p=10.0):
    """The two features of each gradient, in a new last dimension.

    gradient: a tensor of any shape (...). p: a positive number, at most 30. Returns a tensor (..., 2).
    """
    ### BEGIN SOLUTION
    threshold = math.exp(-p)
    logarithm = gradient.abs().clamp(min=threshold).log() / p
    sign = (gradient / threshold).clamp(-1, 1)
    return torch.stack([logarithm, sign], dim=-1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_log_and_sign", "locked": true, "points": 1.5, "schema_version": 3, "solution": false, "task": false}
check("log_and_sign")

# %% [markdown]
# **Predict.** With $p = 10$, what is the first of the two numbers for the gradient 0.00001?

# %%
predict("first_number", ...)

# %% [markdown]
# ## 2. One step for every coordinate (2.5 points)
#
# The learned optimizer is a stack of LSTM cells and a linear layer on top. All $n$ coordinates of the
# optimizee share these weights, which the paper calls $\phi$, and each coordinate has a state of its
# own:
#
# $$ (g_t,\ h_{t+1}) = m(\nabla_t,\ h_t,\ \phi) , \qquad \theta_{t+1} = \theta_t + g_t , $$
#
# where $\nabla_t$ is the gradient, $h_t$ the state and $g_t$ the update.
#
# The class below holds the weights. `nn.LSTMCell` takes a batch of inputs `(n, features)` and a pair
# `(h, c)`, both `(n, hidden)`, and returns the new pair. We let the batch be the coordinates: one row
# for each. A *state* is a list with one pair `(h, c)` for each cell. (The course's own optimizer in
# `l2l_ref` does the same with rows and columns exchanged, because that is faster.)


# %%
class Optimizer(nn.Module):
    """The weights of a learned optimizer."""

    def __init__(self, hidden=20, cells=2, scale=0.1):
        super().__init__()
        features = [1] + [hidden] * (cells - 1)
        self.cells = nn.ModuleList(nn.LSTMCell(size, hidden) for size in features)
        self.output = nn.Linear(hidden, 1)
        self.scale = scale

    def initial_state(self, n):
        """Zeros for n coordinates: for each cell a pair (h, c), both (n, hidden)."""
        zeros = self.output.weight.new_zeros(n, self.output.in_features)
        return [(zeros, zeros.clone()) for _ in self.cells]

    def forward(self, gradients, state):
        """Your answer to question 2. In the checks of later questions it is the check's."""
        return step(self, gradients, state)


# %% [markdown]
# The first cell sees one number for each coordinate, the gradient itself (no log-and-sign in this
# question). Each further cell sees the new `h` of the cell below. `output` turns the last cell's new
# `h` into one number for each coordinate, and `optimizer.scale` times that number is the update: no
# minus sign, the network finds out by itself which way is down.
#
# Write the step. It must work for any number of coordinates, of cells and of hidden units, and for any
# gradients, zero and NaN among them; a NaN spoils its own coordinate and no other. A cell may stand at two
# places, and whoever trains may change weights and scale between two calls, freeze weights, or put the
# optimizer into another mode. Keep the graph, to the weights, to the gradients and through the state, in
# every mode: where to cut is decided later. In this check `optimizer` has only `cells`, `output` and `scale`.
#
# <details><summary>Hint 1</summary>
#
# Follow one coordinate: what goes into the first cell, what from there into the second, and what is kept for
# the next step?
#
# </details>
# <details><summary>Hint 2</summary>
#
# To a cell, the coordinates are the examples of a batch. How many features does an example have in the first
# cell, and how many in the others?
#
# </details>
# <details><summary>Hint 3</summary>
#
# `gradients[:, None]` makes a column out of a vector, and `[:, 0]` makes a vector out of a column.
# `squeeze()` does so as well, but it also takes away a dimension of size 1 that you need.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step(optimizer, gradients, state):
    """One step of the learned optimizer.

    gradients: (n,), one or more. state: a list with a pair (h, c) for each of optimizer.cells, all
    (n, hidden).
    Returns the updates (n,) and the new state, a list of the same form.
    """
    ### BEGIN SOLUTION
    x, after = gradients[:, None], []
    for cell, (h, c) in zip(optimizer.cells, state):
        h, c = cell(x, (h, c))
        after.append((h, c))
        x = h
    return optimizer.scale * optimizer.output(x)[:, 0], after
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_step", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("step")

# %% [markdown]
# ## 3. Keeping states apart (2.5 points)
#
# A network has several weights of different shapes, and its optimizer is asked for an update of each.
# Every single entry of every weight is a coordinate with a state of its own, which must find its
# coordinate again at the next step.
#
# Write a step for a dict of gradients. `states` is what your function returned at the step before, or
# `None` at the first one; what is in it is up to you. The names are the same at every step, but they
# need not come in the same order; names that resemble one another are still different names, and any
# word may be one. A gradient may be a view, or without entries. Two networks may be trained in turns, each
# with its own `states`, and the same names may have other shapes there. An old `states` must stay good:
# whoever goes back to it gets the same updates again, or goes on from it with other gradients. The weights may
# change between two steps; a state comes from those of its time.
#
# Call the optimizer as `optimizer(vector, state)`, with a vector of gradients and the state of its
# coordinates, in one call for all names or in several; it returns the updates and the new state. Keep
# their graph, to the gradients too and in every mode. `optimizer.initial_state(n)` is a fresh state,
# zeros of the form of question 2.
#
# <details><summary>Hint 1</summary>
#
# What tells a coordinate's owner at the next step: its place in the dict, its shape, or its name?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `flatten()` and `reshape(shape)` undo each other, for any shape and for views too.
#
# </details>
# <details><summary>Hint 3</summary>
#
# A dict with a state for each name will do. Make a new one in each step: the old one belongs to whoever
# kept it.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "step_all", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_all(optimizer, gradients, states):
    """One step for all tensors of an optimizee.

    gradients: a dict of tensors of any shapes, one or more. states: None, or what a step returned.
    Returns a dict with an update of the same shape for each name, and the new states.
    """
    ### BEGIN SOLUTION
    updates, after = {}, {}
    for name, gradient in gradients.items():
        state = states[name] if states else optimizer.initial_state(gradient.numel())
        update, after[name] = optimizer(gradient.flatten(), state)
        updates[name] = update.view_as(gradient)
    return updates, after
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_step_all", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
check("step_all")

# %% [markdown]
# **Predict.** An LSTM cell whose weights are trainable has made two updates of $\theta$, from constants $\theta_0$,
# $h_0$ and $c_0$. Each gradient went in as a constant. Which of `"theta"`, `"h"`, `"c"` and `"nabla"`, the last
# gradient, have a graph now? Give a list.

# %%
predict("with_a_graph", ...)

# %% [markdown]
# ## 4. The meta-loss of a window (3.5 points)
#
# How good was the optimizer? We let it take $U$ updates on a function $f$ and add up the losses:
#
# $$ L(\phi) = \sum_{t=1}^{U} f(\theta_t) , \qquad
#    \theta_{t+1} = \theta_t + g_t , \qquad
#    (g_t,\ h_{t+1}) = m(\nabla_t,\ h_t,\ \phi) , \qquad \nabla_t = \nabla f(\theta_t) . $$
#
# The sum begins with the loss *after* the first update and ends with the loss after the last one, so
# that every update has a loss to answer for.
#
# The meta-loss must carry a graph back to the optimizer's weights, along the solid edges of the paper's
# figure 2: through every $\theta_t$ and every state. The dashed edges are dropped. That is, the
# gradients $\nabla_t$ go into the optimizer as constants, so that no second derivatives of $f$ are
# needed.
#
# Your function is given $f$ as `loss`, a function of `theta` that returns a tensor without dimensions.
# Its value may be infinite; its gradient is finite, here and in question 6. It is the same function at every
# call, and you may call it as often as you like. It may hold leaves of its own; their `.grad` stays too, and
# whether the graph leads to them is up to you. `theta` and `state` are constants. Return the meta-loss, $\theta_U$ and the state after the last update, as they are, with
# their graph. While the window is running, no backward pass may go back through the optimizer: the way
# to a $\nabla_t$ leads from the loss to $\theta_t$ and ends there.
#
# <details><summary>Hint 1</summary>
#
# `torch.autograd.grad(value, theta)` needs a `theta` that requires a gradient. The first one does not.
# The tensor that was given must not change, though: `detach()` makes a new one.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `autograd.grad` frees the graph that it has gone through. The value still belongs to the meta-loss, and
# so does its graph: look up `retain_graph`. It is not `create_graph`.
#
# </details>
# <details><summary>Hint 3</summary>
#
# With `total = loss(theta)`, a later `total += ...` writes into the tensor that `loss` returned.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "meta_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def meta_loss(optimizer, loss, theta, state, length):
    """The meta-loss of a window, with its graph.

    loss: a function of theta. theta: (n,), where the window begins. state: of the optimizer, there.
    length: the number of updates, at least one. Returns the meta-loss, a tensor without dimensions,
    and theta and state after the window.
    """
    ### BEGIN SOLUTION
    theta = theta.detach().requires_grad_()
    value, total = loss(theta), 0
    for _ in range(length):
        (gradient,) = torch.autograd.grad(value, theta, retain_graph=True)
        update, state = optimizer(gradient, state)
        theta = theta + update
        value = loss(theta)
        total = total + value
    return total, theta, state
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_meta_loss", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
check("meta_loss")

# %% [markdown]
# **Predict.** A run of 100 steps is cut into five windows of 20, and each begins with constants. The meta-gradients
# of all five are added up. The updates of the first window change the losses of all five. In how many of the five
# does the sum take account of that?

# %%
predict("reached", ...)

# %% [markdown]
# ## 5. Where to cut (2 points)
#
# A run of 100 steps is cut into windows of 20. The meta-gradient of a window goes back to the beginning
# of that window and no further; then its graph is given up, so that memory does not grow with the run:
# when a window begins, no graph but that of the window just before it may still be there. (Whoever holds a tensor holds its
# graph, after a backward pass too.) Yet the run goes on: the
# next window begins at the theta and with the state at which the last one ended.
#
# You are given a function for one window, such as your `meta_loss` with everything else fixed:
# `unrolled(theta, state)` returns the meta-loss of the window, and theta and state after it, all with
# their graph, which leads to some weight. Call it once for each window, and return for each of them the gradient of its meta-loss
# in each of some of the optimizer's weights, a list of lists. A weight may stand twice in the list, and
# one that a window does not use gets zeros. (One would train after each window. Here the weights stay as
# they are, and so does every `.grad`, in which something may be already.) Return theta and the state at
# the end as well. Nothing that you return may have a graph behind it. (A tensor that requires a gradient but was
# computed from nothing, a leaf, has none.)
#
# <details><summary>Hint 1</summary>
#
# Which tensors are handed from one window to the next? With two cells there are five.
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.autograd.grad` refuses tensors that were not used, unless you ask it for zeros: look up
# `materialize_grads`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "truncated", "locked": false, "schema_version": 3, "solution": true, "task": false}
def truncated(unrolled, weights, theta, state, windows):
    """The truncated meta-gradients of a run.

    unrolled: runs one window. weights: a list of weights, all trainable. theta, state: where the run
    begins, constants. windows: how many, at least one. Returns a list with one entry for each window,
    which is a list of tensors, one for each of the weights; theta; state; all without a graph.
    """
    ### BEGIN SOLUTION
    gradients = []
    for _ in range(windows):
        total, theta, state = unrolled(theta, state)
        gradients.append(list(torch.autograd.grad(total, weights, materialize_grads=True)))
        theta = theta.detach()
        state = [(h.detach(), c.detach()) for h, c in state]
    return gradients, theta, state
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_truncated", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("truncated")

# %% [markdown]
# ## 6. One whole meta-step (3 points)
#
# In question 4 the graph holds everything that the optimizee computed, for every step of the window. The
# chapter shows that this is not needed. With the gradients as constants, $\theta_t$ depends on $\phi$
# through the updates alone, and the derivative of $f(\theta_t)$ in $\theta_t$ is $\nabla_t$, which the
# optimizer is given anyway. So
#
# $$ \frac{\partial L}{\partial \phi}
#    = \sum_{t=1}^{U} \Big(\frac{\partial \theta_t}{\partial \phi}\Big)^{\!\top} \nabla_t
#    = \frac{\partial S}{\partial \phi} , \qquad
#    S(\phi) = \sum_{t=1}^{U} \langle \nabla_t ,\, \theta_t(\phi) \rangle
#    \quad \text{with constants } \nabla_t . $$
#
# $S$ is the *surrogate*. Its value means nothing; its gradient is the meta-gradient.
#
# Now you cannot look into the optimizee at all, it might live on another machine:
# `optimizee(theta)` returns $f(\theta)$ and $\nabla f(\theta)$ as constants, whether or not `theta` has a
# graph, and under `torch.no_grad()` too. A call is dear, and the next one might draw another minibatch: ask once at each theta. Take one
# window of `length` updates, compute the gradient of its meta-loss (the sum, as in question 4) in every
# weight of the optimizer, and let `meta_optimizer`, any optimizer of `torch.optim` that steps without a
# closure, for these weights in one group or several, take one step along it. Weights that are frozen are
# not among them, and stay; at least one that the window uses is trainable. What was in `.grad` before is no part of
# the step; what you leave in it is up to you. A trainable weight that the window does not use gets `None` or
# zeros: either is right. Return the value of the meta-loss, a number or a tensor without dimensions, and theta
# and state after the window, all without a graph, ready for the next meta-step.
#
# This check runs in float64 and compares ten digits with the reference, which computes the same numbers in
# another way.
#
# <details><summary>Hint 1</summary>
#
# Which gradient belongs to which theta? The one at $\theta_t$ comes *after* the update that leads there.
# It does double duty: as a factor in the surrogate, and as the optimizer's next input.
#
# </details>
# <details><summary>Hint 2</summary>
#
# A step of `torch.optim` has three lines: clear the old gradients, go backward, step.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "meta_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def meta_step(optimizer, meta_optimizer, optimizee, theta, state, length):
    """Take one window and train the optimizer on it.

    meta_optimizer: holds the optimizer's weights. optimizee: returns value and gradient at a theta.
    theta, state: where the window begins, constants. length: the number of updates, at least one.
    Returns the value of the meta-loss, and theta and state after the window, without a graph.
    """
    ### BEGIN SOLUTION
    _, gradient = optimizee(theta)
    total, surrogate = 0, 0
    for _ in range(length):
        update, state = optimizer(gradient, state)
        theta = theta + update
        value, gradient = optimizee(theta)
        total = total + value
        surrogate = surrogate + gradient @ theta
    meta_optimizer.zero_grad()
    surrogate.backward()
    meta_optimizer.step()
    return total, theta.detach(), [(h.detach(), c.detach()) for h, c in state]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_meta_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("meta_step")

# %% [markdown]
# ## 7. Test it yourself (2 points)
#
# A meta-gradient that is a little wrong raises no error. The optimizer trains, only worse. So test it.
# Write a function that is given one window and a vector that claims to be the gradient of its meta-loss in
# $\phi$, and says whether the claim is true. What is meant is the meta-gradient of question 4: the losses
# after the updates are added up, and the gradients $\nabla_t$ count as constants.
#
# The optimizer has the form of the paper here: `rule(nabla, h, phi)` returns the update and the new state,
# and all its weights are in the vector `phi`. `optimizee(theta)` returns $f(\theta)$ and $\nabla f(\theta)$,
# for the same $f$ at every call. `rule` and `optimizee` both return constants, under `torch.no_grad()` too, so autograd cannot
# help you. You may call them as often as you like. A finite difference needs values alone:
#
# $$ \frac{\partial L}{\partial \phi_k} \approx
#    \frac{L(\phi + \varepsilon e_k) - L(\phi - \varepsilon e_k)}{2 \varepsilon} ,
#    \qquad e_k = (0, \dots, 1, \dots, 0) . $$
#
# Think first. If $\phi$ moves, what else moves in a window, and what of that may move here?
#
# Everything is in float64. A window has up to 12 updates, and $\phi$ up to 100 entries. The largest slope, in
# size, is never 0: it may be as small as $10^{-9}$ or as large as $10^5$. The meta-loss is up to $10^5$ times as
# large, and so is the loss at $\theta_0$. But for rounding, a finite difference with $\varepsilon = 0.00001$ is
# right to a hundredth of the largest slope, and with a smaller $\varepsilon$ it is still better. With a larger one
# it may be quite wrong. Entries of $\phi$ are at most 1000 in size. Entries of $\phi$, of a gradient and of the
# meta-gradient may be 0, and `phi` may be a leaf that is being trained. Right meta-gradients are right to nine
# digits of their largest entry. Wrong ones are off by more than 5 % of the largest true entry, in one entry at
# least, or have an entry that is NaN or infinite.
#
# Your function is tried on right and wrong meta-gradients that you do not see. It must neither accept a
# wrong one nor accuse a right one.
#
# <details><summary>Hint 1</summary>
#
# A difference of two whole windows goes along all edges of the paper's figure 2. Which of them does the
# meta-gradient drop?
#
# </details>
# <details><summary>Hint 2</summary>
#
# With another $\phi$ the thetas move, and there the optimizee has other losses and other gradients. The losses
# must follow. The rule must still be fed the gradients that it met with the $\phi$ you were given.
#
# </details>
# <details><summary>Hint 3</summary>
#
# Compare the largest difference with the largest slope: an entry may be 0, and all slopes may be far smaller
# than the absolute tolerance of `torch.allclose`.
#
# </details>


# %% nbgrader={"grade": false, "grade_id": "is_meta_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def is_meta_gradient(claimed, rule, phi, optimizee, theta, state, length):
    """Whether a vector is the gradient of a window's meta-loss in phi: True or False.

    claimed, phi: vectors, equally long. rule: rule(nabla, h, phi) returns the update (n,) and the new h.
    optimizee: returns value and gradient at a theta. theta: (n,), and state: (n, units), where the window
    begins. length: the number of updates, at least one. All tensors are float64.
    """
    ### BEGIN SOLUTION
    nablas, now, h = [], theta, state
    for _ in range(length):
        nablas.append(optimizee(now)[1])
        update, h = rule(nablas[-1], h, phi)
        now = now + update

    def replayed(phi):
        """The meta-loss with the gradients that were met before."""
        total, now, h = 0, theta, state
        for nabla in nablas:
            update, h = rule(nabla, h, phi)
            now = now + update
            total = total + optimizee(now)[0]
        return total

    small = 1e-5
    steps = small * torch.eye(len(phi), dtype=phi.dtype)
    slopes = torch.stack([replayed(phi + e) - replayed(phi - e) for e in steps]) / (2 * small)
    return bool((claimed - slopes).abs().max() < 0.02 * slopes.abs().max())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_is_meta_gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("is_meta_gradient")

# %% [markdown]
# With questions 2 and 6 you can train an optimizer. Once both are solved, this cell does so for a few
# seconds on random quadratic functions $\lVert W\theta - y \rVert^2$ of ten coordinates, sixteen at a time.
# Then it draws two pictures. On the left, your rule meets 500 new functions, beside gradient descent. On the
# right you see what it does: its update to a gradient that it meets for the first time, and to the same gradient
# the twentieth time. Compare it with the picture under "What came out" in the chapter, where a rule that was
# trained much longer, on a network that reads digits, is asked the same. Which habits has yours in common with
# it, and which with gradient descent?


# %%
def quadratics(count):
    """Random quadratic functions side by side: the mean of their values, and each one's gradient."""
    W, y = torch.randn(count, 10, 10), torch.randn(count, 10, 1)

    def optimizee(theta):
        residual = W @ theta.detach().view(count, 10, 1) - y
        return residual.square().sum() / count, (2 * W.mT @ residual).flatten()

    return optimizee


def losses_of(rule, count=500, steps=40):
    """The mean loss at theta_0 to theta_steps, where rule(gradient, state) gives the updates."""
    torch.manual_seed(1)
    optimizee, theta, state, losses = quadratics(count), torch.zeros(10 * count), None, []
    for _ in range(steps + 1):
        loss, gradient = optimizee(theta)
        losses.append(loss.item())
        update, state = rule(gradient, state)
        theta = theta + update
    return losses


def learned(optimizer):
    """What a learned optimizer does, without a graph."""

    @torch.no_grad()
    def rule(gradient, state):
        return optimizer(gradient, state or optimizer.initial_state(len(gradient)))

    return rule


def trained(optimizer, runs=60, window=20):
    """The same optimizer, after some runs of two windows each."""
    meta_optimizer = torch.optim.Adam(optimizer.parameters(), lr=0.01)
    for _ in range(runs):
        optimizee, theta, state = quadratics(16), torch.zeros(160), optimizer.initial_state(160)
        for _ in range(2):
            _, theta, state = meta_step(optimizer, meta_optimizer, optimizee, theta, state, window)
    return optimizer


def answer(rule, gradients, times):
    """The last update, where the same gradients come some times in a row."""
    state = None
    for _ in range(times):
        update, state = rule(gradients, state)
    return update


def descent(gradient, state):
    """Gradient descent with the rate 0.01."""
    return -0.01 * gradient, state


def demo():
    torch.manual_seed(0)
    optimizer = Optimizer()
    _, (left, right) = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
    left.plot(losses_of(descent), "--", color="grey", label="gradient descent")
    left.plot(losses_of(learned(optimizer)), ":", color="C0", label="LSTM, untrained")
    rule = learned(trained(optimizer))
    left.plot(losses_of(rule), color="C1", label="LSTM, trained")
    left.set(xlabel="step", ylabel="mean loss of 500 functions", yscale="log")
    gradients = torch.linspace(-10, 10, 201)
    right.plot(
        gradients, answer(descent, gradients, 1), "--", color="grey", label="gradient descent"
    )
    right.plot(gradients, answer(rule, gradients, 1), ":", color="C1", label="LSTM, 1st time")
    right.plot(gradients, answer(rule, gradients, 20), color="C1", label="LSTM, 20th time")
    right.set(xlabel="gradient", ylabel="update")
    left.legend()
    right.legend(loc="upper right")
    plt.show()


try:
    demo()
except NotImplementedError:
    print("questions 2 and 6 come first")

# %% [markdown]
# ## 8. In your own words (3 points)
#
# A friend trains a learned optimizer with this loop. `window` is 20, and `run_length` is 100.
#
# ```python
# total = 0
# for t in range(run_length):
#     value = loss(theta)
#     total = total + value
#     theta, state = updated(optimizer, value, theta, state)
#     if (t + 1) % window == 0:
#         meta_optimizer.zero_grad()
#         total.backward()
#         meta_optimizer.step()
#         total = 0
#         theta, state = detached(theta, state)
# ```
#
# `updated` takes the gradient of `value` at `theta` as a constant, asks the optimizer for an update and adds
# it to `theta`, with its graph. `detached` returns theta and state without their graph, theta as a leaf that
# requires a gradient. Both are right.
#
# The loop trains, not badly. To save memory, the friend sets `window` to 1. There is no error, and the
# optimizer's weights never change again. Explain in five to ten sentences why, what the same mistake does
# with a window of 20, which updates of a run it concerns, and how to mend it. Somebody proposes to leave out
# the line that detaches. Would that be a way out?

# %% [markdown] nbgrader={"grade": true, "grade_id": "in_words", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **Model answer.** The loop adds up the losses *before* each update. In a window, the first of them belongs
# to the theta at which the window begins, which was detached and depends on no weight of the optimizer; the
# second depends on the first update, and so on. The theta after the last update gets its loss only in the
# next window, after `detach()`, and there the path to the update is cut. So the U losses of a window train
# U - 1 updates, and the meta-gradient of the last one is exactly zero. With U = 1 the only loss belongs to a
# detached leaf: `backward()` fills `theta.grad`, no path leads to the weights, their `.grad` stays `None`,
# and `step()` passes over such weights without a word. With U = 20 the updates number 20, 40, 60, 80 and 100
# are not trained, and those before them lack one term each. To mend it, count the loss after each update:
# compute `loss(theta)` once more after the last one, and drop the loss at the window's beginning, which no
# update of the window can change. Not detaching is no way out. A later `backward()` would go back through
# the windows before, whose graph has been freed and whose weights `meta_optimizer` has overwritten, so torch
# refuses, with an error about the one or about the other; and if it could, time and memory would grow with the
# length of the run, which is what the windows are there to prevent.
#
# **Rubric.** One point: the losses are those before the updates, so that the last update of each window has
# none in its window, and the next window begins detached; with U = 1 no path leads to the weights, `.grad`
# is `None` and `step()` does nothing. One point: with U = 20 one update in twenty (the last of each window)
# is not trained; the mend is to count the losses after the updates. One point: without detaching, backward
# would reach into earlier windows, which torch refuses or which would cost time and memory that grow with the
# run. Either reason for the refusal is right, the graph that was freed ("Trying to backward through the graph a
# second time") or the weights that the step has overwritten ("modified by an inplace operation"): which of the
# two errors torch reports first depends on the details.
