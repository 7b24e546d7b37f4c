"""A report of a two-layer perceptron with every section, written by hand: no derivation is needed to print one."""

from __future__ import annotations

import pytest

from symbackprop.document import (
    Certificate,
    CertificateRow,
    ClosedForm,
    Code,
    Equation,
    GradientRow,
    Graph,
    HessianSection,
    Math,
    Plot,
    Prose,
    Report,
    Series,
    Step,
    SymbolRow,
    Table,
    Vertex,
    Worked,
)
from symbackprop.drawing.draw import draw


def fenced(left: str, inside: str, right: str) -> str:
    """A fence and what it holds."""
    opening, closing = (f'<mo form="{form}" stretchy="false">' for form in ("prefix", "postfix"))
    return f"<mrow>{opening}{left}</mo>{inside}{closing}{right}</mo></mrow>"


def letter(name: str, index: str = "", *, greek: str = "") -> Math:
    """x, W_1, δ_1."""
    command, shown = (rf"\{greek}", name) if greek else (name, name)
    if not index:
        return Math(command, f"<mi>{shown}</mi>", shown)
    digit = "mn" if index.isdigit() else "mi"
    mathml = f"<msub><mi>{shown}</mi><{digit}>{index}</{digit}></msub>"
    return Math(f"{command}_{{{index}}}", mathml, f"{shown}_{index}")


def words(latex: str, mathml: str, text: str, *lines: str) -> Math:
    return Math(latex, mathml, text, lines)


X, Y, J = letter("x"), letter("y"), letter("J")
W1, B1, Z1, A1 = letter("W", "1"), letter("b", "1"), letter("z", "1"), letter("a", "1")
W2, B2, Z2 = letter("W", "2"), letter("b", "2"), letter("z", "2")
T = "<mo>⊤</mo>"


def partial(of: Math) -> Math:
    return Math(
        rf"\frac{{\partial J}}{{\partial {of.latex}}}",
        f"<mfrac><mrow><mo>∂</mo><mi>J</mi></mrow><mrow><mo>∂</mo>{of.mathml}</mrow></mfrac>",
        f"∂J/∂{of.text}",
    )


def delta(of: Math) -> Math:
    return Math(
        rf"\delta_{{{of.latex}}}", f"<msub><mi>δ</mi>{of.mathml}</msub>", f"δ_{of.text}"
    )  # fmt: skip


def join(*parts: Math | str) -> Math:
    """Formulas and operators in a row; an operator is written as its LaTeX, its sign or both with a bar between."""
    latex, mathml, text = [], [], []
    for part in parts:
        if isinstance(part, Math):
            latex.append(part.latex)
            mathml.append(part.mathml)
            text.append(part.text)
        else:
            command, _, sign = part.partition("|")
            latex.append(command)
            mathml.append(f"<mo>{sign or command}</mo>")
            text.append(sign or command)
    return Math(" ".join(latex), f"<mrow>{''.join(mathml)}</mrow>", " ".join(text))


def transposed(m: Math) -> Math:
    base = m.latex.partition("_")
    latex = f"{base[0]}_{base[2]}^{{\\top}}" if base[1] else rf"{m.latex}^{{\top}}"
    mathml = f"<msup>{m.mathml}{T}</msup>"
    if m.mathml.startswith("<msub>"):
        mathml = m.mathml.replace("<msub>", "<msubsup>", 1).removesuffix("</msub>") + T + "</msubsup>"
    return Math(latex, mathml, f"{m.text}ᵀ")


def shape(*sizes: str) -> Math:
    mathml = "<mo>×</mo>".join(f"<mi>{s}</mi>" for s in sizes)
    return Math(r" \times ".join(sizes), f"<mrow>{mathml}</mrow>", " × ".join(sizes))


INDICATOR = Math(
    r"\mathbb{1}[z_{1} > 0]",
    f"<mrow><mn>𝟙</mn>{fenced('[', Z1.mathml + '<mo>&gt;</mo><mn>0</mn>', ']')}</mrow>",
    "1[z_1 > 0]",
)
RELU = Math(r"\operatorname{relu}(z_{1})", f"<mrow><mi>relu</mi>{fenced('(', Z1.mathml, ')')}</mrow>", "relu(z_1)")
RESIDUAL = join(Z2, "-|−", Y)
NORM = Math(
    r"\tfrac{1}{2} \lVert z_{2} - y \rVert^{2}",
    "<mrow><mfrac displaystyle='false'><mn>1</mn><mn>2</mn></mfrac><msup>"
    f"{fenced('‖', RESIDUAL.mathml, '‖')}<mn>2</mn></msup></mrow>",
    "1/2 ‖z_2 − y‖²",
)
PARENTHESISED = Math(f"({RESIDUAL.latex})", fenced("(", RESIDUAL.mathml, ")"), f"({RESIDUAL.text})")
CLOSED_A1 = join(transposed(W2), PARENTHESISED)
CLOSED_Z1 = join(CLOSED_A1, r"\circ|∘", INDICATOR)
CLOSED_Z1_PAREN = Math(rf"\bigl({CLOSED_Z1.latex}\bigr)", fenced("(", CLOSED_Z1.mathml, ")"), f"({CLOSED_Z1.text})")


def member(size: str) -> Math:
    return Math(rf"\in \mathbb{{R}}^{{{size}}}", f"<mo>∈</mo><msup><mi>ℝ</mi><mi>{size}</mi></msup>", f"∈ R^{size}")


FORWARD = (
    Equation(Z1, (join(W1, X, "+", B1),), member("h")),
    Equation(A1, (RELU,), member("h")),
    Equation(Z2, (join(W2, A1, "+", B2),), member("k")),
    Equation(J, (NORM,)),
)
OUTER: Prose = (". A matrix times a vector: the outer product.",)
BACK: Prose = (". The transpose carries a gradient back.",)


def child(of: Math, *rest: str | Math) -> Prose:
    return ("The child is ", of, *rest)


FOUND: tuple[tuple[str, Math, Math, Prose, tuple[str, ...]], ...] = (
    ("z_2", Z2, RESIDUAL, child(J, ". Half of a squared norm has its argument as gradient."), ("k",)),
    ("y", Y, join("-|−", PARENTHESISED), child(J, ", in which ", Y, " has the other sign."), ("k",)),
    ("W_2", W2, join(delta(Z2), transposed(A1)), child(Z2, *OUTER), ("k", "h")),
    ("b_2", B2, delta(Z2), child(Z2, ", to which ", B2, " is added."), ("k",)),
    ("a_1", A1, join(transposed(W2), delta(Z2)), child(Z2, *BACK), ("h",)),
    ("z_1", Z1, join(delta(A1), r"\circ|∘", INDICATOR), child(A1, ". Entry by entry, times the derivative."), ("h",)),
    ("W_1", W1, join(delta(Z1), transposed(X)), child(Z1, *OUTER), ("h", "d")),
    ("b_1", B1, delta(Z1), child(Z1, ", to which ", B1, " is added."), ("h",)),
    ("x", X, join(transposed(W1), delta(Z1)), child(Z1, *BACK), ("d",)),
)
ARGUMENT: Prose = (
    "By entries: ",
    words(
        r"\partial z_{1,i} / \partial W_{1,ij} = x_{j}",
        "<mrow><mo>∂</mo><msub><mi>z</mi><mrow><mn>1</mn><mo>,</mo><mi>i</mi></mrow></msub><mo>/</mo><mo>∂</mo>"
        "<msub><mi>W</mi><mrow><mn>1</mn><mo>,</mo><mi>i</mi><mi>j</mi></mrow></msub><mo>=</mo>"
        "<msub><mi>x</mi><mi>j</mi></msub></mrow>",
        "∂z_1,i/∂W_1,ij = x_j",
    ),
    ", hence row ",
    letter("i"),
    " and column ",
    letter("j"),
    " of the gradient is the product of the two.",
)


def steps() -> tuple[Step, ...]:
    return tuple(
        Step(name, node, (Equation(partial(node), (right,)),), reason, (ARGUMENT,) if name == "W_1" else ())
        for name, node, right, reason, _ in FOUND
    )


def gradients() -> tuple[GradientRow, ...]:
    return tuple(
        GradientRow(name, node, Equation(partial(node), (right,)), shape(*sizes))
        for name, node, right, _, sizes in FOUND
        if name[0] in "Wb"
    )


def graph() -> Graph:
    roles = {"x": "input", "y": "target", "J": "loss"}
    operations = {"z_1": "affine", "a_1": "relu", "z_2": "affine", "J": "squared error"}
    symbols = {"x": X, "y": Y, "W_1": W1, "b_1": B1, "W_2": W2, "b_2": B2, "z_1": Z1, "a_1": A1, "z_2": Z2, "J": J}
    return Graph(
        tuple(
            Vertex(name, roles.get(name, "parameter" if name[0] in "Wb" else "node"), symbol, operations.get(name, ""))  # type: ignore[arg-type]
            for name, symbol in symbols.items()
        ),
        (("x", "z_1"), ("W_1", "z_1"), ("b_1", "z_1"), ("z_1", "a_1"), ("a_1", "z_2"), ("W_2", "z_2"), ("b_2", "z_2"),
         ("z_2", "J"), ("y", "J")),
    )  # fmt: skip


def long_formula() -> Math:
    """A sum that no line holds, with its broken form."""
    term = words(
        r"\bigl(W_{2}^{\top} (z_{2} - y) \circ \mathbb{1}[z_{1} > 0]\bigr) x^{\top}", CLOSED_Z1_PAREN.mathml, "term"
    )
    line = f"{term.latex} + {term.latex}"
    return Math(
        f"{line} + {line} + {line}",
        f"<mrow>{'<mo>+</mo>'.join([term.mathml] * 6)}</mrow>",
        "a long sum",
        (line, f"+ {line}", f"+ {line}"),
    )


HESSIAN_LEFT = words(
    r"H_{z_{1}}", f"<msub><mi>H</mi>{Z1.mathml}</msub>", "H_z_1"
)  # fmt: skip
DIAGONAL = Math(
    r"\operatorname{diag}(\mathbb{1}[z_{1} > 0])",
    f"<mrow><mi>diag</mi>{fenced('(', INDICATOR.mathml, ')')}</mrow>",
    "diag(1[z_1 > 0])",
)
COMMENT = "# a comment that is long enough to reach beyond the right margin of any page that this is printed on"
SOURCE = (
    '"""Two layers, with a title that --- needs escaping: 50 % & more."""\n\nimport numpy as np\n\n\n'
    f"def loss(x, y):\n    return 0.5 * np.sum((x - y) ** 2)  {COMMENT}\n"
)
PUT_IN = words(r"0.5 \cdot 2 + 0.25", "<mn>0.5</mn><mo>·</mo><mn>2</mn><mo>+</mo><mn>0.25</mn>", "0.5 · 2 + 0.25")
RESULT = words("1.25", "<mn>1.25</mn>", "1.25")


@pytest.fixture(scope="session")
def report() -> Report:
    """Every section, a formula that must break, and words that are commands elsewhere."""
    numbers = tuple(range(100))
    return Report(
        name="mlp",
        title="A two-layer perceptron",
        summary=("One example in column vectors, one hidden layer with relu, squared error.",),
        remarks=(("Where ", INDICATOR, " jumps, the derivative of relu is taken to be 0; labels such as ",
                  "{{ 7*7 }}, <script>alert(1)</script>, <% raise %>, << x >> and 100 % \\input{x} are words."),),
        symbols=(
            SymbolRow(X, "input", shape("d")),
            SymbolRow(Y, "target", shape("k"), ("each entry between 0 and 1",)),
            SymbolRow(W1, "parameter", shape("h", "d")),
            SymbolRow(B1, "parameter", shape("h")),
            SymbolRow(W2, "parameter", shape("k", "h")),
            SymbolRow(B2, "parameter", shape("k")),
        ),
        sizes=("Sizes are positive integers: ", letter("d"), ", ", letter("h"), ", ", letter("k"), "."),
        graph=draw(graph(), "Computing graph"),
        forward=FORWARD,
        backward_introduction=("Gradients of children are known: ", delta(Z2), " is ", partial(Z2), "."),
        backward=steps(),
        gradients=gradients(),
        closed=(
            ClosedForm("W_2", Equation(partial(W2), (join(PARENTHESISED, transposed(A1)),))),
            ClosedForm("W_1", Equation(partial(W1), (join(CLOSED_Z1_PAREN, transposed(X)),))),
            ClosedForm("b_1", Equation(partial(B1), (long_formula(),)), (Equation(delta(Z1), (CLOSED_Z1,)),)),
        ),
        hessian=HessianSection(
            ("Blocks of second derivatives, by the same walk.",),
            blocks=(Equation(HESSIAN_LEFT, (join(DIAGONAL, transposed(W2), W2, DIAGONAL),), shape("h", "h")),),
        ),
        tables=(
            Table(
                "Truth table",
                ((X,), (Y,), ("region",)),
                (
                    (("0",), ("1",), ("above the first line",)),
                    (("1",), ("0",), ("a much longer description of a region, one that needs more than one line",
                                      " of the page to be written out in full",)),
                ),
                ("One row per region.",),
                numeric=(0, 1),
            ),
        ),
        worked=Worked(
            ("With these numbers and a rate of 0.5.",),
            (Equation(Z1, (join(W1, X, "+", B1), PUT_IN, RESULT)),),
            Table("One step of gradient descent", (("parameter",), ("initial",), ("gradient",), ("updated",)),
                  (((W1,), ("0.50",), ("0.12",), ("0.44",)), ((B1,), ("0.25",), ("−0.06",), ("0.28",))),
                  numeric=(1, 2, 3)),
        ),
        curves=(
            Plot("Loss", "epoch", "squared error",
                 (Series("training", numbers, tuple(5.0 / (1 + k) + 0.1 for k in numbers)),
                  Series("held out", numbers, tuple(5.5 / (1 + k) + 0.15 for k in numbers))), log_y=True),
        ),
        conditions=((Z1, " has no entry that is 0."),),
        conventions=(
            ("A gradient has the shape of its variable.",),
            ("The derivative of relu at 0 is 0.",),
            ("Hessian blocks: rows are the first variable; matrices by columns.",),
        ),
        certificate=Certificate(
            ("Generated code, the formulas by entries, and central differences agree.",),
            ("by entries", "central differences"),
            tuple(CertificateRow(partial(node), ("< 1e-10", "< 1e-6")) for node in (W1, B1, W2, B2)),
            (("Seed 0; ", letter("d"), " = 3, ", letter("h"), " = 4, ", letter("k"), " = 2."),),
        ),
        code=Code("mlp.py", SOURCE),
    )  # fmt: skip
