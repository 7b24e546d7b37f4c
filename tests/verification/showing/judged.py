"""An answer that nobody judged: one verdict of every sort."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from symbackprop.verification.verdict import Counterexample, Diagnosis, Judgement, PassedOver, Verdict

TEXT = r"""# Homework
$y = W x$ is the model.
$\frac{\partial J}{\partial W_2} = \delta_2 a_1^T$
$\frac{\partial J}{\partial W_1} = \delta_1 x$
$\frac{\partial J}{\partial b_2} = \frac{1}{n} \sum_i \delta_i$
$\frac{\partial J}{\partial x} = W_1^T \delta_1$
$\frac{\partial J}{\partial b_1} = \frown_1$
$\frac{\partial J}{\partial A} = 2 A^{-1} x$
"""


def claim(line: int, **more: Any) -> Verdict:
    """A verdict on the formula of a line of TEXT."""
    text = TEXT.splitlines()[line - 1].strip("$")
    start = TEXT.index(text)
    made = Verdict("homework.md", "mlp", line, start, start + len(text), text, "dJ/dW_2", "right")
    return replace(made, **more)


PROVED = claim(3, proof="symbolic", reason="Both sides have one expanded form.")
WRONG = claim(
    4,
    target="dJ/dW_1",
    status="wrong",
    reason="The shapes differ.",
    diagnosis=Diagnosis(
        "transpose",
        "x must be transposed: δ₁ is (h), x is (d), the gradient of W₁ is (h, d).",
        "A transpose is missing: the gradient has the shape (h, d).",
        r"\delta_1 x^T",
        "np.outer(grad(z_1), x)",
    ),
    counterexample=Counterexample(
        {"d": 2, "h": 3}, {"W_1": [[1, 2], [0, 1], [-1, 0.5]], "x": [1.0, 2.0]}, (0, 1), 3.0, 1.5, 1.5
    ),
)
BOUND = claim(5, proof="numeric", points=12, condition="if the loss is not divided by n", reason="Both agree.")
FOLLOWS = claim(6, status="wrong", follows=4, reason="With the true gradient in line 4 it holds.")
UNREADABLE = claim(
    7,
    status="unreadable",
    reason=r"The command \frown is not known; expected a letter.",
    fragment=(TEXT.index(r"\frown"), TEXT.index(r"\frown") + 6),
)
UNDECIDED = claim(8, status="undecided", reason="No numbers were found at which the network is defined.")
JUDGEMENT = Judgement(
    "homework.md",
    "mlp",
    (PROVED, WRONG, BOUND, FOLLOWS, UNREADABLE, UNDECIDED),
    text=TEXT,
    conventions=("Gradients are columns.",),
    renamings=("z_2 of the answer is z_3 of the network.",),
    passed_over=(PassedOver(2, "y = W x", "It is a forward equation."),),
    missing=("dJ/db_1",),
    proposals=("--let 'z_0=z_1'",),
)

CODE = "def backward(X, d, W):\n    dW = X @ d\n    return dW\n"
IN_CODE = Verdict(
    "answer.py", "mlp", 3, CODE.index("return"), len(CODE) - 1, "return dW", "dJ/dW", "wrong",
    diagnosis=Diagnosis("transpose", "X must be transposed.", "A transpose.", None, "dW = X.T @ d", 2),
)  # fmt: skip
JUDGED_CODE = Judgement("answer.py", "mlp", (IN_CODE,), text=CODE)
HOSTILE = r"\text{<img src=x onerror=alert(1)>}<script>alert(1)</script>"
