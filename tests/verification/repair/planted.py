"""Mistakes that people make, each planted in a right formula: network, left side, [(wrong right side, its kind)]."""

from __future__ import annotations

from tests.verification.repair.mending import CLASSES, MLP, QUADRATIC, ROWS, STEPS

PLANTED: list[tuple[str, str, list[tuple[str, str]]]] = [
    (
        MLP,
        r"\frac{\partial J}{\partial W_2}",
        [
            (r"(z_2 - y) a_1", "transpose"),
            (r"a_1^T (z_2 - y)", "order"),
            (r"(y - z_2) a_1^T", "sign"),
            (r"2 (z_2 - y) a_1^T", "factor"),
            (r"-2(z_2 - y) a_1^T", "factor"),
            (r"(z_2 - y)^T a_1", "product_kind"),
            (r"(z_2 - y) z_1^T", "symbol"),
            (r"(z_2 - y) x^T", "symbol"),
            (r"(z_1 - y) a_1^T", "index"),
            (r"(z_2 + y) a_1^T", "sign"),
            (r"z_2 a_1^T", "term"),
            (r"z_2 - y a_1^T", "parentheses"),
        ],
    ),
    (
        MLP,
        r"\frac{\partial J}{\partial z_1}",
        [
            (r"W_2 (z_2 - y) \odot \sigma'(z_1)", "transpose"),
            (r"W_2^T (z_2 - y)", "activation_derivative"),
            (r"W_2^T (z_2 - y) \odot \sigma(z_1)", "activation_derivative"),
            (r"W_2^T (z_2 - y) \odot \sigma'(a_1)", "evaluated_at"),
            (r"W_2^T (z_2 - y) \odot \sigma'(z_2)", "evaluated_at"),
            (r"W_1^T (z_2 - y) \odot \sigma'(z_1)", "index"),
            (r"W_2^T (z_2 - y) \odot (1 - a_1)", "activation_derivative"),
            (r"W_2^T (z_2 - y) \odot a_1", "activation_derivative"),
            (r"W_2^T (z_2 - y) \odot (1 - a_1^2)", "activation_derivative"),
            (r"W_2^T (z_2 - y) \odot a_1^2 \odot (1 - a_1)", "factor"),
            (r"W_2 (z_2 - y) \odot \sigma'(a_1)", "transpose"),
            (r"-W_2 (z_2 - y) \odot \sigma'(z_1)", "transpose"),
            (r"W_2^T \frac{\partial J}{\partial z_1} \odot \sigma'(z_1)", "index"),
        ],
    ),
    (
        MLP,
        r"\frac{\partial J}{\partial W_1}",
        [
            (r"(W_2^T (z_2 - y) \odot \sigma'(z_1)) x^T", "term"),
            (r"(W_2^T (z_2 - y) \odot \sigma'(z_1)) x^T + 2 \lambda W_1", "factor"),
            (r"(W_2^T (z_2 - y) \odot \sigma'(z_1)) x^T - \lambda W_1", "sign"),
            (r"(W_2^T (z_2 - y) \odot \sigma'(z_1)) x + \lambda W_1", "transpose"),
            (r"(W_2^T (z_2 - y) \odot \sigma'(z_1)) x^T + W_1", "factor"),
            (r"(W_2^T (z_2 - y) \odot \sigma'(z_1)) x^T + \lambda W_2", "index"),
            (r"\lambda W_1", "path"),
        ],
    ),
    (
        ROWS,
        r"\frac{\partial J}{\partial W}",
        [
            (r"\frac{1}{n} X ((A - Y) \odot (1 - A^2))", "transpose"),
            (r"X^T ((A - Y) \odot (1 - A \odot A))", "factor"),
            (r"\frac{2}{n} X^T ((A - Y) \odot (1 - A \odot A))", "factor"),
            (r"\frac{1}{n} X^T ((A - Y) \odot (1 - Z \odot A))", "symbol"),
            (r"\frac{1}{n} X^T (A - Y)", "activation_derivative"),
            (r"\frac{1}{n} ((A - Y) \odot (1 - A \odot A)) X^T", "order"),
        ],
    ),
    (
        ROWS,
        r"\frac{\partial J}{\partial b}",
        [
            (r"\frac{1}{n} (A - Y) \odot (1 - A \odot A)", "sum"),
            (r"\sum_i (A_i - Y_i) \odot (1 - A_i \odot A_i)", "factor"),
            (r"\frac{1}{n} ((A - Y) \odot (1 - A \odot A)) \mathbf{1}", "transpose"),
        ],
    ),
    (
        ROWS,
        r"\frac{\partial J}{\partial w_{ij}}",
        [
            (r"\frac{1}{n} \sum_m x_{mi} (A_{mj} - Y_{mj})", "activation_derivative"),
            (r"\frac{1}{n} x_{mi} (A_{mj} - Y_{mj}) (1 - A_{mj}^2)", "sum"),
            (r"\frac{1}{n} \sum_m x_{im} (A_{mj} - Y_{mj}) (1 - A_{mj}^2)", "index"),
            (r"\frac{1}{n} \sum_m x_{mi} (A_{mj} + Y_{mj}) (1 - A_{mj}^2)", "sign"),
            (r"\frac{1}{n} \sum_m x_{mj} (A_{mj} - Y_{mj}) (1 - A_{mj}^2)", "index"),
            (r"\frac{1}{n} \sum_m x_{mi} (A_{mi} - Y_{mj}) (1 - A_{mj}^2)", "index"),
        ],
    ),
    (
        QUADRATIC,
        r"\frac{\partial f}{\partial x}",
        [
            (r"2 A x + (S^{-1} + S^{-T}) x", "term"),
            (r"(A + A^T) x + 2 S^{-1} x", "term"),
            (r"(A + A^T + S + S^T) x", "inverse"),
            (r"(A + A^T + S^{-1} + S^T) x", "inverse"),
            (r"(A - A^T + S^{-1} + S^{-T}) x", "sign"),
            (r"(A + A^T) x", "term"),
            (r"A + A^T + (S^{-1} + S^{-T}) x", "parentheses"),
        ],
    ),
    (
        QUADRATIC,
        r"\frac{\partial f}{\partial S}",
        [
            (r"-S^{-T} x^T x S^{-T}", "product_kind"),
            (r"S^{-T} x x^T S^{-T}", "sign"),
            (r"-S^{T} x x^T S^{-T}", "inverse"),
            (r"-S^{-1} x x^T S^{-1}", "transpose"),
        ],
    ),
    (
        STEPS,
        r"\frac{\partial J}{\partial W}",
        [
            (r"\delta_{s_2} x^T", "path"),
            (r"\delta_{s_1} x^T + \delta_{s_2} x", "transpose"),
            (r"(\delta_{s_1} - \delta_{s_2}) x^T", "sign"),
        ],
    ),
    (
        STEPS,
        r"\frac{\partial J}{\partial U}",
        [
            (r"\delta_{s_1} h_1^T + \delta_{s_2} h_1^T", "index"),
            (r"\delta_{s_1} h_0^T + \delta_{s_2} h_2^T", "index"),
            (r"\delta_{s_1} h_0^T", "path"),
        ],
    ),
    (
        CLASSES,
        r"\frac{\partial L}{\partial z}",
        [
            (r"p + t", "sign"),
            (r"t - p", "sign"),
            (r"p", "term"),
            (r"p^2 - t", "factor"),
            (r"z - t", "symbol"),
            (r"(p - t) \odot p \odot (1 - p)", "activation_derivative"),
        ],
    ),
    (
        CLASSES,
        r"\frac{\partial L}{\partial z_i}",
        [(r"p_i + t_i", "sign"), (r"t_i - p_i", "sign"), (r"p_i", "term"), (r"p_j - t_i", "index")],
    ),
    (
        CLASSES,
        r"H_z",
        [
            (r"\operatorname{diag}(p) + p p^T", "sign"),
            (r"\operatorname{diag}(p) - p^T p", "product_kind"),
            (r"\operatorname{diag}(p)", "term"),
            (r"p - p p^T", "diagonal"),
            (r"\operatorname{diag}(p) - \operatorname{diag}(p)", "term"),
            (r"\operatorname{diag}(p) - \operatorname{diag}(p \odot p)", "term"),
        ],
    ),
]
