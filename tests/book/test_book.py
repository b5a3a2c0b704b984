"""The built book, opened in a browser that has no network."""

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HTML = ROOT / "book" / "_build" / "html"
PAGES = sorted(path.name for path in HTML.glob("*.html"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

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


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        # Every name but this machine's fails to resolve: the network is cut.
        arguments = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


#: What the reader's screen is like.
LOOKS = {
    "light": {"viewport": {"width": 1300, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1300, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 380, "height": 900}, "color_scheme": "light"},
    "dark and narrow": {"viewport": {"width": 380, "height": 900}, "color_scheme": "dark"},
}


@pytest.mark.parametrize(
    ("look", "source"),
    [("light", "server"), ("dark", "server"), ("narrow", "server"), ("narrow", "folder")],
)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_without_a_network(browser, address, name, look, source):
    context = browser.new_context(**LOOKS[look])
    page, complaints = context.new_page(), []
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.goto(f"{address}/{name}" if source == "server" else (HTML / name).as_uri())
    page.wait_for_load_state("networkidle")
    if page.locator(".math").count():
        page.wait_for_selector("mjx-container")
        page.wait_for_function("MathJax.startup.promise.then(() => true)")
        assert page.locator("mjx-container").count() == page.locator(".math").count()
        assert page.locator("mjx-merror").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= LOOKS[look]["viewport"]["width"]
    for picture in page.locator("figure svg:not([aria-hidden])").all():
        assert len(picture.get_attribute("aria-label")) > 40
        ink = picture.evaluate("node => getComputedStyle(node).color")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert contrast(ink, paper) > 7
    context.close()
    assert [text for text in complaints if not text.startswith(("log:", "info:"))] == []


#: What axe is asked for: WCAG 2.2, A and AA, and a rule of it that axe still calls experimental.
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"label-content-name-mismatch": {"enabled": True}},
}


@pytest.mark.parametrize("look", ["light", pytest.param("dark and narrow", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_everybody(browser, address, name, look):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(**LOOKS[look])
    page = context.new_page()
    page.goto(f"{address}/{name}")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    found = axe.run(page, options=AXE).response["violations"]
    context.close()
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


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
