"""Macros of the answer: expanded wherever they are used, with a limit, and with the place of their use."""

from __future__ import annotations

import pytest

from symbackprop.answers import answer_of_text
from symbackprop.errors import ReadError


def expanded(text: str) -> str:
    (passage,) = answer_of_text(text).passages
    return passage.text


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        (r"\newcommand{\W}{\mathbf{W}} \W = x", r"\mathbf{W} = x"),
        (r"\newcommand\W{\mathbf{W}} \W = x", r"\mathbf{W} = x"),
        (r"\def\W{\mathbf W} \W_1 = x", r"\mathbf W_1 = x"),
        (r"\renewcommand*{\vec}[1]{\mathbf{#1}} \vec{x} = \vec y", r"\mathbf{x} = \mathbf{y}"),
        (
            r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \pd{J}{W} = \pd J b",
            r"\frac{\partial J}{\partial W} = \frac{\partial J}{\partial b}",
        ),
        (r"\newcommand{\g}[2][J]{\nabla_{#2} #1} \g{W} = \g[L]{b}", r"\nabla_{W} J = \nabla_{b} L"),
        (r"\DeclareMathOperator{\diag}{diag} \diag(a) = b", r"\operatorname{diag}(a) = b"),
        (r"\DeclareMathOperator*{\amin}{arg\,min} \amin a = b", r"\operatorname*{arg\,min} a = b"),
        (
            r"\DeclarePairedDelimiter{\n}{\lVert}{\rVert} \n{a} = \n*{b} + \n[\big]{c}",
            r"\lVert a \rVert = \left\lVert b\right\rVert + \lVert c \rVert",
        ),
        (r"\let\bs\boldsymbol \bs{x} = y", r"\boldsymbol{x} = y"),
        (r"\let\old\vec \renewcommand{\vec}[1]{\old{\mathbf #1}} \vec{x} = y", r"\vec{\mathbf x} = y"),
        (r"\newcommand{\R}{\ensuremath{\mathbb{R}}\xspace} \R = y", r"{\mathbb{R}} = y"),
        (r"\newcommand{\dd}{\partial} \dd x = y", r"\partial x = y"),
        (r"\newcommand{\dd}{\partial} \frac\dd{x} = y", r"\frac\partial{x} = y"),
        (r"\def\p#1{\frac{\partial}{\partial #1}}\def\q#1{\p{#1}J} \q{W} = x", r"\frac{\partial}{\partial W}J = x"),
        (r"\newcommand{\a}{1}\providecommand{\a}{2} \a = x", "1 = x"),
        (r"\newcommand{\a}{1}\renewcommand{\a}{2} \a = x", "2 = x"),
        (r"\newcommand{\p}[1]{\partial#1} \p{x} = y", r"\partial x = y"),
        (r"\newcommand{\T}{^\top} W\T x = y", r"W^\top x = y"),
        (r"\newcommand{\dd}{\partial}\newcommand{\f}{\dd} \f\f x = y", r"\partial\partial x = y"),
    ],
)
def test_a_definition_in_front_of_a_formula_is_used_in_it(text: str, formula: str) -> None:
    assert expanded(text) == formula


def test_definitions_of_a_preamble_hold_in_the_body_and_in_order() -> None:
    text = (
        "\\newcommand{\\J}{L}\n\\begin{document}$\\J$ and \\renewcommand{\\J}{E} \\begin{align}\\J\\end{align}\n"
        "$\\def\\J{F}\\J$, $\\J$\\end{document}"
    )
    assert [p.text for p in answer_of_text(text).passages] == ["L", "E", "F", "F"]


def test_definitions_in_markdown_and_in_formulas_of_their_own_count() -> None:
    text = "$$\n\\newcommand{\\W}{w}\n$$\n\nthen $\\W$"
    assert [p.text for p in answer_of_text(text, suffix=".md").passages] == ["w"]


def test_a_commented_definition_does_not_count() -> None:
    assert [p.text for p in answer_of_text("% \\newcommand{\\W}{w}\n$\\W$").passages] == ["\\W"]


@pytest.mark.parametrize(
    "body",
    [r"\csname x\endcsname", r"\input{x}", r"\ifx a b\fi", r"\def\y{x}", r"\write18{ls}", r"\expandafter\x", r"\@foo"],
)
def test_a_body_that_programs_is_not_expanded(body: str) -> None:
    text = rf"\newcommand{{\x}}{{{body}}} $\x = 1$"
    assert expanded(text) == r"\x = 1"


@pytest.mark.parametrize(
    "text",
    [
        r"\def\x{\x}\x",
        r"\def\a{\a\a}\a",
        r"\def\a{\b}\def\b{\a}\a",
        r"\def\x#1{#1{#1}}\x\x",
        r"\newcommand{\x}[1]{\x{#1+}} $\x a$",
        r"\def\w#1{#1#1}" + r"\w{" * 30 + "x" + "}" * 30,
        "".join(rf"\def\m{chr(97 + i)}{{\m{chr(98 + i)}\m{chr(98 + i)}}}" for i in range(20)) + r"\ma",
    ],
)
def test_a_macro_without_end_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(ReadError, match="expands without end") as caught:
        answer_of_text(text)
    assert caught.value.span is not None
    assert caught.value.span.line == 1


def test_a_macro_that_grows_too_large_is_an_error() -> None:
    with pytest.raises(ReadError, match=r"more than 50,000 characters"):
        answer_of_text(r"\def\x#1{" + "#1" * 900 + "} " + r"\x{" + "a" * 1000 + "}")
    with pytest.raises(ReadError, match=r"more than 500,000 characters"):
        answer_of_text(r"\def\x{" + "a" * 1900 + "}" + (r"$" + r"\x" * 20 + "$\n") * 14)
    with pytest.raises(ReadError, match=r"more than 1,000 macros"):
        answer_of_text("".join(rf"\newcommand{{\x}}{{{i}}}" for i in range(1001)) + " $a$")


def test_a_missing_argument_is_an_error_with_its_place() -> None:
    with pytest.raises(ReadError, match=r"`\\x` takes 2 arguments, and one is missing") as caught:
        answer_of_text("\\newcommand{\\x}[2]{#1}\n\n$\\x a$")
    assert caught.value.span is not None
    assert (caught.value.span.line, caught.value.span.column) == (3, 2)


def test_positions_in_a_body_are_those_of_its_use() -> None:
    text = r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}\newcommand{\R}{R} $a = \pd{J}{W} = \R$"
    (passage,) = answer_of_text(text).passages
    assert passage.text == r"a = \frac{\partial J}{\partial W} = R"

    def source(piece: str) -> str:
        start = passage.text.index(piece)
        return text[slice(*passage.place(start, start + len(piece)))]

    assert source(r"\frac{\partial J}{\partial W}") == r"\pd{J}{W}"
    assert source("W") == "W"
    assert source("R") == r"\R"
    assert source(r"\frac{\partial J}{\partial W} = R") == r"\pd{J}{W} = \R"
    assert source("a = ") == "a = "
