"""Whatever is handed in: an answer or one of our errors, and places that hold."""

from __future__ import annotations

import ast
import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.answers import Answer, answer_of_text, is_code
from symbackprop.errors import ReadError

PIECES = [
    *("$", "$$", "\\[", "\\]", "\\(", "\\)", "\\begin{align}", "\\end{align}", "\\begin{cases}", "\\end{cases}", "&"),
    *("\\newcommand{\\x}", "\\newcommand{\\y}[1]", "\\def\\z", "\\let\\w\\x", "\\x", "\\y", "\\z", "{", "}", "[", "]"),
    *(
        "#1",
        "a",
        "= b",
        "%",
        "`",
        "```",
        "~~~",
        "```python",
        "\n",
        "\n\n",
        "\r\n",
        " ",
        "    ",
        "# ",
        "> ",
        "- ",
        "\\\\",
    ),
    *("1 ", "2 ", ">>> ", "... ", "[4]: ", "In [1]: ", "Out[1]: ", "def f(x):", "return x", "dW = x", "'", '"', '"""'),
    *("(", ")", "\\begin{verbatim}", "\\end{verbatim}", "\\section{A}", "Problem 1", "**b**", "<!--", "-->", "\\frac"),
    *("% network: a.net", "\\begin{document}", "\\text{", "’", "\ufeff", "\t", "5", "\\$", "\\%", "\\verb|", "|"),
    *("\\iffalse", "\\fi", "\\"),
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map("".join)


def check(answer: Answer) -> None:
    text = answer.text
    last = 0
    for passage in answer.passages:
        assert passage.text.strip()
        assert len(passage.origin) == len(passage.text) + 1
        assert all(0 <= place <= len(text) for place in passage.origin)
        uses = dict(passage.uses)
        for character, place in zip(passage.text, passage.origin, strict=False):
            if passage.kind == "code":
                assert character in " \n\\" or text[place] == character
            else:
                assert text[place] == character or place in uses or text[place] == "\r" or character == " "
        start, end = passage.place(0, len(passage.text))
        assert 0 <= start <= end <= len(text)
        assert 1 <= passage.line <= len(text.splitlines()) + 1
        assert passage.line >= last or passage.uses
        last = passage.line if not passage.uses else last
    for span, why in answer.refused:
        assert why
        assert span is not None


@given(texts, st.sampled_from([".tex", ".md", ".txt", ".py"]))
@settings(max_examples=300)
def test_every_text_is_read_or_refused(text: str, suffix: str) -> None:
    try:
        answer = answer_of_text(text, suffix=suffix)
    except ReadError:
        return
    assert answer.text == text
    check(answer)


@given(texts)
@settings(max_examples=100)
def test_whether_it_is_code_is_always_known(text: str) -> None:
    assert is_code(text) in (True, False)


@given(st.lists(st.tuples(st.sampled_from(["markdown", "code", "raw"]), texts), max_size=4))
@settings(max_examples=150)
def test_every_notebook_is_read_or_refused(cells: list[tuple[str, str]]) -> None:
    text = json.dumps({"cells": [{"cell_type": kind, "source": source} for kind, source in cells]})
    try:
        answer = answer_of_text(text, suffix=".ipynb")
    except ReadError:
        return
    assert answer.text == "\n\n".join(source for _, source in cells)
    check(answer)
    numbers = [p.cell for p in answer.passages]
    assert all(n is not None and 1 <= n <= len(cells) for n in numbers)
    assert numbers == sorted(numbers, key=lambda n: n or 0)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["cells", "source", "worksheets", "cell_type"]), x),
    )
)
@settings(max_examples=150)
def test_every_json_is_read_or_refused(value: object) -> None:
    with contextlib.suppress(ReadError):
        check(answer_of_text(json.dumps(value), suffix=".ipynb"))


formulas = st.text(alphabet="ab_^{}=+- \\", min_size=1, max_size=12).filter(
    lambda t: t.strip() and t.count("{") == t.count("}") == 0 and "\\" not in t
)


@given(
    st.lists(
        st.tuples(st.sampled_from([("$$", "$$"), ("\\[", "\\]"), ("\n\\begin{align}", "\\end{align}")]), formulas),
        min_size=1,
    )
)
@settings(max_examples=100)
def test_formulas_that_are_put_in_come_out(pieces: list[tuple[tuple[str, str], str]]) -> None:
    for suffix in (".md", ".tex"):
        text = "words\n\n" + "\n\nwords, and\n\n".join(a + formula + b for (a, b), formula in pieces)
        answer = answer_of_text(text, suffix=suffix)
        assert [p.text for p in answer.passages] == [formula.strip() for _, formula in pieces]
        assert answer.refused == ()


code_lines = st.lists(
    st.sampled_from(["x = 1", "dW = x.T", "if x:\n    y = 2", "def f(a):\n    b = a\n    return b", "", "# note"]),
    min_size=2,
    max_size=8,
)


@given(code_lines, st.integers(1, 120), st.sampled_from(["{0} {1}", "{0:>3} {1}", "{0:<4}{1}"]), st.data())
@settings(max_examples=100)
def test_numbered_code_over_pages_is_the_code(pieces: list[str], first: int, form: str, data: st.DataObject) -> None:
    lines = "\n".join(pieces).split("\n")
    if not any("=" in line for line in lines):
        lines.append("dW = 1")
    numbered = [form.format(n, line) for n, line in enumerate(lines, first)]
    cut = data.draw(st.integers(2, max(len(lines) - 2, 2)))
    pages = [page for page in (numbered[:cut], numbered[cut:]) if page]
    text = "\n\n".join("```\n" + "\n".join(page) + "\n```" for page in pages)
    made = "\n".join(p.text for p in answer_of_text(text, suffix=".md").passages)
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse("\n".join(lines)))
