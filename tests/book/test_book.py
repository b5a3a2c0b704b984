"""The built book, opened in a browser that has no network."""

import functools
import http.server
import re
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HTML = ROOT / "book" / "_build" / "html"
PAGES = sorted(path.name for path in HTML.glob("*.html"))

pytestmark = pytest.mark.skipif(not PAGES, reason="the book is not built: make book")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Keep the tests' output to the tests."""


@pytest.fixture(scope="module")
def address():
    """The book below a path of a web server, as readers meet it."""
    handler = functools.partial(Quiet, directory=HTML.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{HTML.name}"
        server.shutdown()


#: What the reader's screen is like.
LOOKS = {
    "light": {"viewport": {"width": 1300, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1300, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 380, "height": 900}, "color_scheme": "light"},
    "dark and narrow": {"viewport": {"width": 380, "height": 900}, "color_scheme": "dark"},
}

#: What axe is asked for: WCAG 2.2, A and AA, and a rule of it that axe still calls experimental.
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],  # the thousands of nodes that are right are not described
    "preload": False,
}


@pytest.fixture
def opened(browser):
    """Open a page of the book; whatever it complains of fails the test."""
    contexts, complaints = [], []

    def open_page(address: str, look: str):
        contexts.append(browser.new_context(**LOOKS[look]))
        page = contexts[-1].new_page()
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if page.locator(".math").count():
            page.wait_for_selector("mjx-container")
            page.wait_for_function("MathJax.startup.promise.then(() => true)")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in complaints if not text.startswith(("log:", "info:"))] == []


def change_look(page, look: str) -> None:
    """What a reader does who turns the screen dark, or takes a narrow one."""
    scheme = LOOKS[look]["color_scheme"]
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(LOOKS[look]["viewport"])
    page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")


#: What there is to see on a page, asked for at once: each question by itself is a long way.
SEEN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    formulas: all(".math").length,
    set: all("mjx-container").length,
    errors: all("mjx-merror").length,
    width: document.documentElement.scrollWidth,
    paper: getComputedStyle(document.body).backgroundColor,
    pictures: all("figure svg:not([aria-hidden])").map((picture) => (
      { label: picture.getAttribute("aria-label") ?? "", ink: getComputedStyle(picture).color }
    )),
  };
}"""


def reads(page, look: str) -> None:
    """The page fits its screen, its formulas are set, and its pictures can be seen and heard."""
    seen = page.evaluate(SEEN)
    assert seen["set"] == seen["formulas"]
    assert seen["errors"] == 0
    assert seen["width"] <= LOOKS[look]["viewport"]["width"]
    for picture in seen["pictures"]:
        assert len(picture["label"]) > 40
        assert contrast(picture["ink"], seen["paper"]) > 7


#: Leaves of the thousands of words in code one of each look, and the others as plain text. What axe
#: asks of a word in code is its contrast, which is that of its look.
ONE_OF_EACH = """() => {
  const looks = new Set(), again = [];
  const parts = ["color", "backgroundColor", "fontSize", "fontWeight", "opacity"];
  for (const word of document.querySelectorAll(".highlight span:not(:has(*))")) {
    const style = getComputedStyle(word), block = word.closest(".highlight").parentElement;
    const look = parts.map((name) => style[name]);
    look.push(block.className, block.closest(".admonition, details, .cell")?.className);
    looks.has(look.join()) ? again.push(word) : looks.add(look.join());
  }
  again.forEach((word) => word.replaceWith(word.textContent));
}"""


def can_be_read_by_everybody(page) -> None:
    """Axe finds nothing, with all that can be unfolded unfolded."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    # What unfolds fades in, and half faded in it has too little contrast.
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
    page.evaluate(ONE_OF_EACH)
    found = axe.run(page, options=AXE).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_without_a_network(opened, address, name):
    """Wide and narrow, light and dark; axe comes last, for it unfolds what was folded."""
    page = opened(f"{address}/{name}", "light")
    for look in ("light", "dark", "narrow"):
        change_look(page, look)
        reads(page, look)
    change_look(page, "light")
    can_be_read_by_everybody(page)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_from_a_folder(opened, name):
    reads(opened((HTML / name).as_uri(), "narrow"), "narrow")


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_everybody_in_the_dark(opened, address, name):
    can_be_read_by_everybody(opened(f"{address}/{name}", "dark and narrow"))


@pytest.mark.parametrize("source", ["server", "folder"])
def test_the_search_finds_pages(browser, address, source):
    page = browser.new_page()
    place = address if source == "server" else HTML.as_uri()
    page.goto(f"{place}/search.html?q=optimizee")
    page.wait_for_selector("#search-results li a")
    links = page.locator("#search-results li a").all()
    assert any("03_lstm_optimizer.html" in link.get_attribute("href") for link in links)
    page.close()


def contrast(first: str, second: str) -> float:
    """The contrast of two CSS colours as WCAG 2 defines it."""

    def luminance(color: str) -> float:
        channels = [int(c) / 255 for c in re.findall(r"\d+", color)[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_from_another_host(name):
    html = (HTML / name).read_text()
    fetched = re.findall(r"<(?:script|img|iframe)[^>]*src=\"([^\"]+)\"", html)
    fetched += re.findall(r"<link[^>]*href=\"([^\"]+)\"[^>]*>", html)
    assert not [address for address in fetched if address.startswith(("http:", "https:", "//"))]


@pytest.mark.parametrize("name", PAGES)
def test_links_within_the_book_lead_somewhere(name):
    html = (HTML / name).read_text()
    for link in re.findall(r"<a [^>]*href=\"([^\"]+)\"", html):
        if link.startswith(("http:", "https:", "mailto:", "javascript:")):
            continue
        path, _, anchor = link.partition("#")
        target = HTML / path if path else HTML / name
        assert target.is_file(), link
        if anchor and target.suffix == ".html":
            assert f'id="{anchor}"' in target.read_text(), link


def test_every_number_put_into_the_text_has_arrived():
    for name in PAGES:
        text = (HTML / name).read_text()
        assert "glue:" not in text
        assert not re.search(r"pasted-text\">\s*(None|nan|inf)?\s*</span>", text)
