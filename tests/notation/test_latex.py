"""Formulas in LaTeX and as text: exact strings, and what has no printed form."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from symbackprop.errors import MissingRule
from symbackprop.notation import tree as t
from symbackprop.notation.latex import latex, latex_lines
from symbackprop.notation.layout import Layout
from symbackprop.notation.mathml import mathml
from symbackprop.notation.spelling import Notation, Style
from symbackprop.notation.text import text

N = Notation()


def num(value: int | str) -> t.Num:
    return t.Num(Fraction(value))


def s(name: str) -> t.Sym:
    return t.Sym(name)


def v(name: str) -> t.Sym:
    return t.Sym(name, "vector")


def m(name: str) -> t.Sym:
    return t.Sym(name, "matrix")


def d(name: str) -> t.Delta:
    return t.Delta(name, "vector")


def times(*factors: t.Tree) -> t.Prod:
    return t.Prod(factors)


def circ(*factors: t.Tree) -> t.Prod:
    return t.Prod(factors, "hadamard")


def plus(*terms: t.Tree) -> t.Sum:
    return t.Sum(tuple((1, term) for term in terms))


def minus(first: t.Tree, *others: t.Tree) -> t.Sum:
    return t.Sum(((1, first), *((-1, term) for term in others)))


def negative(term: t.Tree) -> t.Sum:
    return t.Sum(((-1, term),))


ONES = t.Special("ones")
I, J = t.Letter("i"), t.Letter("j")
SQUARE = num(2)
TALL = t.Frac(s("a"), s("b"))

FORMULAS: list[tuple[t.Tree, str, str, str]] = [
    # products
    (
        times(t.Trans(m("W_2")), d("z_2")),
        r"W_{2}^{\top} \delta_{z_{2}}",
        "W₂ᵀ δ_z₂",
        "W_2^T delta_z_2",
    ),
    (
        circ(d("a_1"), t.Indicator(t.Relation(">", v("z_1"), num(0)))),
        r"\delta_{a_{1}} \circ \mathbf{1}[z_{1} > 0]",
        "δ_a₁ ∘ 1[z₁ > 0]",
        "delta_a_1 * 1[z_1 > 0]",
    ),
    (
        times(t.Frac(num(2), times(s("n"), s("k"))), minus(m("Y"), m("T"))),
        r"\frac{2}{n k} (Y - T)",
        "2/(n k) (Y − T)",
        "2/(n k) (Y - T)",
    ),
    (
        negative(times(t.Trans(t.Inv(m("X"))), t.Trans(m("A")), t.Trans(m("B")), t.Trans(t.Inv(m("X"))))),
        r"-X^{-\top} A^{\top} B^{\top} X^{-\top}",
        "−X⁻ᵀ Aᵀ Bᵀ X⁻ᵀ",
        "-X^-T A^T B^T X^-T",
    ),
    (
        circ(m("P"), minus(d("P"), times(circ(d("P"), m("P")), ONES, t.Trans(ONES)))),
        r"P \circ (\delta_{P} - (\delta_{P} \circ P) \mathbf{1} \mathbf{1}^{\top})",
        "P ∘ (δ_P − (δ_P ∘ P) 1 1ᵀ)",
        "P * (delta_P - (delta_P * P) 1 1^T)",
    ),
    (
        times(
            s("x_1"),
            minus(num(1), t.Pow(s("a_3"), SQUARE)),
            plus(times(s("w_35"), minus(num(1), t.Pow(s("a_5"), SQUARE))), s("w_36")),
        ),
        r"x_{1} (1 - a_{3}^{2}) (w_{35} (1 - a_{5}^{2}) + w_{36})",
        "x₁ (1 − a₃²) (w₃₅ (1 − a₅²) + w₃₆)",
        "x_1 (1 - a_3^2) (w_35 (1 - a_5^2) + w_36)",
    ),
    (circ(times(m("A"), m("B")), m("C")), r"(A B) \circ C", "(A B) ∘ C", "(A B) * C"),
    (times(m("A"), circ(m("B"), m("C"))), r"A (B \circ C)", "A (B ∘ C)", "A (B * C)"),
    (times(num(2), circ(m("B"), m("C"))), r"2 B \circ C", "2 B ∘ C", "2 B * C"),
    (circ(times(num(2), m("B")), m("C")), r"2 B \circ C", "2 B ∘ C", "2 B * C"),
    (circ(m("C"), times(num(2), m("B"))), r"C \circ (2 B)", "C ∘ (2 B)", "C * (2 B)"),
    (times(m("A"), times(m("B"), m("C"))), "A (B C)", "A (B C)", "A (B C)"),
    (
        t.Prod((times(v("x"), t.Trans(v("x"))), t.Block("z", "z")), "kron"),
        r"(x x^{\top}) \otimes H_{z}",
        "(x xᵀ) ⊗ H_z",
        "(x x^T) (x) H_z",
    ),
    (t.Prod((v("a"), v("b")), "outer"), r"a \otimes b", "a ⊗ b", "a (x) b"),
    (t.Prod((v("a"), v("b")), "dot"), r"a \cdot b", "a · b", "a * b"),
    (times(num(2), num(3), num("1/2")), r"2 \cdot 3 \cdot \frac{1}{2}", "2 · 3 · (1/2)", "2 * 3 * (1/2)"),
    (times(s("n"), num(2)), r"n \cdot 2", "n · 2", "n * 2"),
    (times(num(2), t.Frac(s("a"), num(3))), r"2 \frac{a}{3}", "2 (a/3)", "2 (a/3)"),
    (times(num(2), t.Pow(num(10), num(3))), r"2 \cdot 10^{3}", "2 · 10³", "2 * 10^3"),
    (times(s("loss"), s("x")), r"\mathrm{loss} \, x", "loss x", "loss x"),
    (
        times(num(2), t.Indicator(t.Relation("<=", s("a"), num(0)))),
        r"2 \cdot \mathbf{1}[a \leq 0]",
        "2 · 1[a ≤ 0]",
        "2 * 1[a <= 0]",
    ),
    (times(), "1", "1", "1"),
    (times(TALL, m("X")), r"\frac{a}{b} X", "(a/b) X", "(a/b) X"),
    (circ(TALL, m("X")), r"\frac{a}{b} \circ X", "(a/b) ∘ X", "(a/b) * X"),
    # signs
    (t.Sum(()), "0", "0", "0"),
    (negative(s("a")), "-a", "−a", "-a"),
    (negative(plus(s("a"), s("b"))), "-(a + b)", "−(a + b)", "-(a + b)"),
    (minus(s("a"), minus(s("b"), s("c"))), "a - (b - c)", "a − (b − c)", "a - (b - c)"),
    (plus(plus(s("a"), s("b")), s("c")), "a + b + c", "a + b + c", "a + b + c"),
    (plus(s("a"), negative(s("b"))), "a - b", "a − b", "a - b"),
    (plus(s("a"), times(num(-2), s("b"))), "a - 2 b", "a − 2 b", "a - 2 b"),
    (minus(s("a"), num(-2)), "a + 2", "a + 2", "a + 2"),
    (times(num(-1), s("b"), s("c")), "-b c", "−b c", "-b c"),
    (times(s("b"), num(-3)), "b (-3)", "b (−3)", "b (-3)"),
    (plus(s("a"), t.Frac(num(-1), s("b"))), r"a - \frac{1}{b}", "a − 1/b", "a - 1/b"),
    (t.Frac(negative(s("n")), num(2)), r"\frac{-n}{2}", "(−n)/2", "(-n)/2"),
    # numbers
    (num("1/2"), r"\frac{1}{2}", "1/2", "1/2"),
    (num("1/8"), r"\frac{1}{8}", "1/8", "1/8"),
    (num("3/7"), r"\frac{3}{7}", "3/7", "3/7"),
    (num("-1/2"), r"-\frac{1}{2}", "−1/2", "-1/2"),
    (num("0.01"), "0.01", "0.01", "0.01"),
    (num("0.044715"), "0.044715", "0.044715", "0.044715"),
    (num("12.5"), r"\frac{25}{2}", "25/2", "25/2"),
    (num("12.34"), "12.34", "12.34", "12.34"),
    (num("0.00001"), "10^{-5}", "10⁻⁵", "10^-5"),
    (num("0.000025"), r"2.5 \cdot 10^{-5}", "2.5 · 10⁻⁵", "2.5 * 10^-5"),
    (t.Const("pi"), r"\pi", "π", "pi"),
    # quotients and powers
    (
        t.Frac(minus(v("a"), v("y")), circ(v("a"), minus(num(1), v("a")))),
        r"\frac{a - y}{a \circ (1 - a)}",
        "(a − y)/(a ∘ (1 − a))",
        "(a - y)/(a * (1 - a))",
    ),
    (t.Frac(times(d("S"), m("K")), t.Sqrt(s("d"))), r"\frac{\delta_{S} K}{\sqrt{d}}", "δ_S K/√d", "delta_S K/sqrt(d)"),
    (t.Frac(TALL, s("c")), r"\frac{\frac{a}{b}}{c}", "(a/b)/c", "(a/b)/c"),
    (t.Frac(s("c"), t.Frac(s("a"), s("b"))), r"\frac{c}{\frac{a}{b}}", "c/(a/b)", "c/(a/b)"),
    (times(s("c"), TALL), r"c \frac{a}{b}", "c (a/b)", "c (a/b)"),
    (t.Pow(v("z"), SQUARE, elementwise=True), r"z^{\circ 2}", "z^∘2", "z^*2"),
    (t.Pow(TALL, SQUARE), r"\left(\frac{a}{b}\right)^{2}", "(a/b)²", "(a/b)^2"),
    (t.Pow(t.Pow(s("a"), SQUARE), num(3)), "(a^{2})^{3}", "(a²)³", "(a^2)^3"),
    (t.Pow(plus(s("a"), s("b")), num(-1)), "(a + b)^{-1}", "(a + b)⁻¹", "(a + b)^-1"),
    (t.Pow(s("x"), num("1/2")), "x^{1/2}", "x^{1/2}", "x^{1/2}"),
    (t.Pow(num("1/2"), s("n")), r"\left(\frac{1}{2}\right)^{n}", "(1/2)ⁿ", "(1/2)^n"),
    (t.Pow(num(-2), s("n")), "(-2)^{n}", "(−2)ⁿ", "(-2)^n"),
    (t.Pow(s("a"), plus(s("b"), num(1))), "a^{b + 1}", "a^{b + 1}", "a^{b + 1}"),
    (t.Pow(t.Call("tanh", (s("z"),)), SQUARE), r"\tanh(z)^{2}", "tanh(z)²", "tanh(z)^2"),
    (t.Trans(plus(m("A"), m("B"))), r"(A + B)^{\top}", "(A + B)ᵀ", "(A + B)^T"),
    (t.Trans(times(m("A"), m("B"))), r"(A B)^{\top}", "(A B)ᵀ", "(A B)^T"),
    (t.Trans(t.Call("tanh", (v("z"),))), r"\tanh(z)^{\top}", "tanh(z)ᵀ", "tanh(z)^T"),
    (t.Trans(t.Pow(m("A"), SQUARE)), r"(A^{2})^{\top}", "(A²)ᵀ", "(A^2)^T"),
    (t.Inv(plus(m("A"), m("B"))), "(A + B)^{-1}", "(A + B)⁻¹", "(A + B)^-1"),
    # functions
    (t.Call("tanh", (v("z_1"),)), r"\tanh(z_{1})", "tanh(z₁)", "tanh(z_1)"),
    (t.Call("tanh", (v("z_1"),), 1), r"\tanh'(z_{1})", "tanh′(z₁)", "tanh'(z_1)"),
    (t.Call("sigmoid", (v("z_1"),), 2), r"\sigma''(z_{1})", "σ′′(z₁)", "sigma''(z_1)"),
    (t.Call("softmax", (v("o"),)), r"\operatorname{softmax}(o)", "softmax(o)", "softmax(o)"),
    (t.Call("exp", (TALL,)), r"\exp\left(\frac{a}{b}\right)", "exp(a/b)", "exp(a/b)"),
    (t.Call("trace", (times(m("A"), m("B")),)), r"\operatorname{tr}(A B)", "tr(A B)", "tr(A B)"),
    (t.Call("logdet", (m("X"),)), r"\log \lvert \det X \rvert", "log |det X|", "log |det X|"),
    (t.Call("log", (t.Abs(s("x")),)), r"\log \lvert x \rvert", "log |x|", "log |x|"),
    (t.Call("maximum", (s("a"), num(0))), r"\max(a, 0)", "max(a, 0)", "max(a, 0)"),
    (t.Call("diag", (v("a"),)), r"\operatorname{diag}(a)", "diag(a)", "diag(a)"),
    (
        t.Call("mean", (m("X"),), sub=(t.Text("per row"),)),
        r"\operatorname{mean}_{\text{per row}}(X)",
        "mean_{per row}(X)",
        "mean_{per row}(X)",
    ),
    (t.Index(t.Call("array", (s("a"),)), (I, J)), "[a]_{ij}", "[a]ᵢⱼ", "[a]_ij"),
    (
        times(num("1/2"), t.Pow(t.Norm(minus(v("z_3"), v("y"))), SQUARE)),
        r"\frac{1}{2} \lVert z_{3} - y \rVert^{2}",
        "1/2 ‖z₃ − y‖²",
        "1/2 ||z_3 - y||^2",
    ),
    (t.Norm(TALL), r"\left\lVert \frac{a}{b}\right\rVert", "‖a/b‖", "||a/b||"),
    (t.Sqrt(plus(s("a"), s("b"))), r"\sqrt{a + b}", "√(a + b)", "sqrt(a + b)"),
    (t.Expectation(times(v("x"), t.Trans(v("x")))), r"\mathrm{E}[x x^{\top}]", "E[x xᵀ]", "E[x x^T]"),
    # derivatives
    (t.Partial(s("J"), (m("W_1"),)), r"\frac{\partial J}{\partial W_{1}}", "∂J/∂W₁", "dJ/dW_1"),
    (
        t.Partial(s("J"), (m("W_1"), v("b_2"))),
        r"\frac{\partial^{2} J}{\partial W_{1} \, \partial b_{2}}",
        "∂²J/(∂W₁ ∂b₂)",
        "d^2J/(dW_1 db_2)",
    ),
    (t.Partial(s("J"), (v("w"), v("w"))), r"\frac{\partial^{2} J}{\partial w^{2}}", "∂²J/∂w²", "d^2J/dw^2"),
    (t.Block("z_1", "z_2"), r"H_{z_{1} z_{2}}", "H_{z₁ z₂}", "H_{z_1 z_2}"),
    (t.Block("z_1", "z_1"), r"H_{z_{1}}", "H_z₁", "H_z_1"),
    # entries, sums, conditions
    (t.Index(v("x"), (I,)), "x_{i}", "xᵢ", "x_i"),
    (t.Index(m("W_1"), (I, J)), "(W_{1})_{ij}", "(W₁)ᵢⱼ", "(W_1)_ij"),
    (t.Index(m("X"), (num(1), num(2))), "X_{1,2}", "X_{1,2}", "X_{1,2}"),
    (t.Index(m("X"), (t.Range(num(1), num(3)), t.Range(None, None))), "X_{1:3,:}", "X_{1:3,:}", "X_{1:3,:}"),
    (t.Index(t.Trans(m("X")), (I, J)), r"(X^{\top})_{ij}", "(Xᵀ)ᵢⱼ", "(X^T)_ij"),
    (
        t.Index(t.Call("softmax", (v("o"),)), (s("y"),)),
        r"\operatorname{softmax}(o)_{y}",
        "softmax(o)_y",
        "softmax(o)_y",
    ),
    (t.Pow(t.Index(v("x"), (I,)), SQUARE), "x_{i}^{2}", "xᵢ²", "x_i^2"),
    (
        t.BigSum(times(t.Index(v("a"), (I,)), t.Index(v("b"), (I,))), (("i", num(1), s("n")),)),
        r"\sum_{i=1}^{n} a_{i} b_{i}",
        "Σ_{i=1}^n aᵢ bᵢ",
        "sum_{i=1}^n a_i b_i",
    ),
    (t.BigSum(plus(s("a"), s("b")), (("i", None, None),)), r"\sum_{i} (a + b)", "Σ_i (a + b)", "sum_i (a + b)"),
    (t.BigSum(s("a"), (("i", None, None), ("j", None, None))), r"\sum_{i,j} a", "Σ_{i,j} a", "sum_{i,j} a"),
    (
        plus(t.BigSum(s("a"), (("t", None, None),)), s("b")),
        r"\left(\sum_{t} a\right) + b",
        "(Σ_t a) + b",
        "(sum_t a) + b",
    ),
    (plus(s("b"), t.BigSum(s("a"), (("t", None, None),))), r"b + \sum_{t} a", "b + Σ_t a", "b + sum_t a"),
    (
        plus(times(s("c"), t.BigSum(s("a"), (("t", None, None),))), s("b")),
        r"\left(c \sum_{t} a\right) + b",
        "(c Σ_t a) + b",
        "(c sum_t a) + b",
    ),
    (times(t.BigSum(s("a"), (("t", None, None),)), s("b")), r"\left(\sum_{t} a\right) b", "(Σ_t a) b", "(sum_t a) b"),
    (
        t.Cases(((num(1), t.Relation(">", s("x"), num(0))), (num(0), None))),
        r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
        "{1 if x > 0; 0 otherwise}",
        "{1 if x > 0; 0 otherwise}",
    ),
    (
        t.Grid(((s("a"), s("b")), (s("c"), s("d")))),
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        "[a, b; c, d]",
        "[a, b; c, d]",
    ),
    (t.Relation("!=", s("a"), num(0)), r"a \neq 0", "a ≠ 0", "a != 0"),
    (times(s("b"), t.Relation("=", s("a"), num(0))), "b (a = 0)", "b (a = 0)", "b (a = 0)"),
    (t.Special("eye", s("n")), "I_{n}", "Iₙ", "I_n"),
    (t.Special("zero"), "0", "0", "0"),
    (t.Text("50% of A_1"), r"\text{50\% of A\_1}", "50% of A_1", "50% of A_1"),
]


@pytest.mark.parametrize("case", FORMULAS, ids=lambda case: case[1])
def test_a_formula_prints_exactly(case: tuple[t.Tree, str, str, str]) -> None:
    tree, tex, unicode, ascii_only = case
    assert latex(tree, N) == tex
    assert text(tree, N) == unicode
    assert text(tree, N, ascii=True) == ascii_only
    assert ascii_only.isascii()


def test_the_signs_are_those_of_the_style() -> None:
    notation = Notation(Style(transpose="T", hadamard=r"\odot"))
    assert latex(circ(t.Trans(m("A")), m("B")), notation) == r"A^{T} \odot B"
    assert text(circ(t.Trans(m("A")), m("B")), notation) == "Aᵀ ⊙ B"
    assert latex(t.Pow(v("z"), SQUARE, elementwise=True), notation) == r"z^{\odot 2}"
    assert latex(t.Trans(m("A")), Notation(Style(transpose=r"\prime"))) == "A'"


def test_what_has_no_printed_form_is_named() -> None:
    @dataclass(frozen=True)
    class Unknown:
        base: int = 0

    with pytest.raises(MissingRule, match="Unknown"):
        latex(Unknown(), N)  # type: ignore[arg-type]
    with pytest.raises(MissingRule, match="frobnicate"):
        latex(t.Call("frobnicate", (s("x"),)), N)
    with pytest.raises(MissingRule, match="tau"):
        latex(t.Const("tau"), N)
    with pytest.raises(MissingRule, match="~"):
        latex(t.Relation("~", s("a"), s("b")), N)


def test_wide_is_printed_and_deep_is_an_error_that_says_so() -> None:
    wide = plus(
        *(
            times(
                *(s("a") for _ in range(5)),
            )
            for _ in range(5000)
        )
    )
    assert latex(wide, N).count("+") == 4999
    assert latex(times(*(s("a") for _ in range(5000))), N) == " ".join("a" * 5000)
    deep: t.Tree = s("x")
    for i in range(190):
        deep = t.Call("tanh", (deep,)) if i % 2 else plus(deep, s("b"))
    assert latex(deep, N).count(r"\tanh") == 95
    assert text(deep, N).count("tanh") == 95
    for _ in range(5000):
        deep = t.Call("tanh", (deep,))
    with pytest.raises(MissingRule, match="deeper than 200"):
        latex(deep, N)


NESTS: dict[str, Callable[[t.Tree], t.Tree]] = {
    "call": lambda x: t.Call("maximum", (x, s("a"))),
    "difference": lambda x: minus(s("a"), x),
    "quotient": lambda x: t.Frac(s("a"), x),
    "power": lambda x: t.Pow(x, SQUARE),
    "exponent": lambda x: t.Pow(s("a"), x),
    "index": lambda x: t.Index(s("a"), (x,)),
    "root": t.Sqrt,
    "grid": lambda x: t.Grid(((x,),)),
}


@pytest.mark.parametrize("nest", NESTS)
def test_every_printer_bears_the_deepest_formula(nest: str) -> None:
    deep: t.Tree = s("x")
    for _ in range(198):
        deep = NESTS[nest](deep)
    for printed in (latex(deep, N), text(deep, N), mathml(deep, N), *latex_lines(s("J"), deep, N)):
        assert "x" in printed or "a" in printed


def test_a_printer_can_go_on_after_an_error() -> None:
    layout = Layout(N)
    for _ in range(300):
        with pytest.raises(MissingRule):
            layout.box(t.Call("tanh", (t.Const("tau"),)))
    assert layout.box(s("x"))


def test_words_cannot_leave_their_braces() -> None:
    assert latex(t.Text(r"a}\input{x}"), N) == r"\text{a\}\textbackslash{}input\{x\}}"


def test_every_formula_compiles(pdflatex: str, tmp_path: Path) -> None:
    body = "\n\n".join(f"${tex}$" for _, tex, _, _ in FORMULAS)
    source = rf"\documentclass{{article}}\usepackage{{amsmath}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "all.tex").write_text(source, encoding="utf-8")
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
