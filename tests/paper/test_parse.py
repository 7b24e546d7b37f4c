"""Formulas into trees: what stands where, what belongs together, and what is refused at which place."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.errors import SymbackpropError
from symbackprop.paper.lexemes import FormulaError
from symbackprop.paper.parse import Reader
from symbackprop.paper.statements import Broken, statements
from symbackprop.paper.tree import (
    Atom,
    Bars,
    Big,
    Chain,
    Compare,
    Derivative,
    Dots,
    Fraction_,
    Grid,
    Group,
    Listing,
    Named,
    Num,
    Product,
    Root,
    Sum,
    Tree,
    Words,
)


def outline(tree: Tree) -> str:
    """A tree in one line: structure, not spelling."""
    if isinstance(tree, Num):
        return tree.text
    if isinstance(tree, (Atom, Named)):
        base = tree.base.lstrip("\\") if isinstance(tree, Atom) else f"<{tree.name}>"
        accents = "".join(f"~{a}" for a in tree.accents) if isinstance(tree, Atom) else ""
        scripts = "".join(f"{s.sign}{{{' '.join(s.words)}}}" for s in tree.scripts)
        return f"{base}{accents}{chr(39) * tree.primes}{scripts}"
    if isinstance(tree, Group):
        scripts = "".join(f"{s.sign}{{{' '.join(s.words)}}}" for s in tree.scripts)
        return f"{tree.left}{outline(tree.body)}{tree.left}{chr(39) * tree.primes}{scripts}"
    if isinstance(tree, Listing):
        return ", ".join(map(outline, tree.items))
    if isinstance(tree, Fraction_):
        return f"[{outline(tree.top)} over {outline(tree.bottom)}]"
    if isinstance(tree, Root):
        return f"root[{outline(tree.body)}]"
    if isinstance(tree, Product):
        parts = [outline(tree.factors[0])]
        for sign, factor in zip(tree.signs, tree.factors[1:], strict=True):
            parts += [sign or "·", outline(factor)]
        return f"<{' '.join(parts)}>"
    if isinstance(tree, Sum):
        return "sum[" + " ".join(f"{'+' if s > 0 else '-'}{outline(t)}" for s, t in tree.terms) + "]"
    if isinstance(tree, Derivative):
        top = "" if tree.top is None else outline(tree.top)
        return f"D{tree.order}({top}; {', '.join(map(outline, tree.bottoms))})"
    if isinstance(tree, Big):
        return tree.operator + "".join(f"{s.sign}{{{' '.join(s.words)}}}" for s in tree.scripts)
    if isinstance(tree, Bars):
        scripts = "".join(f"{s.sign}{{{' '.join(s.words)}}}" for s in tree.scripts)
        return f"{'‖' if tree.double else '|'}{outline(tree.body)}{scripts}"
    if isinstance(tree, Grid):
        rows = ["; ".join("" if x is None else outline(x) for x in row) for row in tree.rows]
        return f"{tree.environment}[{' / '.join(rows)}]"
    if isinstance(tree, Compare):
        return f"({outline(tree.left)} {tree.op} {outline(tree.right)})"
    return "..." if isinstance(tree, Dots) else f"'{tree.text}'" if isinstance(tree, Words) else "?"


def whole(text: str) -> Tree:
    reader = Reader(text)
    tree = reader.expression(0)
    if reader.at < len(reader.lexemes):
        reader.refuse("this cannot stand here")
    return tree


def read(text: str) -> str:
    return outline(whole(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\frac{\partial J}{\partial W_1}", "D1(J; W_{1})"),
        (r"\frac{dJ}{dW^{[2]}}", "D1(J; W^{[ 2 ]})"),
        (r"\partial J/\partial W", "D1(J; W)"),
        (r"dJ/dW", "D1(J; W)"),
        (r"\frac{\mathrm{d}J}{\mathrm{d}x}", "D1(J; x)"),
        (r"\frac{\partial^2 L}{\partial w^2}", "D2(L; w, w)"),
        (r"\frac{\partial^2 L}{\partial z_i \partial z_j}", "D2(L; z_{i}, z_{j})"),
        (r"\nabla_{W} J", "<D1(; W) · J>"),
        (r"\nabla^2_w J", "<D2(; w, w) · J>"),
        (r"\frac{d}{dW}E(W)", "<D1(; W) · E · (W(>"),
        (r"\frac12", "[1 over 2]"),
        (r"\frac n2", "[n over 2]"),
        (r"x^23", "<x^{2} · 3>"),
        (r"\dfrac{a}{b} \cdot c", r"<[a over b] \cdot c>"),
        (r"a \odot b \circ c", r"<a \odot b \circ c>"),
        (r"W^T(y - t)", "<W^{T} · (sum[+y -t](>"),
        (r"\left[x\right]^\top", r"[x[^{\top}"),
        (r"\hat{\mathbf{y}}_i", "y~hat_{i}"),
        (r"\hat{y_j}^{(b)}", "y~hat_{j}^{( b )}"),
        (r"f'_3(x)", "<f'_{3} · (x(>"),
        (r"tanh^{'}(x)", "<tanh' · (x(>"),
        (r"g^{[1]'}(z)", "<g'^{[ 1 ]} · (z(>"),
        (r"\text{Swish}(x)", "<Swish · (x(>"),
        (r"softmax(z)", "<softmax · (z(>"),
        (r"tanh^2z2", "<tanh^{2} · z · 2>"),
        (r"\|Wx - y\|_2^2", "‖sum[+<W · x> -y]_{2}^{2}"),
        (r"|a|", "|a"),
        (r"\sum_{i=1}^{n} x_i", "<sum_{i = 1}^{n} · x_{i}>"),
        (r"\mathbb{1}[z > 0]", "<1 · [(z > 0)[>"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "pmatrix[a; b / c; d]"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}", "cases[1; (x > 0) / 0; 'otherwise']"),
        (r"(x_1, \dots, x_n)^T", "(x_{1}, ..., x_{n}(^{T}"),
        (r"a \cdot -b", r"<a \cdot sum[-b]>"),
        (r"--x", "x"),
        ("∂J/∂x", "D1(J; x)"),
        ("½(A + Aᵀ)", "<[1 over 2] · (sum[+A +A^{T}](>"),
        (r"\underbrace{a b}_{\text{error}} c", "<{<a · b>{ · c>"),
        (r"\sqrt{d_k}", "root[d_{k}]"),
    ],
)  # fmt: skip  # a table
def test_what_is_written_is_what_is_read(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "stretch", "message"),
    [
        ("x^2^3", "^3", "double superscript"),
        ("x_1_2", "_2", "double subscript"),
        (r"\frac{1}{", "", "something is missing"),
        (r"(a + b", "(", "not closed"),
        (r"a + b)", ")", "cannot stand here"),
        (r"a +", "", "missing"),
        (r"\input{x}", r"\input", "not supported"),
        (r"\write18{ls}", r"\write", "not supported"),
        (r"\csname x\endcsname", r"\csname", "not supported"),
        (r"\catcode`\%=12", r"\catcode", "not supported"),
        (r"a \foo b", r"\foo", "not known"),
        ("a % b", "%", "begins a comment"),
        ("a ｘ", "ｘ", "U+FF58"),
        ("х + 1", "х", "U+0445"),
        (r"\begin{pmatrix} 1", r"\begin", "is missing"),
        (r"\begin{tikzpicture} 1 \end{tikzpicture}", r"\begin{tikzpicture}", "cannot stand inside"),
        (r"\int x", r"\int", "not understood"),
        (r"\sqrt[3]{x}", r"\sqrt[3", "square roots"),
        (r"\frac{\partial^3 f}{\partial x^3}", "^3", "order 1 and 2"),
        (r"\partial J", r"\partial J", "needs something below"),
        ("9" * 60, "9" * 60, "more than 40 digits"),
        (r"\hat{a + b}", r"\hat{a + b}", "one letter"),
        ("()", ")", "nothing between"),
        ("x_{}", "_{}", "braces are empty"),
    ],
)  # fmt: skip  # a table
def test_what_cannot_be_read_is_named_with_its_place(text: str, stretch: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message.replace("+", r"\+")) as refused:
        whole(text)
    error = refused.value
    assert 0 <= error.start <= error.end <= len(text) + 1
    if stretch:
        assert text[error.start : error.end].startswith(stretch[:1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = b = c", [("=", "=")]),
        (r"\begin{aligned} a &= b \\ &= c \\ d &= e \end{aligned}", [("=", "="), ("=",)]),
        (r"\begin{aligned} a &= b \\ &\quad + c \\ d &= e \end{aligned}", [("=",), ("=",)]),
        (r"a = b, \quad c = d", [("=",), ("=",)]),
        (r"r a^T = b \text{ where } r = z - y", [("=",), ("=",)]),
        (r"a = b \quad (\text{element-wise multiplication})", [("=",)]),
        (r"e_j := y_j - t_j", [(":=",)]),
        (r"a = b \Rightarrow c = d", [("=",), ("=",)]),
        ("\\frac{\\partial J}{\\partial a} = b\n\\frac{\\partial J}{\\partial c} = d", [("=",), ("=",)]),
        (r"a \approx b", [("~",)]),
        (r"b). a = c", [("=",)]),
        (r"= c", [("=",)]),
    ],
)  # fmt: skip  # a table
def test_lines_and_commas_make_statements(text: str, expected: list[tuple[str, ...]]) -> None:
    found = statements(text)
    assert all(isinstance(s, Chain) for s in found)
    assert [s.relations for s in found if isinstance(s, Chain)] == expected


def test_words_behind_a_formula_stay_with_it() -> None:
    (chain,) = statements(r"a = b, \quad (\text{element-wise multiplication})")
    assert isinstance(chain, Chain)
    assert "element-wise" in " ".join(chain.words)


def test_a_line_that_cannot_be_read_keeps_no_other_from_being_read() -> None:
    first, second, third = statements(r"a = b \\ c = \foo \\ d = e")
    assert isinstance(first, Chain)
    assert isinstance(second, Broken)
    assert isinstance(third, Chain)
    assert second.error.message.startswith("Cannot read the formula at `\\foo`")


def test_places_are_those_of_the_text() -> None:
    text = r"\begin{aligned} \delta_2 &= W^T \delta_3 \\ &= r \end{aligned}"
    (chain,) = statements(text)
    assert isinstance(chain, Chain)
    assert [text[s.start : s.end] for s in chain.sides] == [r"\delta_2", r"W^T \delta_3", "r"]


PIECES = [
    *("a", "W", "x_1", "^T", "^{2}", "_i", "'", "(", ")", "[", "]", "{", "}", "|", "=", "+", "-", "*", ",", "&", " "),
    *(r"\frac", r"\partial", r"\nabla", r"\sum", r"\hat", r"\mathbf", r"\text{if}", r"\begin{cases}", "^", "_", "\n"),
    *(r"\\", r"\cdot", r"\odot", r"\delta", r"\left", r"\right", r"\sqrt", r"\quad", r"\mathbb{1}", "d", "0.5"),
    r"\end{cases}",
    *(r"\begin{aligned}", r"\end{aligned}", r"\|", ":", ".", "é", "∂", "\x00", r"\input", "%", r"\ldots"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_text_raises_anything_but_our_errors(text: str) -> None:
    try:
        found = statements(text)
    except SymbackpropError:
        return
    for statement in found:
        assert 0 <= statement.start <= statement.end <= len(text)


@given(st.text(max_size=60))
def test_no_characters_raise_anything_but_our_errors(text: str) -> None:
    with suppress(SymbackpropError):
        assert all(s.start <= s.end for s in statements(text))
