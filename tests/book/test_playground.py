"""The trained optimizer in the reader's browser, beside the same rules in torch."""

import base64
import re

import pytest
import torch

from l2l_ref.figures.playground import Playground, UpdateSurface, network
from l2l_ref.minimizers import BASELINES
from l2l_ref.optimizers import LSTMOptimizer
from l2l_ref.support.files import ARTIFACTS

ARTIFACT = ARTIFACTS / "quadratics.safetensors"
WIDE, NARROW = 1000, 380

# A page around the figure with a book's two grounds and the width of a phone.
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Test</title><style>
html[data-theme="dark"] {{ color-scheme: dark; background: #14181e; color: #ced6dd }}
body {{ margin: 16px; max-width: 720px }} figure {{ margin: 0 }} </style>
<body>{figure}</body></html>"""

# How the loss is written in the chapter: a second derivation, whose gradients autograd takes.
LOSSES = {
    "valley": lambda a, b: (1 - a) ** 2 + 10 * (b - a**2) ** 2,
    "saddle": lambda a, b: (a**2 - 1) ** 2 + b**2,
}


@pytest.fixture
def opened(browser):
    """Open a figure as the only thing on a page; an error in its script fails the test."""
    contexts, errors = [], []

    def open_page(figure, width=WIDE, theme="light", **options):
        viewport = {"width": width, "height": 900}
        contexts.append(browser.new_context(viewport=viewport, **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text))
        page.on("request", lambda request: errors.append(f"asked for {request.url}"))
        page.set_content(PAGE.format(theme=theme, figure=figure._repr_html_()))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def playground(trained):
    return Playground(trained)


@pytest.fixture
def trained():
    return LSTMOptimizer.load(ARTIFACT)


def numbers(nested):
    return torch.tensor(nested, dtype=torch.float64)


def shown(page):
    """What the figure shows: the landscape, the start, the rates and the runs."""
    return page.evaluate("document.querySelector('figure').shown")


def loss_of(name, landscape):
    """The landscape in torch."""
    if name in LOSSES:
        return lambda theta: LOSSES[name](*theta)
    W, y = (numbers(landscape[key]) for key in ("W", "y"))
    return lambda theta: (W @ theta - y).square().sum()


def rule_of(name, rate, trained):
    """A rule in torch: a function that moves a theta by the gradient in its ``grad``."""
    theta = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    if name != "lstm":
        return theta, BASELINES[name]([theta], lr=rate).step
    state = trained.double().initial_state(2)

    def step():
        nonlocal state
        updates, state = trained(theta.grad, state)
        theta.data += updates

    return theta, step


@torch.no_grad()
def in_torch(loss, theta, step, start, noise):
    """The thetas and losses of a run, with noise added to each gradient."""
    theta.copy_(numbers(start))
    thetas, losses = [theta.tolist()], [loss(theta).item()]
    for added in noise:
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(loss(theta), theta)
        theta.grad = gradient + added
        step()
        thetas.append(theta.tolist())
        losses.append(loss(theta).item())
    return thetas, losses


@pytest.mark.parametrize("name", ["quadratic", "noisy", "valley", "saddle"])
def test_a_hundred_steps_of_every_rule_agree_with_torch(opened, playground, trained, name):
    page = opened(playground)
    page.select_option("[name=landscape]", name)
    page.locator(".l2l-map").press("ArrowRight")  # off the line on which a saddle holds the rules
    picture = shown(page)
    loss = loss_of(name, picture["landscape"])
    noise = numbers(picture["landscape"].get("noise", [[0, 0]] * 100)[:100])
    assert [run["name"] for run in picture["runs"]] == ["lstm", "adam", "momentum", "sgd"]
    for run in picture["runs"]:
        theta, step = rule_of(run["name"], picture["rates"].get(run["name"]), trained)
        thetas, losses = in_torch(loss, theta, step, picture["start"], noise)
        close = {"rtol": 1e-9, "atol": 1e-10}  # near a minimum, rounding is all that a loss shows
        torch.testing.assert_close(numbers(run["thetas"]), numbers(thetas), **close)
        torch.testing.assert_close(numbers(run["losses"]), numbers(losses), **close)
        assert run["sum"] == pytest.approx(sum(losses[:100]), rel=1e-9)
        assert not run["diverged"]


def points_of(path):
    """The points of an SVG path, one row each."""
    return numbers([[float(x), float(y)] for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", path)])


@pytest.mark.parametrize("name", ["quadratic", "valley", "saddle"])
def test_the_map_shows_the_landscape_and_the_paths(opened, playground, name):
    page = opened(playground)
    page.select_option("[name=landscape]", name)
    picture = shown(page)
    centre, reach = numbers(picture["landscape"]["centre"]), picture["landscape"]["reach"]

    def thetas(path):
        return (points_of(path) / 160 - 1) * numbers([reach, -reach]) + centre

    loss = loss_of(name, picture["landscape"])
    lines = thetas(page.locator(".contours").get_attribute("d"))
    levels = numbers([loss(theta) for theta in lines]).log2()
    off = (levels - levels.round()).abs()
    assert len(lines) > 500
    assert off[levels > -0.5].quantile(0.9) < 0.05  # the pieces are straight, the lines are not
    paths = page.locator(".l2l-map g g path").all()
    for run, path in zip(reversed(picture["runs"]), paths, strict=True):
        drawn = thetas(path.get_attribute("d"))
        torch.testing.assert_close(drawn, numbers(run["thetas"]), rtol=0, atol=0.001)


def test_the_curves_show_the_losses(opened, playground):
    page = opened(playground)
    curves = page.locator(".l2l-curves svg path").all()
    for run, path in zip(reversed(shown(page)["runs"]), curves, strict=True):
        x, y = points_of(path.get_attribute("d")).T
        torch.testing.assert_close((x - 52) / 260 * 100, numbers(range(101)), rtol=0, atol=0.01)
        decades = 3 - (y - 8) / 272 * 9
        expected = numbers(run["losses"]).log10()
        torch.testing.assert_close(decades, expected, rtol=0, atol=0.001)


def test_the_numbers_are_drawn_from_a_normal_distribution(opened, playground):
    page = opened(playground)
    page.select_option("[name=landscape]", "noisy")
    drawn = []
    for _ in range(20):
        page.get_by_role("button", name="Another function").click()
        drawn.append(shown(page)["landscape"]["noise"])
    drawn = numbers(drawn).flatten() / 2
    assert abs(drawn.mean()) < 4 * len(drawn) ** -0.5
    assert abs(drawn.var() - 1) < 4 * (2 / len(drawn)) ** 0.5
    below = (drawn < 1).double().mean()
    assert abs(below - 0.8413) < 4 * (0.8413 * 0.1587 / len(drawn)) ** 0.5
    assert len(drawn.unique()) == len(drawn)


def test_tuning_finds_the_best_rate_of_the_grid(opened, playground):
    page = opened(playground)
    page.get_by_role("button", name="Another function").click()
    page.get_by_role("button", name="Tune the three rates").click()
    picture = shown(page)
    loss, rates = loss_of("quadratic", picture["landscape"]), playground.data["rates"]
    for name in ("adam", "momentum", "sgd"):
        sums = []
        for rate in rates:
            theta, step = rule_of(name, rate, None)
            _, losses = in_torch(loss, theta, step, picture["start"], torch.zeros(100, 2))
            sums.append(sum(losses[:100]))
        best = min(range(len(rates)), key=lambda k: sums[k] if sums[k] < 1e8 else 1e8)
        assert picture["rates"][name] == rates[best]
        assert page.locator(f"[name={name}]").input_value() == str(best)


def test_a_rate_that_is_too_large_says_so_and_breaks_nothing(opened, playground):
    page = opened(playground)
    page.locator("[name=sgd]").press("End")
    page.wait_for_function(
        "document.querySelector('.l2l-sums').textContent.includes('SGD diverged')"
    )
    run = shown(page)["runs"][-1]
    assert run["diverged"]
    assert len(run["thetas"]) < 101  # it stops there
    for picture in (".l2l-map", ".l2l-curves"):
        assert "NaN" not in page.locator(picture).inner_html()
        assert "Infinity" not in page.locator(picture).inner_html()


def test_a_mouse_drags_the_start(opened, playground):
    page = opened(playground)
    before, box = shown(page), page.locator(".l2l-map").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"], steps=4)
    page.mouse.up()
    after = shown(page)
    assert after["start"] == pytest.approx([1.5, 1.5], abs=0.05)  # of a square from -3 to 3
    assert all(run["thetas"][0] == after["start"] for run in after["runs"])
    assert after["rates"] == before["rates"]
    page.mouse.move(box["x"], box["y"])  # the button is up
    assert shown(page)["start"] == after["start"]
    page.wait_for_function(
        "document.querySelector('.l2l-sums').textContent.startsWith('Start (1.')"
    )


def test_a_finger_drags_the_start_and_not_the_page(opened, playground):
    page = opened(playground, NARROW, has_touch=True, is_mobile=True)
    map_ = page.locator(".l2l-map")
    box = map_.bounding_box()
    touch = page.context.new_cdp_session(page)

    def send(kind, *shares):
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in shares
        ]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", (0.5, 0.25))
    for y in (0.35, 0.5, 0.65, 0.75):
        send("touchMove", (0.25, y))
    send("touchEnd")
    assert shown(page)["start"] == pytest.approx([-1.5, -1.5], abs=0.05)
    assert page.evaluate("scrollY") == 0
    assert map_.evaluate("map => getComputedStyle(map).touchAction") == "none"
    assert page.locator("body").evaluate("body => getComputedStyle(body).touchAction") == "auto"


def test_arrow_keys_move_the_start_within_the_map(opened, playground):
    page = opened(playground)
    page.keyboard.press("Tab")  # so that the browser knows that a keyboard is in use
    picture = page.locator(".l2l-map")
    picture.focus()
    outline = picture.evaluate("map => getComputedStyle(map).outlineWidth")
    assert outline == "3px"
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    assert shown(page)["start"] == pytest.approx([0.1, 0.1])
    for _ in range(40):
        page.keyboard.press("ArrowDown")
    assert shown(page)["start"] == pytest.approx([0.1, -3])
    assert page.evaluate("scrollY") == 0


def test_every_control_is_reached_by_the_keyboard_and_has_a_name(opened, playground):
    page, reached = opened(playground), []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
                " || document.activeElement.getAttribute('aria-label')"
            ).split()[0]
        )
    assert reached == ["Landscape", "Another", "Tune", "Steps", "The", "Adam", "momentum", "SGD"]


def test_sliders_change_the_runs_and_the_pictures(opened, playground):
    page = opened(playground)
    before, curves = shown(page), page.locator(".l2l-curves").inner_html()
    page.locator("[name=adam]").press("ArrowLeft")
    after = shown(page)
    for old, new in zip(before["runs"], after["runs"], strict=True):
        assert (old["losses"] != new["losses"]) == (old["name"] == "adam")
    assert page.locator(".l2l-curves").inner_html() != curves
    assert page.locator("[name=adam]").get_attribute("aria-valuetext") == "rate 0.1"
    page.locator("[name=steps]").press("End")
    assert [len(run["losses"]) for run in shown(page)["runs"]] == [301] * 4


def test_another_function_keeps_the_rates(opened, playground):
    page = opened(playground)
    before = shown(page)
    page.get_by_role("button", name="Another function").click()
    after = shown(page)
    assert after["landscape"]["W"] != before["landscape"]["W"]
    assert after["rates"] == before["rates"]
    page.select_option("[name=landscape]", "valley")  # there is only one
    assert page.get_by_role("button", name="Another function").is_disabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("kind", ["playground", "surface"])
def test_it_fits_the_screen_and_takes_the_colours_of_the_page(opened, trained, kind, width, theme):
    made = (
        Playground(trained) if kind == "playground" else UpdateSurface(trained, "A surface. " * 5)
    )
    page = opened(made, width, theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink = page.evaluate("getComputedStyle(document.documentElement).color")
    for element in page.locator("svg text, svg.l2l-map, button, label, select, p").all():
        assert element.evaluate("node => getComputedStyle(node).color") == ink
    for text in page.locator("svg text").all():
        assert text.evaluate("node => getComputedStyle(node).fill") == ink


def test_without_scripts_a_sentence_stands_there(opened, playground):
    page = opened(playground, java_script_enabled=False)
    assert "takes JavaScript" in page.locator("body").inner_text()
    assert not page.locator(".l2l-live").is_visible()


def test_two_figures_on_a_page_do_not_meet(opened, playground, trained):
    class Both:
        def _repr_html_(self):
            surface = UpdateSurface(trained, "A surface. " * 5)
            return playground._repr_html_() + surface._repr_html_() + playground._repr_html_()

    page = opened(Both())
    page.locator("[name=sgd]").first.press("End")
    rates = page.evaluate("[...document.querySelectorAll('figure')].map((f) => f.shown.rates?.sgd)")
    assert rates[0] == 1
    assert rates[2] != 1


def test_the_surface_is_the_update_after_ten_gradients(opened, trained):
    page = opened(UpdateSurface(trained, "A surface. " * 5, reach=4.0, times=10))
    heights = numbers(shown(page)["heights"])  # (before, now)
    side = torch.linspace(-4, 4, len(heights), dtype=torch.float64)
    before, now = torch.meshgrid(side, side, indexing="ij")
    state = trained.double().initial_state(before.numel())
    with torch.no_grad():
        for _ in range(10):
            _, state = trained(before.flatten(), state)
        expected, _ = trained(now.flatten(), state)
    torch.testing.assert_close(heights.flatten(), expected, rtol=1e-9, atol=1e-12)


def test_the_surface_turns(opened, trained):
    page = opened(UpdateSurface(trained, "A surface of updates. " * 3))
    patches = page.locator(".patch")
    assert patches.count() == 900
    before = patches.first.get_attribute("d")
    page.locator("input").press("ArrowRight")
    assert patches.first.get_attribute("d") != before
    assert page.locator("input").get_attribute("aria-valuetext") == "-145 degrees"
    assert page.locator("svg").get_attribute("aria-label") == "A surface of updates. " * 3


def test_the_weights_arrive_whole(trained):
    given = network(trained)["weights"]
    for name, tensor in trained.state_dict().items():
        bytes_given = bytearray(base64.b64decode(given[name]))
        assert torch.equal(
            torch.frombuffer(bytes_given, dtype=torch.float32).view_as(tensor), tensor
        )


def test_a_rule_that_the_script_cannot_run_is_refused():
    with pytest.raises(ValueError, match="log-and-sign"):
        Playground(LSTMOptimizer(preprocess=True))


def test_nothing_in_the_data_ends_the_script(trained):
    html = UpdateSurface(trained, "</script>" * 9)._repr_html_()
    assert html.count("</script>") == 1
