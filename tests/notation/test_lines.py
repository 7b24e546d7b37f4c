"""Long formulas: where they are broken, and that the lines fit when TeX sets them."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from symbackprop.notation import tree as t
from symbackprop.notation.boxes.width import width
from symbackprop.notation.latex import fits, latex, latex_lines
from symbackprop.notation.layout import Layout
from symbackprop.notation.spelling import Notation

N = Notation()
J = t.Sym("J")


def names(*letters: str) -> list[t.Tree]:
    return [t.Sym(letter, "matrix") for letter in letters]


def total(*terms: t.Tree) -> t.Sum:
    return t.Sum(tuple((1, term) for term in terms))


def test_what_fits_stays_on_one_line() -> None:
    tree = total(*names("a", "b"))
    assert latex_lines(J, tree, N) == ["J &= a + b"]
    assert latex_lines(None, tree, N) == ["& a + b"]
    assert fits(tree, N)


def test_a_sum_is_broken_before_its_signs() -> None:
    tree = total(*(t.Prod(tuple(names("W_1", "x", "b"))) for _ in range(6)))
    assert latex_lines(J, tree, N, 14) == [
        r"J &= W_{1} x b + W_{1} x b + W_{1} x b",
        r"&\quad + W_{1} x b + W_{1} x b",
        r"&\quad + W_{1} x b",
    ]
    assert not fits(tree, N, 14)


def test_a_product_is_broken_before_a_dot_and_only_outside_its_fences_if_it_can_be() -> None:
    sums = [total(*names(*"abcd")) for _ in range(4)]
    assert latex_lines(J, t.Prod(tuple(sums)), N, 20) == [
        r"J &= (a + b + c + d) (a + b + c + d)",
        r"&\quad \cdot (a + b + c + d) (a + b + c + d)",
    ]
    assert latex_lines(J, t.Prod(tuple(sums), "hadamard"), N, 20) == [
        r"J &= (a + b + c + d) \circ (a + b + c + d)",
        r"&\quad \circ (a + b + c + d) \circ (a + b + c + d)",
    ]


def test_a_fence_that_must_be_broken_grows_without_left_and_right() -> None:
    tree = t.Prod((t.Sym("c"), total(*names(*"abcdefghijkl"))))
    assert latex_lines(J, tree, N, 20) == [
        r"J &= c \bigl( a + b + c + d + e + f + g + h + i + j",
        r"&\qquad + k + l \bigr)",
    ]


def test_a_break_outside_a_fence_is_better_than_a_fuller_line() -> None:
    long = t.Prod((t.Sym("c"), total(*names(*"abcdefghijkl"))))
    assert latex_lines(J, total(*names(*"pqrstu"), long), N, 20) == [
        r"J &= p + q + r + s + t + u",
        r"&\quad + c \bigl( a + b + c + d + e + f + g + h",
        r"&\qquad + i + j + k + l \bigr)",
    ]


def test_a_fraction_that_is_too_wide_becomes_a_slash() -> None:
    tree = t.Frac(total(*names(*"abcdefghijkl")), t.Sym("n"))
    assert latex_lines(J, tree, N, 20) == [
        r"J &= \bigl( a + b + c + d + e + f + g + h + i + j",
        r"&\qquad + k + l \bigr) \big/ n",
    ]


def test_a_long_left_side_stands_on_a_line_of_its_own() -> None:
    left = total(*names(*"abcdefghij"))
    assert latex_lines(left, left, N, 18) == [
        "& a + b + c + d + e + f + g + h + i + j",
        r"& \quad = a + b + c + d + e + f + g + h",
        r"&\quad + i + j",
    ]


def random_tree(r: Random, depth: int) -> t.Tree:
    if depth == 0 or r.random() < 0.12:
        name = r.choice(["W_1", "x", "delta", "Sigma", "h_t", "b_prev", "xhat", "K", "w_35", "loss"])
        leaves: list[t.Tree] = [t.Sym(name, "matrix"), t.Delta(name, "vector"), t.Num(Fraction(r.randint(1, 30), 3))]
        return r.choice(leaves)

    def inner() -> t.Tree:
        return random_tree(r, depth - 1)

    match r.randint(0, 9):
        case 0 | 1:
            return t.Sum(tuple((r.choice((1, -1)), inner()) for _ in range(r.randint(2, 5))))
        case 2 | 3:
            return t.Prod(tuple(inner() for _ in range(r.randint(2, 4))), r.choice(("juxtapose", "hadamard", "kron")))
        case 4:
            return t.Frac(inner(), inner())
        case 5:
            return t.Pow(inner(), t.Num(Fraction(2)), elementwise=r.random() < 0.3)
        case 6:
            return r.choice((t.Trans, t.Norm, t.Abs, t.Sqrt, t.Inv))(inner())
        case 7:
            return t.Call(r.choice(("tanh", "exp", "softmax", "diag")), (inner(),), r.choice((0, 0, 1)))
        case 8:
            return t.BigSum(inner(), (("i", t.Num(Fraction(1)), t.Sym("n")),))
    return t.Indicator(t.Relation(">", inner(), t.Num(Fraction(0))))


@pytest.mark.parametrize(("seed", "room"), [(1, 34.0), (2, 34.0), (3, 22.0)])
def test_no_line_is_wider_than_the_text(seed: int, room: float, pdflatex: str, tmp_path: Path) -> None:
    r = Random(seed)  # noqa: S311  formulas, not secrets
    trees = [random_tree(r, r.randint(1, 4)) for _ in range(150)]
    boxes = []
    for tree in trees:
        lines = " \\\\ ".join(latex_lines(J, tree, N, room))
        boxes.append(rf"\setbox0\hbox{{$\displaystyle {latex(tree, N)}$}}\typeout{{whole \the\wd0}}")
        boxes.append(rf"\setbox0\hbox{{$\begin{{aligned}}{lines}\end{{aligned}}$}}\typeout{{lines \the\wd0}}")
    source = "\n".join([r"\documentclass{article}\usepackage{amsmath}\begin{document}", *boxes, r"x\end{document}"])
    (tmp_path / "all.tex").write_text(source, encoding="utf-8")
    command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    whole = [float(w) / 10 for w in re.findall(r"^whole ([\d.]+)pt", done.stdout, re.MULTILINE)]
    lines_wide = [float(w) / 10 for w in re.findall(r"^lines ([\d.]+)pt", done.stdout, re.MULTILINE)]
    assert len(whole) == len(lines_wide) == len(trees)
    assert max(lines_wide) <= room * 1.02
    layout = Layout(N)
    ratios = [width(layout.box(tree)) / true for tree, true in zip(trees, whole, strict=True) if true > 4]
    assert min(ratios) > 0.95, "estimated too narrow"
    assert sorted(ratios)[len(ratios) // 2] < 1.1, "estimated too wide"
