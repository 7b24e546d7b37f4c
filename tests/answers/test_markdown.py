"""Markdown and plain text: formulas, fences, headings; prices, escapes and code are not mathematics."""

from __future__ import annotations

import pytest

from symbackprop.answers import answer_of_text, names_part
from symbackprop.errors import ReadError


def formulas(text: str, suffix: str = ".md") -> list[str]:
    return [p.text for p in answer_of_text(text, suffix=suffix).passages if p.kind == "latex"]


def code(text: str) -> list[str]:
    return [p.text for p in answer_of_text(text, suffix=".md").passages if p.kind == "code"]


@pytest.mark.parametrize(
    "text",
    [
        "so $A = B$.",
        "so $ A = B $.",
        "so\n$$A = B$$",
        "$$\nA = B\n$$",
        r"so \(A = B\)",
        r"so $A = B$",
        r"so \\(A = B\\)",
        r"\[ A = B \]",
        r"\\[ A = B \\]",
        "so $`A = B`$",
        "```math\nA = B\n```",
        "```latex\nA = B\n```",
        "```latex\n\\begin{align}A = B\\end{align}\n```",
        r"\begin{align} A = B \end{align}",
        r"\begin{equation*} A = B \end{equation*}",
        "> so\n> $$\n> A = B\n> $$",
        "`$x$ is` code, $A = B$",
        "<!-- $x$ --> $A = B$",
        "- item\n  $$A = B$$",
        "| $A = B$ | x |",
    ],
)
def test_every_way_to_set_a_formula_is_found(text: str) -> None:
    assert formulas(text) == ["A = B"]


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and then $6.",
        "from $20,000 to USD$30,000",
        r"it costs \$5 and \$x\$",
        "`$a$` and ``$b` $``",
        "```text\n$a$\n```",
        "a $ sign and another $ sign",
        "$$",
    ],
)
def test_prices_and_code_are_not_mathematics(text: str) -> None:
    assert formulas(text) == []


def test_a_price_does_not_hide_the_formula_behind_it() -> None:
    assert formulas("for $5 we get $x$ and $y$") == ["x", "y"]
    assert formulas(r"the $\beta$2 of $ \gamma $") == [r"\beta", r"\gamma"]


def test_a_display_may_hold_blank_lines_on_its_own_lines_only() -> None:
    assert formulas("$$\na\n\n= b\n$$") == ["a\n\n= b"]
    answer = answer_of_text("so $$ a\n\ntext $$b$$ more", suffix=".md")
    assert [p.text for p in answer.passages] == ["b"]
    assert [why for _, why in answer.refused] == ["Line 1: `$$` has no end in its paragraph."]


@pytest.mark.parametrize("text", ["so $\\frac{a}{b} = c", "so \\[ a = b", "so \\( \\alpha", "\\begin{align} a = b"])
def test_a_formula_without_an_end_is_refused(text: str) -> None:
    answer = answer_of_text(f"{text}\n\nand $$x$$", suffix=".md")
    assert [p.text for p in answer.passages] == ["x"]
    assert [why.split("`")[-1] for _, why in answer.refused] in ([" has no end."], [" has no end in its paragraph."])


def test_lines_that_can_only_be_formulas_are_read_from_plain_text() -> None:
    text = (
        "The gradients of the loss are these.\n\\frac{\\partial J}{\\partial W} = x\ndJ/db = 1\n"
        "we get = \\alpha from the first rule here\n"
    )
    assert formulas(text, ".txt") == ["\\frac{\\partial J}{\\partial W} = x", "dJ/db = 1"]


def test_a_text_that_is_python_is_code() -> None:
    (passage,) = answer_of_text("import numpy as np\ndW = np.dot(x.T, d)\n", suffix=".txt").passages
    assert (passage.kind, passage.text) == ("code", "import numpy as np\ndW = np.dot(x.T, d)")


def test_fences_are_code_in_any_language_that_may_be_python() -> None:
    fence = "```{}\ndW = x\n```\n"
    assert (
        code("".join(fence.format(t) + "words.\n" for t in ("", "python", "py", "Python3", "{.python}", "text")))
        == ["dW = x"] * 6
    )
    assert code("".join(fence.format(t) + "words.\n" for t in ("bash", "js", "c++", "JSON", "output", "matlab"))) == []
    assert code("~~~\n# ```\ndW = x\n~~~ \n\n````\n# ```\ndb = x\n````") == ["# ```\ndW = x", "# ```\ndb = x"]
    assert code("> ```python\n> def f(x):\n>     return x\n> ```") == ["def f(x):\n    return x"]
    assert code("1. so\n   ```python\n   def f(x):\n       return x\n   ```") == ["def f(x):\n    return x"]


def test_a_fence_without_an_end_is_said_to_have_none() -> None:
    answer = answer_of_text("$a$\n```\ndW = x\n", suffix=".md")
    assert [p.text for p in answer.passages] == ["a", "dW = x"]
    assert [why for _, why in answer.refused] == ["Line 2: the fence has no end; all that follows was read as code."]


def test_headings_of_every_kind_make_parts() -> None:
    text = """# Sheet 3
$a$
## Problem 1 (20 pt)
$b$
Problem 2

$c$
Ex 3. we take the derivative of the whole loss with respect to every one of its parameters
$d$

1.1 Exercise 1: Implementing backpropagation (20 P)

$e$
**Second layer:**
$f$
Q2.
$g$
Underlined
----------
$h$
"""
    assert [(p.text, p.part) for p in answer_of_text(text, suffix=".md").passages] == [
        ("a", "Sheet 3"),
        ("b", "Sheet 3 > Problem 1 (20 pt)"),
        ("c", "Sheet 3 > Problem 1 (20 pt) > Problem 2"),
        ("d", "Sheet 3 > Problem 1 (20 pt) > Ex 3"),
        ("e", "Sheet 3 > Problem 1 (20 pt) > Ex 3 > 1.1 Exercise 1: Implementing backpropagation (20 P)"),
        (
            "f",
            "Sheet 3 > Problem 1 (20 pt) > Ex 3 > 1.1 Exercise 1: Implementing backpropagation (20 P) > Second layer",
        ),
        ("g", "Sheet 3 > Problem 1 (20 pt) > Q2"),
        ("h", "Sheet 3 > Underlined"),
    ]


def test_sentences_and_code_are_no_headings() -> None:
    text = (
        "Problem 2 asks for $a$\n1. First we compute\n\n```\n# Problem 3\nx = 1\n```\n2 Apples are red.\n\n"
        "There are\n3 Apples of mine\n\n$b$"
    )
    assert {p.part for p in answer_of_text(text, suffix=".md").passages} == {""}


@pytest.mark.parametrize(
    ("part", "wanted", "named"),
    [
        ("Sheet 3 > Ex 2. a)", "Ex 2", True),
        ("Sheet 3 > Exercise 2: neurons", "ex 2", True),
        ("Ex 2 > 1 Forward", "Ex 2", True),
        ("Ex 20", "Ex 2", False),
        ("Ex 2.1", "Ex 2", False),
        ("Q2. Networks", "Question 2", True),
        ("Problem 1 (20 pt)", "Problem 1", True),
        ("Problem 1 (20 pt)", "Problem 2", False),
        ("1.1 Exercise 1: Implementing", "Exercise 1", True),
        ("Second layer", "second", True),
        ("Second layer", "", False),
    ],
)
def test_a_part_is_named_by_whole_words(part: str, wanted: str, named: bool) -> None:
    assert names_part(part, wanted) is named


def test_the_network_is_chosen_by_a_comment_of_any_kind() -> None:
    text = "$a$\n<!-- network: one.net -->\n$b$\n```python\n# network: two.net\ndW = x\n```\n% network: three.net\n$c$"
    assert [p.network for p in answer_of_text(text, suffix=".md").passages] == ["", "one.net", "two.net", "three.net"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$", "more than 40,000 signs"),
        ("$a$ ", "more than 20,000 formulas"),
        ("\\begin{align}", "more than 40,000 signs"),
        ("```\nx = 1\n```\n", "more than 3,000 fences"),
        ("$a{", "more than"),
        ("$x\n\n", "more than 40,000 signs"),
        ("\\newcommand{\\x}{", "more than 1,000 macros"),
    ],
)
def test_what_nobody_wrote_by_hand_is_refused_with_its_place(text: str, why: str) -> None:
    for suffix in (".md", ".tex") if "`" not in text else (".md",):
        with pytest.raises(ReadError, match=why) as caught:
            answer_of_text("\\section{A}" + text * (50_000 if len(text) > 1 else 200_000), suffix=suffix)
        assert caught.value.span is not None
