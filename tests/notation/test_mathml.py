"""MathML: exact strings, nothing unescaped, and a browser that lays it out."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from symbackprop.notation import tree as t
from symbackprop.notation.boxes.markup import box_mathml
from symbackprop.notation.boxes.parse import parse_latex
from symbackprop.notation.mathml import mathml
from symbackprop.notation.spelling import Notation, Spelling

N = Notation()
X = t.Sym("X", "matrix")

FORMULAS: list[tuple[t.Tree, str]] = [
    (
        t.Prod((t.Trans(t.Sym("W_2", "matrix")), t.Delta("z", "vector"))),
        (
            '<mrow><msubsup><mi>W</mi><mn>2</mn><mi mathvariant="normal">⊤</mi></msubsup>'
            "<msub><mi>δ</mi><mi>z</mi></msub></mrow>"
        ),
    ),
    (t.Frac(t.Num(Fraction(2)), t.Sym("n")), "<mfrac><mn>2</mn><mi>n</mi></mfrac>"),
    (t.Sym("Sigma"), '<mi mathvariant="normal">Σ</mi>'),
    (t.Sym("yhat"), '<mover accent="true"><mi>y</mi><mo stretchy="false">ˆ</mo></mover>'),
    (t.Sym("loss"), "<mi>loss</mi>"),
    (
        t.Call("tanh", (t.Sym("z"),), 1),
        (
            '<mrow><mrow><mi>tanh</mi><mo lspace="0" rspace="0">′</mo></mrow><mo>&#x2061;</mo>'
            '<mrow><mo form="prefix" stretchy="false">(</mo><mi>z</mi>'
            '<mo form="postfix" stretchy="false">)</mo></mrow></mrow>'
        ),
    ),
    (
        t.Norm(t.Frac(t.Sym("a"), t.Sym("b"))),
        '<mrow><mo form="prefix">‖</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo form="postfix">‖</mo></mrow>',
    ),
    (
        t.BigSum(t.Sym("a"), (("i", t.Num(Fraction(1)), t.Sym("n")),)),
        "<mrow><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>a</mi></mrow>",
    ),
    (
        t.Prod((t.Sym("b"), t.Call("trace", (X,)), t.Sym("c"))),
        (
            '<mrow><mi>b</mi><mspace width="0.17em"/><mrow><mi>tr</mi><mo>&#x2061;</mo>'
            '<mrow><mo form="prefix" stretchy="false">(</mo><mi>X</mi><mo form="postfix" stretchy="false">)</mo></mrow>'
            "</mrow><mi>c</mi></mrow>"
        ),
    ),
    (t.Sqrt(t.Sym("d")), "<msqrt><mi>d</mi></msqrt>"),
    (
        t.Relation("<", t.Sym("a"), t.Sym("b")),
        "<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>",
    ),
    (t.Text("<b> & 'x'"), "<mtext>&lt;b&gt;&#xa0;&amp;&#xa0;&#x27;x&#x27;</mtext>"),
    (
        t.Grid(((t.Sym("a"),), (t.Sym("b"),))),
        (
            '<mrow><mo form="prefix">(</mo><mtable><mtr><mtd><mi>a</mi></mtd></mtr>'
            "<mtr><mtd><mi>b</mi></mtd></mtr></mtable>"
            '<mo form="postfix">)</mo></mrow>'
        ),
    ),
]


@pytest.mark.parametrize("case", FORMULAS, ids=lambda case: type(case[0]).__name__)
def test_a_formula_is_exactly_this_markup(case: tuple[t.Tree, str]) -> None:
    tree, markup = case
    assert mathml(tree, N) == f'<math display="block">{markup}</math>'
    assert mathml(tree, N, display=False).startswith('<math display="inline">')


SPELLINGS = {
    r"\mathbf{W}_\textrm{hx}": "<msub><mi>𝐖</mi><mi>hx</mi></msub>",
    r"\boldsymbol{\mu}": "<mi>𝝁</mi>",
    r"\mathcal{C}": "<mi>𝒞</mi>",
    r"\mathcal{L}": "<mi>ℒ</mi>",
    r"\mathbb{R}": "<mi>ℝ</mi>",
    r"\mathrm{d}x": '<mrow><mi mathvariant="normal">d</mi><mi>x</mi></mrow>',
    r"\mathrm{tr}": "<mi>tr</mi>",
    r"z^{l+1}": "<msup><mi>z</mi><mrow><mi>l</mi><mo>+</mo><mn>1</mn></mrow></msup>",
    r"y'": '<mrow><mi>y</mi><mo lspace="0" rspace="0">′</mo></mrow>',
    r"\Gamma^{\langle t \rangle}": (
        '<msup><mi mathvariant="normal">Γ</mi><mrow><mo form="prefix" stretchy="false">⟨</mo><mi>t</mi>'
        '<mo form="postfix" stretchy="false">⟩</mo></mrow></msup>'
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_spelling_becomes_markup(spelling: str) -> None:
    assert box_mathml(parse_latex(spelling)) == SPELLINGS[spelling]


def test_every_formula_and_every_published_spelling_is_well_formed(cases_dir: Path) -> None:
    written = [mathml(tree, N) for tree, _ in FORMULAS]
    for path in sorted(cases_dir.glob("*/*.net")):
        for latex in re.findall(r'latex=r"([^"]*)"', path.read_text(encoding="utf-8")):
            notation = Notation(spellings={"s": Spelling((latex,))})
            written.append(mathml(t.Sym("s"), notation))
    assert len(written) > 100
    for markup in written:
        ElementTree.fromstring(markup)  # noqa: S314  our own markup


def test_no_user_text_becomes_markup() -> None:
    for spelling in ("<", "a<b>c", "x_{<}"):
        markup = mathml(t.Sym("s"), Notation(spellings={"s": Spelling((spelling,))}))
        assert not re.search(r"<(?!/?m)", markup), markup
    assert "<script>" not in mathml(t.Text("<script>alert(1)</script>"), N)


def test_a_browser_lays_the_formulas_out(chromium: str, tmp_path: Path) -> None:
    shown = "".join(f"<p>{mathml(tree, N, display=False)}</p>" for tree, _ in FORMULAS)
    script = (
        "document.title=[...document.querySelectorAll('math')].map(m=>{const b=m.getBoundingClientRect();"
        "return b.width>3&&b.height>5?1:0}).join('')+':'+document.querySelectorAll('merror').length"
    )
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{shown}<script>{script}</script>", encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    command = [chromium, *flags, "--no-first-run", f"--user-data-dir={tmp_path}/user", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    assert f"<title>{'1' * len(FORMULAS)}:0</title>" in done.stdout, done.stderr[-500:]
