"""What authors write prints the way they wrote it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symbackprop.errors import MissingRule
from symbackprop.notation.latex import latex
from symbackprop.notation.spelling import Notation, Spelling
from symbackprop.notation.text import text
from symbackprop.notation.tree import Call, Sym, Tree

PRINTED = {
    # products
    "W_1 @ x + b_1": r"W_{1} x + b_{1}",
    "x @ W_1.T": r"W_{1} x",
    "X @ W_1.T + b_1": r"X W_{1}^{\top} + \mathbf{1} b_{1}^{\top}",
    "x @ y": r"x^{\top} y",
    "dot(x, y)": r"x^{\top} y",
    "outer(x, y)": r"x y^{\top}",
    "c * w * x": r"c w x",
    "(x @ y) * c * z": r"(x^{\top} y) c z",
    "c * (x @ y) * z": r"c (x^{\top} y) z",
    "c * (w * x)": r"c w x",
    "S @ (S @ x)": "S (S x)",
    "S @ S @ x": "S S x",
    "x @ S @ x": r"x^{\top} S x",
    "(x - y) @ inv(S) @ (x - y)": r"(x - y)^{\top} S^{-1} (x - y)",
    "(S @ x) @ y": r"x^{\top} S^{\top} y",
    "(c * x) @ y": r"c x^{\top} y",
    "x @ S @ S @ y": r"x^{\top} S S y",
    "x @ S @ S": r"S^{\top} S^{\top} x",
    "x * y * c": r"(x \circ y) c",
    "x * 2": r"x \cdot 2",
    "2 * x": r"2 x",
    "0.5 * x": r"\frac{1}{2} x",
    "0.01 * x": r"0.01 x",
    "X * gamma": r"X \circ (\mathbf{1} \gamma^{\top})",
    "X - mean(X, axis=0)": r"X - \mathbf{1} \operatorname{mean}_{\text{per column}}(X)^{\top}",
    "X - mean(X, axis=1, keepdims=True)": r"X - \operatorname{mean}_{\text{per row}}(X) \mathbf{1}^{\top}",
    "x - mean(x)": r"x - \operatorname{mean}(x)",
    "kron(X, S)": r"X \otimes S",
    # quotients and powers
    "norm2(z - y)**2 / 2": r"\frac{1}{2} \lVert z - y \rVert^{2}",
    "-sum(y * log(p)) / 2": r"-\frac{1}{2} \operatorname{sum}(y \circ \log(p))",
    "sum((x * w - y)**2) / n": r"\frac{1}{n} \operatorname{sum}((x w - y)^{\circ 2})",
    "x @ S @ x / 2": r"\frac{1}{2} x^{\top} S x",
    "(x + y) / 2": r"\frac{x + y}{2}",
    "X @ S / sqrt(d)": r"\frac{X S}{\sqrt{d}}",
    "-n / 2 * logdet(S)": r"-\frac{n}{2} \log \lvert \det S \rvert",
    "(x - y) / (z + c)": r"\frac{x - y}{z + c}",
    "1 / (1 + exp(-c))": r"\frac{1}{1 + \exp(-c)}",
    "x**2": r"x^{\circ 2}",
    "c**2": r"c^{2}",
    "c**0.5": r"c^{1/2}",
    "x**(-1)": r"x^{\circ-1}",
    "c - (w - 2)": r"c - (w - 2)",
    "c + w - 2 + c": r"c + w - 2 + c",
    "-(c + w)": r"-(c + w)",
    "n // 2": r"\left\lfloor \frac{n}{2}\right\rfloor",
    # functions
    "mean((Y - T)**2)": r"\operatorname{mean}((Y - T)^{\circ 2})",
    "sum(y * log(p))": r"\operatorname{sum}(y \circ \log(p))",
    "tanh(W_1 @ x)": r"\tanh(W_{1} x)",
    "relu(x)": r"\operatorname{ReLU}(x)",
    "leaky_relu(x, slope=0.1)": r"\operatorname{LeakyReLU}_{0.1}(x)",
    "elu(x, alpha=c)": r"\operatorname{ELU}_{c}(x)",
    'gelu(x, approximate="tanh")': r"\operatorname{GELU}_{\text{tanh}}(x)",
    "softmax(x)": r"\operatorname{softmax}(x)",
    "softmax(S)": r"\operatorname{softmax}(S)",
    "softmax(S, axis=0)": r"\operatorname{softmax}_{\text{per column}}(S)",
    "sum(A, axis=(0, 1))": r"\operatorname{sum}_{\text{axes 1, 2}}(A)",
    "sum(A, axis=-1)": r"\operatorname{sum}_{\text{axis 3}}(A)",
    "var(x, ddof=1)": r"\operatorname{var}_{\text{ddof} = 1}(x)",
    "layer_norm(x, gamma, b)": r"\operatorname{LayerNorm}(x, \gamma, b)",
    "layer_norm(x, gamma=gamma, eps=0.001)": r"\operatorname{LayerNorm}_{\epsilon = 0.001}(x, \gamma)",
    "conv1d(x, k_1, stride=2)": r"\operatorname{conv}_{\text{stride} = 2}(x, k_{1})",
    "maximum(x, 0)": r"\max(x, 0)",
    "where(c > 0, c, w * (exp(c) - 1))": (
        r"\begin{cases} c & \text{if } c > 0 \\ w (\exp(c) - 1) & \text{otherwise} \end{cases}"
    ),
    "c > 0": r"\mathbf{1}[c > 0]",
    "(o_1 <= c) * (o_2 > c)": r"\mathbf{1}[o_{1} \leq c] \mathbf{1}[o_{2} > c]",
    "abs(x)": r"\lvert x \rvert",
    "sqrt(x)": r"\sqrt{x}",
    "trace(inv(S) @ S)": r"\operatorname{tr}(S^{-1} S)",
    "inv(S).T": r"S^{-\top}",
    "diag(x)": r"\operatorname{diag}(x)",
    # parts and arrays
    "X[0]": r"X_{1,:}",
    "x[0]": r"x_{1}",
    "X[0, 2]": r"X_{1,3}",
    "x[i]": r"x_{i}",
    "X[:, i]": r"X_{:,i}",
    "x[i + 1]": r"x_{i + 1}",
    "X[1:3]": r"X_{2:3,:}",
    "x[-1]": r"x_{d}",
    "x[:-1]": r"x_{:d - 1}",
    "x[1:]": r"x_{2:}",
    "x[::2]": r"x_{:2:}",
    "A[..., 0]": r"A_{:,:,1}",
    "x[:, None]": r"x",
    "x[None, :]": r"x^{\top}",
    "[o_1, o_2]": r"\begin{pmatrix} o_{1} \\ o_{2} \end{pmatrix}",
    "stack([x, y])": r"\begin{pmatrix} x^{\top} \\ y^{\top} \end{pmatrix}",
    "concatenate([x, y])": r"\operatorname{concat}(x, y)",
    "concatenate([X, Y], axis=1)": r"\operatorname{concat}_{\text{axis 2}}(X, Y)",
    "onehot(i, d)": r"\mathbf{e}_{i}",
    "eye(d)": r"I_{d}",
    "ones(n, d)": r"\mathbf{1}_{n} \mathbf{1}_{d}^{\top}",
    "S.T": r"S^{\top}",
    "x.T": r"x",
    "transpose(A, 0, 2, 1)": r"\operatorname{permute}_{\text{axes 1 3 2}}(A)",
    "stop_gradient(x)": r"\operatorname{stopgrad}(x)",
}


@pytest.mark.parametrize("source", PRINTED)
def test_a_right_hand_side_prints_as_written(source: str, as_written: Callable[..., Tree]) -> None:
    assert latex(as_written(source), Notation()) == PRINTED[source]


def test_rows_on_paper_stay_rows(as_written: Callable[..., Tree]) -> None:
    rows = {"rows": ("x", "y", "b_1", "b")}
    assert latex(as_written("x @ S + b", **rows), Notation()) == "x S + b"
    assert latex(as_written("x @ y", **rows), Notation()) == r"x y^{\top}"
    assert latex(as_written("X + b", **rows), Notation()) == r"X + \mathbf{1} b"
    assert latex(as_written("S @ x", **rows), Notation()) == r"x S^{\top}"


def test_subscripts_count_from_the_base_of_the_style(as_written: Callable[..., Tree]) -> None:
    assert latex(as_written("x[0] + x[1:3][0]", index_base=0), Notation()) == "x_{0} + (x_{1:2})_{0}"


def test_an_authors_function_keeps_its_name(as_written: Callable[..., Tree]) -> None:
    notation = Notation(spellings={"phi": Spelling((r"\phi",)), "f_1": Spelling()})
    assert latex(Call("phi", (Sym("z", "vector"),)), notation) == r"\phi(z)"
    assert latex(Call("f_1", (Sym("z", "vector"),), 1), notation) == "f_{1}'(z)"
    assert text(Call("f_1", (Sym("z", "vector"),), 2), notation) == "f₁′′(z)"


def test_a_sum_of_thousands_of_terms_is_one_sum(as_written: Callable[..., Tree]) -> None:
    from symbackprop.expression import Call as Apply
    from symbackprop.expression import Expr, Name
    from symbackprop.notation.forward import forward

    expr: Expr = Name("c")
    for _ in range(5000):
        expr = Apply("add", (expr, Name("c")))
    printed = latex(forward(expr, lambda _: ()), Notation())
    assert printed.count("+") == 5000
    assert "(" not in printed


def test_a_subscript_from_the_end_without_sizes_is_an_error() -> None:
    from symbackprop.expression import Name, Number, Subscript
    from symbackprop.notation.forward import forward

    with pytest.raises(MissingRule, match="from the end"):
        forward(Subscript(Name("x"), (Number(-1),)), lambda e: ("d",) if e == Name("x") else ())  # type: ignore[arg-type]
