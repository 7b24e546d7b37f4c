"""A report as plain lines, and as a Markdown page."""

from __future__ import annotations

from symbackprop.cli.markdown import as_markdown
from symbackprop.cli.summary import as_text
from symbackprop.document import (
    ClosedForm,
    Equation,
    GradientRow,
    Math,
    Report,
    Step,
    SymbolRow,
    Table,
    Worked,
)


def math(latex: str, text: str) -> Math:
    return Math(latex=latex, mathml="", text=text)


D = math("d", "(d)")
DELTA = math(r"\delta_z", "δ_z")
GRADIENT = Equation(math(r"\frac{\partial J}{\partial w}", "∂J/∂w"), (math(r"\delta_z x", "δ_z x"),))
REPORT = Report(
    name="plane",
    title="A tilted plane",
    symbols=(
        SymbolRow(math("x", "x"), "input", D, ("each entry of ", math("x", "x"), " is 0 or 1")),
        SymbolRow(math(r"\hat{w}", "w\u0302"), "parameter", D),
    ),
    forward=(Equation(math("z", "z"), (math("w x", "w x"),), math("n", "(n)")),),
    backward=(
        Step(
            name="z",
            node=math("z", "z"),
            equations=(
                Equation(DELTA, (math("|z|", "|z|"), math(r"\|y\|", "‖y‖"))),
                Equation(DELTA, (math("0", "0"),)),
            ),
            reason=("z reaches ", math("J", "J"), " only; 3 * 4_5"),
            argument=(("By entries: ", math("z_i", "zᵢ"), "."),),
        ),
    ),
    gradients=(GradientRow("w", math("w", "w"), GRADIENT, D, ("if ", math("x > 0", "x > 0"))),),
    closed=(ClosedForm("w", GRADIENT, (Equation(DELTA, (math("z", "z"),)),)),),
    worked=Worked(
        ("At x = 1.",),
        (Equation(math("z", "z"), (math("w x", "w x"), math("2", "2"))),),
        Table("One step", (("name",), ("value",)), (((math("w", "w"),), ("−0.50",)),), numeric=(1,)),
    ),
    conditions=(("z ≠ 0",),),
    remarks=(("b is not used.",),),
)


def test_the_summary_has_shapes_steps_with_reasons_and_gradients() -> None:
    assert as_text(REPORT) == "\n".join(
        [
            "A tilted plane",
            "",
            "Symbols",
            "  x   input       (d)   each entry of x is 0 or 1",
            "  w\u0302   parameter   (d)",
            "",
            "Forward",
            "  z = w x   (n)",
            "",
            "Backward",
            "  δ_z = |z| = ‖y‖   z reaches J only; 3 * 4_5",
            "  δ_z = 0",
            "                    By entries: zᵢ.",
            "",
            "Gradients",
            "  ∂J/∂w = δ_z x   (d)   if x > 0",
            "",
            "Closed forms",
            "  ∂J/∂w = δ_z x",
            "  δ_z = z",
            "",
            "In numbers",
            "  At x = 1.",
            "  z = w x = 2",
            "",
            "One step",
            "  name   value",
            "  w      −0.50",
            "",
            "Where this holds",
            "  z ≠ 0",
            "",
            "Remarks",
            "  b is not used.",
        ]
    )


def test_a_section_without_content_is_left_out() -> None:
    assert as_text(Report(name="n", title="Nothing")) == "Nothing"
    assert as_markdown(Report(name="n", title="Nothing")) == "# Nothing"


def test_the_markdown_page_keeps_formulas_whole_and_words_plain() -> None:
    page = as_markdown(REPORT)
    assert "| symbol | role | shape |  |\n| --- | --- | --- | --- |\n" in page
    assert r"| $\hat{w}$ | parameter | $d$ |  |" in page
    aligned = "\\begin{aligned}\n\\delta_z &= |z| = \\|y\\| \\\\\n\\delta_z &= 0\n\\end{aligned}"
    assert f"z reaches $J$ only; 3 \\* 4\\_5\n\n$$\n{aligned}\n$$\n\nBy entries: $z_i$.\n\n" in page
    assert "$$\nz = w x\n$$" in page
    assert "## One step\n\n| name | value |\n| --- | --- |\n| $w$ | −0.50 |\n\n" in page


def test_a_bar_in_a_formula_does_not_end_a_cell() -> None:
    row = GradientRow("w", math("w", "w"), Equation(DELTA, (math(r"\|y\| |z|", ""),)), D)
    page = as_markdown(Report(name="n", title="t", gradients=(row,)))
    assert page.splitlines()[-1] == r"| $\delta_z = \Vert y\Vert  \vert z\vert $ | $d$ |"
