"""Letters: what a name stands for, what an author's spelling may be, and that two that print alike are found."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from symbackprop.errors import ReadError
from symbackprop.notation.boxes.lexemes import read_macros
from symbackprop.notation.boxes.parse import check_latex, parse_latex
from symbackprop.notation.boxes.tex import box_latex
from symbackprop.notation.latex import latex
from symbackprop.notation.spelling import Notation, Spelling, Style, printed_key
from symbackprop.notation.text import text
from symbackprop.notation.tree import (
    Block,
    Call,
    Delta,
    Index,
    Inv,
    Letter,
    Num,
    Pow,
    Prod,
    Range,
    Sum,
    Sym,
    Trans,
)

NAMES = {
    "W_1": (r"W_{1}", "W₁", "W_1"),
    "W1": (r"W_{1}", "W₁", "W_1"),
    "w_35": (r"w_{35}", "w₃₅", "w_35"),
    "a_h_2": (r"a_{h,2}", "a_{h,2}", "a_{h,2}"),
    "h_t": (r"h_{t}", "hₜ", "h_t"),
    "z_prev": (r"z_{\mathrm{prev}}", "z_prev", "z_prev"),
    "z_h1": (r"z_{h_{1}}", "z_h₁", "z_h_1"),
    "alpha": (r"\alpha", "α", "alpha"),
    "Sigma": (r"\Sigma", "Σ", "Sigma"),
    "delta_3": (r"\delta_{3}", "δ₃", "delta_3"),
    "sigma2": (r"\sigma_{2}", "σ₂", "sigma_2"),
    "lambda": (r"\lambda", "λ", "lambda"),
    "lambda_1": (r"\lambda_{1}", "λ₁", "lambda_1"),
    "eps": (r"\epsilon", "ϵ", "epsilon"),
    "Alpha": (r"\mathrm{A}", "A", "A"),
    "omicron": ("o", "ο", "omicron"),
    "yhat": (r"\hat{y}", "ŷ", "yhat"),
    "y_hat": (r"\hat{y}", "ŷ", "yhat"),
    "yhat_2": (r"\hat{y}_{2}", "ŷ₂", "yhat_2"),
    "Xhat": (r"\hat{X}", "X̂", "Xhat"),
    "muhat": (r"\hat{\mu}", "μ̂", "muhat"),
    "xbar": (r"\bar{x}", "x̄", "xbar"),
    "htilde": (r"\tilde{h}", "h̃", "htilde"),
    "xdot": (r"\dot{x}", "ẋ", "xdot"),
    "loss": (r"\mathrm{loss}", "loss", "loss"),
    "what": (r"\hat{w}", "ŵ", "what"),
    **{name: (name, name, name) for name in ("E", "I", "S", "N", "Q", "O", "d", "e")},
    "beta": (r"\beta", "β", "beta"),
    "gamma": (r"\gamma", "γ", "gamma"),
    "zeta": (r"\zeta", "ζ", "zeta"),
    "pi": (r"\pi", "π", "pi"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stands_for_a_letter(name: str) -> None:
    tree = Sym(name)
    assert (latex(tree, Notation()), text(tree, Notation()), text(tree, Notation(), ascii=True)) == NAMES[name]


def test_layers_are_raised_where_the_style_says_so() -> None:
    square, round_ = Notation(Style(layers="[l]")), Notation(Style(layers="(l)"))
    assert latex(Sym("W_1"), square) == "W^{[1]}"
    assert latex(Sym("W_1"), round_) == "W^{(1)}"
    assert latex(Sym("a_h_2"), square) == "a_{h}^{[2]}"
    assert latex(Sym("w_prev"), square) == r"w_{\mathrm{prev}}"
    assert latex(Trans(Sym("W_1", "matrix")), square) == r"W^{[1] \top}"
    assert latex(Pow(Sym("a_1"), Num(2)), square) == "(a^{[1]})^{2}"  # type: ignore[arg-type]
    assert latex(Inv(Sym("W_1", "matrix")), square) == "(W^{[1]})^{-1}"
    assert latex(Trans(Inv(Sym("W_1", "matrix"))), square) == r"(W^{[1]})^{-\top}"
    assert latex(Index(Sym("x_1", "vector"), (Letter("i"),)), square) == "x_{i}^{[1]}"
    assert text(Trans(Sym("W_1", "matrix")), square) == "W^[1]ᵀ"


def test_bold_type_is_for_default_spellings_of_vectors_and_matrices() -> None:
    notation = Notation(Style(vectors="bold", matrices="bold"), {"y": Spelling(("y",))}, kinds={"z_1": "vector"})
    assert latex(Sym("x_1", "vector"), notation) == r"\mathbf{x}_{1}"
    assert latex(Sym("Sigma", "matrix"), notation) == r"\boldsymbol{\Sigma}"
    assert latex(Sym("xhat", "vector"), notation) == r"\hat{\mathbf{x}}"
    assert latex(Sym("c"), notation) == "c"
    assert latex(Sym("y", "vector"), notation) == "y"
    assert latex(Delta("z_1", "vector"), notation) == r"\boldsymbol{\delta}_{\mathbf{z}_{1}}"
    assert latex(Block("z_1", "z_1"), notation) == r"H_{\mathbf{z}_{1}}"
    assert text(Sym("x_1", "vector"), notation) == "x₁"


def test_a_gradient_is_written_as_the_style_says() -> None:
    named = {"z_2": Spelling((r"\delta^{(2)}",))}
    notation = Notation(Style(gradient="partial"), gradient_names=named, loss="L")
    assert latex(Delta("z_1"), notation) == r"\frac{\partial L}{\partial z_{1}}"
    assert latex(Delta("z_2"), notation) == r"\delta^{(2)}"
    assert text(Delta("z_1"), notation) == "∂L/∂z₁"
    assert latex(Trans(Delta("z_1", "vector")), notation) == r"\left(\frac{\partial L}{\partial z_{1}}\right)^{\top}"
    nabla = Notation(Style(gradient="nabla"), loss="L")
    assert latex(Prod((Delta("z_1", "vector"), Trans(Sym("x")))), nabla) == r"\nabla_{z_{1}} L \, x^{\top}"
    assert latex(Trans(Delta("z_1", "vector")), nabla) == r"(\nabla_{z_{1}} L)^{\top}"


def test_a_declared_spelling_is_printed_and_takes_scripts() -> None:
    notation = Notation(
        spellings={
            "h": Spelling((r"\mathbf{h}^{\langle t \rangle}",)),
            "dZ": Spelling((r"dZ^{[1]}",)),
            "g": Spelling((r"\frac{\partial L}{\partial O}",)),
            "lv": Spelling((r"\log\sigma^2",)),
            "m": Spelling(("z1", "z_1")),
            "s": Spelling((r"\sigma^2",)),
            "C": Spelling((r"C(w)",)),
        }
    )
    assert latex(Trans(Sym("h", "matrix")), notation) == r"\mathbf{h}^{\langle t \rangle \top}"
    assert latex(Trans(Sym("dZ", "matrix")), notation) == r"dZ^{[1] \top}"
    assert latex(Prod((Sym("dZ"), Trans(Sym("A")))), notation) == r"dZ^{[1]} A^{\top}"
    assert latex(Trans(Sym("g", "matrix")), notation) == r"\left(\frac{\partial L}{\partial O}\right)^{\top}"
    assert latex(Prod((Num(2), Sym("lv"))), notation) == r"2 (\log \sigma^{2})"  # type: ignore[arg-type]
    assert latex(Sum(((1, Num(1)), (1, Sym("lv")))), notation) == r"1 + \log \sigma^{2}"  # type: ignore[arg-type]
    assert latex(Pow(Sym("m"), Num(2)), notation) == "(z1)^{2}"  # type: ignore[arg-type]
    assert latex(Pow(Sym("s"), Num(2)), notation) == r"(\sigma^{2})^{2}"  # type: ignore[arg-type]
    assert latex(Pow(Sym("C"), Num(2)), notation) == "(C(w))^{2}"  # type: ignore[arg-type]
    assert text(Sym("lv"), notation) == "log σ²"
    assert text(Sym("c"), Notation(spellings={"c": Spelling(("c_{prev}",))})) == "c_prev"


def test_entries_rows_and_columns_are_written_as_declared() -> None:
    notation = Notation(
        spellings={
            "X": Spelling(("X",), entries="x_{ij}", rows="x^{(i)}", columns="X_j"),
            "y": Spelling(("y_{j}",), entries="y_{j}^{(b)}"),
            "z": Spelling(("z^l",), entries="z^l_{i,j}"),
            "dY": Spelling((r"\frac{\partial J}{\partial Y}",), rows=r"\frac{\partial J}{\partial y_i}"),
        }
    )
    whole = Range(None, None)
    n, k = Letter("n"), Letter("k")
    assert latex(Index(Sym("X", "matrix"), (n, k)), notation) == "x_{nk}"
    assert latex(Index(Sym("X", "matrix"), (n, Num(3))), notation) == "x_{n,3}"  # type: ignore[arg-type]
    assert latex(Index(Sym("X", "matrix"), (n, whole)), notation) == "x^{(n)}"
    assert latex(Index(Sym("X", "matrix"), (whole, k)), notation) == "X_{k}"
    assert latex(Index(Sym("y", "vector"), (n,)), notation) == "y_{j}^{(n)}"
    assert latex(Index(Sym("z", "matrix"), (n, k)), notation) == "z_{n,k}^{l}"
    assert latex(Index(Sym("dY", "matrix"), (n, whole)), notation) == r"\frac{\partial J}{\partial y_{n}}"
    assert latex(Index(Sym("dY", "matrix"), (n, k)), notation) == r"\left(\frac{\partial J}{\partial Y}\right)_{nk}"


def test_names_that_print_alike_have_one_key() -> None:
    assert printed_key("W1") == printed_key("W_1")
    assert printed_key("y_hat") == printed_key("yhat")
    assert printed_key("eps") == printed_key("epsilon")
    assert printed_key("W_1") != printed_key("W_2")
    assert printed_key("W", Spelling((r"\mathbf{W}",))) == printed_key("V", Spelling((r"\mathbf W",)))
    assert printed_key("W_1", style=Style(layers="[l]")) == printed_key("V", Spelling(("W^{[1]}",)))


def test_a_letter_that_is_declared_is_not_used_for_a_function() -> None:
    call = Call("sigmoid", (Sym("z"),))
    assert latex(call, Notation()) == r"\sigma(z)"
    assert latex(call, Notation(kinds={"sigma": "vector"})) == r"\operatorname{sigmoid}(z)"
    assert latex(call, Notation(spellings={"s": Spelling((r"\sigma_j",))})) == r"\operatorname{sigmoid}(z)"


def test_every_published_spelling_is_accepted(cases_dir: Path) -> None:
    count = 0
    for path in sorted(cases_dir.glob("*/*.net")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in ("latex", "entries", "rows", "columns"):
                value = ast.literal_eval(node.value)
                for place, spelling in enumerate(value if isinstance(value, list) else [value]):
                    check_latex(spelling, printed=place == 0)
                    count += 1
    assert count > 150


REFUSED = {
    r"\input{/etc/passwd}": 1,
    r"\include{a}": 1,
    r"\openin5=x": 1,
    r"\write18{ls}": 1,
    r"\csname a\endcsname": 1,
    r"\def\a{\a\a}\a": 1,
    r"\newcommand{\a}{b}": 1,
    r"\catcode`\%=12": 1,
    r"W \input x": 3,
    r"% comment } \end{document}": 1,
    r"W_1 % }": 5,
    r"W}": 2,
    r"{W": 1,
    r"\frac{1}{": 9,
    r"x^2^3": 4,
    r"x_1_2": 4,
    r"x'^2'": 5,
    r"\href{javascript:alert(1)}{x}": 1,
    r"\text{<img/src=x onerror=alert(1)>}": 6,
    r"\text{a{b}}": 6,
    r"<script>": None,
    r"W\mbox{x}": 2,
    r"\begin{matrix}a\end{matrix}": 1,
    r"x & y": 3,
    r"x # y": 3,
    r"$x$": 1,
    r"x~y": 2,
    "ｘ": 1,
    "а": 1,  # Cyrillic
    "x\u202ey": 2,
    "x\0": 2,
    "δ": 1,
    "": None,
    "   ": None,
    "{}": 2,
    "x" * 500: None,
    "{" * 60 + "x" + "}" * 60: None,
    r"\frac" * 60 + "x": None,
    r"\hat" * 60 + "x": None,
    r"\left(x": None,
    "(x]": None,
    r"x)": 2,
    r"x^": None,
    r"\hat": None,
    r"\foo": 1,
    "^2": None,
    "\\": None,
}


@pytest.mark.parametrize("spelling", REFUSED)
def test_what_is_not_a_spelling_is_refused_with_its_place(spelling: str) -> None:
    if spelling == r"<script>":
        assert box_latex(parse_latex(spelling)) == "<script>"  # relations between letters, escaped where it matters
        return
    with pytest.raises(ReadError) as caught:
        check_latex(spelling)
    if REFUSED[spelling] is not None:
        assert caught.value.span is not None
        assert caught.value.span.column == REFUSED[spelling], caught.value
    assert caught.value.remedy


def test_a_spelling_that_is_only_read_may_use_unknown_commands_but_no_dangerous_ones() -> None:
    check_latex(r"\vect{X}", printed=False)
    for spelling in (r"\input{x}", r"\vect{X", r"\write18{ls}", "x % y", r"\vect}X{"):
        with pytest.raises(ReadError):
            check_latex(spelling, printed=False)


def test_macros_are_replaced_by_their_bodies() -> None:
    macros = read_macros("\\newcommand{\\vect}{\\mathbf} % bold\n\\newcommand\\W{\\vect{W}_1}\n")
    assert macros == {r"\vect": r"\mathbf", r"\W": r"\vect{W}_1"}
    assert box_latex(parse_latex(r"\W^{\top}", macros=macros)) == r"\mathbf{W}_{1}^{\top}"
    notation = Notation(Style(macros=macros), {"X": Spelling((r"\vect{X}",))})
    assert latex(Sym("X"), notation) == r"\mathbf{X}"


@pytest.mark.parametrize(
    "source",
    [
        r"\newcommand{\a}[1]{#1}",
        r"\def\a{b}",
        r"\newcommand{\a}{\input{x}}",
        r"\newcommand{\a}{b",
        r"\input{x}",
        "text",
    ],
)
def test_a_macro_file_holds_simple_macros_only(source: str) -> None:
    with pytest.raises(ReadError):
        read_macros(source)


def test_a_macro_that_expands_to_itself_is_stopped() -> None:
    for macros in ({r"\a": r"\a\a"}, {r"\a": r"\b\b", r"\b": r"\a\a"}, {r"\a": r"x\a"}):
        with pytest.raises(ReadError, match="without end"):
            parse_latex(r"\a", macros=macros)
    with pytest.raises(ReadError, match="not supported"):
        parse_latex(r"\a", macros={r"\a": r"\write"})
