from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import jinja2
import pytest

from symbackprop.document import Math, Report, Step
from symbackprop.escape import tex
from symbackprop.render import environment, render_report, sections
from symbackprop.texforms import Finished, merged

VOID = {"meta", "br", "hr", "img", "input", "link", "col"}
EXPECTED = {
    "report.tex",
    "report.html",
    *(f"parts/{name}.tex" for name in ("forward", "backward", "gradients", "hessian", "graph")),
    *(f"parts/d_{name}.tex" for name in ("W_1", "b_1", "W_2", "b_2")),
    "parts/graph.svg",
}


class Page(HTMLParser):
    """A page as its elements; complains about what is not closed, nested wrongly, or used twice."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.latex: list[str] = []
        self.count: dict[str, int] = {}
        self.text: list[str] = []
        self.problems: list[str] = []
        self.feed(source)
        self.problems += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []
        self.latex += [found["data-latex"] or ""] if "data-latex" in found else []
        self.problems += [f"<{tag}> runs {name}" for name in found if name.startswith("on")]
        self.problems += [
            f"<{tag}> loads {found[name]}" for name in ("src", "srcset", "data", "action") if name in found
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


@pytest.fixture(scope="module")
def files(report: Report) -> dict[str, str]:
    return render_report(report)


def test_every_file_of_the_contract_is_there_and_no_other(files: dict[str, str]) -> None:
    assert set(files) == EXPECTED


def test_the_same_report_gives_the_same_bytes(report: Report, files: dict[str, str]) -> None:
    assert render_report(report) == files


def test_lines_end_in_lf_without_blanks_and_files_in_one_newline(files: dict[str, str]) -> None:
    for name, text in files.items():
        assert "\r" not in text, name
        assert text.endswith("\n"), name
        assert not text.endswith("\n\n"), name
        if name.endswith(".tex"):
            assert not re.search(r"[ \t]$", text, re.MULTILINE), name


def test_the_page_is_well_formed_and_links_lead_somewhere(files: dict[str, str]) -> None:
    page = Page(files["report.html"])
    assert not page.problems
    assert len(page.ids) == len(set(page.ids)), "an id is used twice"
    inner = [link for link in page.links if link.startswith("#")]
    assert inner
    assert {link[1:] for link in inner} <= set(page.ids)
    assert [link for link in page.links if not link.startswith("#")] == []


def test_the_checks_notice_a_page_that_is_not(files: dict[str, str]) -> None:
    assert Page("<p><b>x</p></b>").problems
    assert Page("<div>").problems
    assert Page('<img src="x.png">').problems
    assert Page('<p onclick="x()"></p>').problems


def test_the_page_needs_nothing_from_elsewhere(files: dict[str, str]) -> None:
    names = set(re.findall(r"https?://[^\"'<> ]+", files["report.html"]))
    assert names == {"http://www.w3.org/2000/svg"}, "a name space, and nothing else"
    assert "@import" not in files["report.html"]


def test_the_only_script_that_may_run_is_ours(files: dict[str, str]) -> None:
    page = files["report.html"]
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


def test_every_equation_can_be_copied(report: Report, files: dict[str, str]) -> None:
    latex = Page(files["report.html"]).latex
    for equation in report.forward:
        assert f"{equation.left.latex} = {equation.right[0].latex}" in latex
    for step in report.backward:
        for equation in step.equations:
            assert f"{equation.left.latex} = {equation.right[0].latex}" in latex
    assert len(latex) >= 25


def test_sections_stand_in_one_order_in_both(report: Report, files: dict[str, str]) -> None:
    titles = [title for _, title in sections(report)]
    assert re.findall(r"\\section\{(.*?)\}", files["report.tex"]) == titles
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", files["report.html"]) == titles


def test_what_is_empty_is_left_out(report: Report) -> None:
    brief = Report(report.name, report.title, graph=report.graph, gradients=report.gradients)
    files = render_report(brief)
    assert re.findall(r"\\section\{(.*?)\}", files["report.tex"]) == ["Computing graph", "Gradients"]
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", files["report.html"]) == ["Computing graph", "Gradients"]
    assert "parts/hessian.tex" not in files
    assert "parts/forward.tex" not in files
    assert not Page(files["report.html"]).problems


def test_an_empty_report_is_still_a_document(report: Report) -> None:
    files = render_report(Report("empty", "Nothing"))
    assert set(files) == {"report.tex", "report.html"}
    assert not Page(files["report.html"]).problems


HOSTILE = [
    "{{ 7*7 }}",
    "<script>alert(1)</script>",
    "<% raise %>",
    "<< x >>",
    "<# x #>",
    "${1+1}",
    "100 % \\input{x}",
    "'\"&",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_that_are_commands_elsewhere_are_shown_as_words(report: Report, words: str) -> None:
    changed = replace(
        report,
        title=words,
        summary=(words,),
        backward=(Step("x", report.backward[0].node, report.backward[0].equations, (words,), ((words,),)),),
        tables=(replace(report.tables[0], title=words, caption=(words,), header=((words,),) * 3),),
        curves=(replace(report.curves[0], title=words, x_label=words),),
        code=replace(report.code, source=f"# {words}\n") if report.code else None,
    )
    files = render_report(changed)
    page = Page(files["report.html"])
    assert not page.problems
    assert page.count["script"] == 1
    assert "".join(page.text).count(words) >= 8
    document = files["report.tex"].split(r"\begin{document}")[1]
    assert document.count(tex(words)) >= 6
    assert words not in document


def test_templates_use_delimiters_that_tex_and_html_do_not() -> None:
    for html in (False, True):
        made = environment(html=html)
        assert (
            made.from_string("{{a}} {% b %} {# c #} $x$ \\frac{1}{2}").render()
            == "{{a}} {% b %} {# c #} $x$ \\frac{1}{2}"
        )


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("source", ["<< nothing >>", "<< report.nothing >>", "<% for x in nothing %><% endfor %>"])
def test_an_undefined_name_is_an_error(report: Report, html: bool, source: str) -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment(html=html).from_string(source).render(report=report)


def test_tex_prints_words_escaped_and_finished_strings_as_they_are() -> None:
    made = environment(html=False)
    assert made.from_string("<< x >>").render(x="a_1 & b") == r"a\_1 \& b"
    assert made.from_string("<< x >>").render(x=Finished("a_1 & b")) == "a_1 & b"
    with pytest.raises(TypeError, match="Math"):
        made.from_string("<< x >>").render(x=Math("x", "<mi>x</mi>", "x"))


def test_a_formula_may_come_with_its_math_element_or_without(report: Report) -> None:
    bare = Math("q", "<mi>q</mi>", "q")
    wrapped = replace(bare, mathml='<math display="block"><mi>q</mi></math>')
    pages = [render_report(Report("n", "t", summary=("a ", m)))["report.html"] for m in (bare, wrapped)]
    assert pages[0] == pages[1]
    assert "<math><mi>q</mi></math>" in pages[0]


def test_symbols_that_differ_in_their_letter_only_share_a_row(report: Report) -> None:
    rows = merged([replace(row, shape=report.symbols[0].shape, facts=()) for row in report.symbols])
    assert [(row.role, len(row.symbols)) for row in rows] == [("input", 1), ("target", 1), ("parameter", 7)]
    assert rows[2].symbols[:3] == (report.symbols[2].symbol, ", ", report.symbols[3].symbol)
    assert len(merged(report.symbols)) == len(report.symbols)
    many = merged([report.symbols[0]] * 60)
    assert many[0].symbols[-2:] == (report.symbols[0].symbol, " (60)")


def test_punctuation_stays_with_the_formula_before_it() -> None:
    q = Math("q", "<mi>q</mi>", "q")
    page = render_report(Report("n", "t", summary=("If ", q, ", then <b> ", q, ".")))["report.html"]
    assert (
        'If <span class="kept"><math><mi>q</mi></math>,</span> then &lt;b&gt; '
        '<span class="kept"><math><mi>q</mi></math>.</span>'
    ) in page


def test_broken_lines_are_used_where_they_exist(files: dict[str, str]) -> None:
    assert r"\begin{aligned}[t] & " in files["report.tex"]
    assert "\n&\\quad + " in files["parts/d_b_1.tex"]


def test_fragments_say_what_they_need_and_bring_the_rest(files: dict[str, str]) -> None:
    assert files["parts/d_W_1.tex"].startswith("% gradient of W_1; needs amsmath only")
    assert r"\providecommand{\indicator}" in files["parts/d_W_1.tex"]
    assert r"\mathbb{1}" not in "".join(files[name] for name in files if name.endswith(".tex"))
    for name, text in files.items():
        if name.startswith("parts/") and name.endswith(".tex"):
            assert r"\documentclass" not in text
            assert r"\usepackage" not in text


def test_nothing_about_this_machine_or_this_day_is_written(files: dict[str, str]) -> None:
    for name, text in files.items():
        assert not re.search(r"20[2-9]\d-\d\d|/home|/root|/tmp|jinja", text.lower()), name
