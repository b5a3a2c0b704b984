"""A student's notebook as formgrader and the feedback page show it."""

import pytest

pytest.importorskip("nbgrader")

import nbformat
from nbconvert import HTMLExporter
from traitlets.config import Config

from l2l_ref.grading.classroom.pages import Harmless, harmless

BREAK_OUT = '"><script>attack()</script><i class="'


@pytest.mark.parametrize(
    "html",
    [
        "<script>attack()</script>",
        "<img src=x onerror=attack()>",
        "<svg onload=attack()></svg>",
        "<iframe srcdoc='<script>attack()</script>'></iframe>",
        "<a href='javascript:attack()'>more</a>",
        "<a href=' &#106;avascript:attack()'>more</a>",
        "<a href='data:text/html,<script>attack()</script>'>more</a>",
        "<img src='https://example.org/who-reads-this.png'>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<input id='in_words' class='score'>",
        "<div id='in_words' class='nbgrader_cell' style='position: fixed'>3</div>",
        "<style>.score {display: none}</style>",
        "<form action='https://example.org'><button>Full credit</button></form>",
    ],
)
def test_what_acts_is_gone(html):
    shown = harmless(html)
    kept = [
        word
        for word in ("<script", "<svg", "<iframe", "<input", "<style", "<form")
        if word in shown
    ]
    assert kept == []
    for word in ("href=", "src=", "onerror=", "style=", "id=", "class="):
        assert f" {word}" not in shown.split("&lt;")[0]


@pytest.mark.parametrize(
    "html",
    [
        "<h2>Why</h2>\n<p>Only <em>numbers</em> go into <code>.data</code>: $a &lt; b$.</p>",
        "<ul>\n<li>one</li>\n</ul>\n<table><tbody><tr><td>1</td></tr></tbody></table>",
        "<details><summary>Hint</summary><p>Look.</p></details>",
        '<p><a href="https://example.org/page">page</a></p>',
        '<p><img alt="a sketch" src="data:image/png;base64,iVBORw0KGgo="></p>',
    ],
)
def test_what_is_only_read_stays(html):
    assert harmless(html) == html


@pytest.mark.filterwarnings("ignore:No lexer found")
def test_nothing_of_a_notebook_leaves_its_place():
    """Every field that a template writes into the page, filled with a script."""
    v4 = nbformat.v4
    data = {
        "text/html": BREAK_OUT,
        "image/svg+xml": BREAK_OUT,
        "application/javascript": "attack()",
    }
    outputs = [
        v4.new_output("display_data", data={kind: text}, metadata={kind: {"width": BREAK_OUT}})
        for kind, text in [*data.items(), ("image/png", f"AA=={BREAK_OUT}"), ("text/plain", "3.0")]
    ]
    outputs.append(v4.new_output("stream", text=BREAK_OUT))
    outputs.append(v4.new_output("error", ename=BREAK_OUT, evalue="", traceback=[BREAK_OUT]))
    code = v4.new_code_cell("1 + 1", outputs=outputs, metadata={"magics_language": BREAK_OUT})
    code["metadata"]["tags"] = [BREAK_OUT]
    cells = [code, v4.new_raw_cell(f"```\n{BREAK_OUT}"), v4.new_markdown_cell(BREAK_OUT)]
    language = {"name": BREAK_OUT, "pygments_lexer": BREAK_OUT}
    notebook = v4.new_notebook(cells=cells, metadata={"language_info": language})

    config = Config()
    config.HTMLExporter.preprocessors = [Harmless]
    config.HTMLExporter.filters = {"strip_files_prefix": harmless}
    for template in ("classic", "lab"):
        config.HTMLExporter.template_name = template
        page, _ = HTMLExporter(config=config).from_notebook_node(notebook)
        assert "<script>attack()" not in page
        assert page.count("&lt;script&gt;attack()") >= 4  # stream, error, raw, Markdown: as text
        assert "3.0" in page


def test_pictures_and_scores_stay():
    v4 = nbformat.v4
    picture = v4.new_output(
        "display_data", data={"image/png": "iVBORw0K\n", "text/plain": "<Figure>"}
    )
    score = v4.new_output("execute_result", data={"text/plain": "2.0"}, execution_count=7)
    known = {"nbgrader": {"grade_id": "check_kind", "points": 2}, "tags": ["x"]}
    cell = v4.new_code_cell("f()", outputs=[picture, score], metadata=known, execution_count=7)
    after, _ = Harmless().preprocess(v4.new_notebook(cells=[cell]), {})
    (cell,) = after.cells
    assert cell.metadata == {"nbgrader": known["nbgrader"]}
    assert [dict(output.data) for output in cell.outputs] == [picture.data, {"text/plain": "2.0"}]
    assert cell.execution_count == 7
