r"""Formulas in LaTeX: displays, inline ones, strings that are formulas themselves; comments, parts, networks."""

from __future__ import annotations

import pytest

from symbackprop.answers import Answer, answer_of_text


def formulas(text: str) -> list[str]:
    return [p.text for p in answer_of_text(text, suffix=".tex").passages]


def check_slices(answer: Answer) -> None:
    for passage in answer.passages:
        assert len(passage.origin) == len(passage.text) + 1
        for character, place in zip(passage.text, passage.origin, strict=False):
            assert answer.text[place] == character


@pytest.mark.parametrize(
    ("text", "environment", "display"),
    [
        ("so $A = B$.", "$", False),
        ("so $$A = B$$", "$$", True),
        (r"so \(A = B\)", "\\(", False),
        (r"so \[A = B\]", "\\[", True),
        (r"so \begin{math}A = B\end{math}", "math", False),
        *(
            (rf"so \begin{{{e}}} A = B \end{{{e}}}", e, True)
            for e in ("equation", "equation*", "align", "align*", "gather")
        ),
        *(
            (rf"so \begin{{{e}}} A = B \end{{{e}}}", e, True)
            for e in ("multline", "split", "eqnarray", "aligned", "flalign*")
        ),
        (r"so \begin{alignat*}{2} A = B \end{alignat*}", "alignat*", True),
        (r"so \begin{aligned}[t] A = B \end{aligned}", "aligned", True),
        (r"\newcommand{\be}{\begin{equation}}\newcommand{\ee}{\end{equation}} so \be A = B \ee", "equation", True),
    ],
)
def test_every_way_to_set_a_formula_is_found(text: str, environment: str, display: bool) -> None:
    (passage,) = answer_of_text(f"\\section{{S}} {text}").passages
    assert (passage.text, passage.environment, passage.display) == ("A = B", environment, display)


def test_rows_and_columns_stay_in_one_formula() -> None:
    text = "\\begin{align}\n a &= b \\\\[2pt]\n &= c\n\\end{align} and $d$"
    assert formulas(text) == ["a &= b \\\\[2pt]\n &= c", "d"]


def test_a_piecewise_definition_keeps_its_environment() -> None:
    cases = r"\begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}"
    assert formulas(f"where $$u(x) = {cases}$$") == [f"u(x) = {cases}"]
    assert formulas(f"\\section{{A}} {cases}") == [cases]
    nested = r"\begin{cases} a \\ \begin{cases} b \end{cases} \end{cases}"
    assert formulas(f"\\section{{A}} {nested}") == [nested]


def test_environments_within_one_another_are_one_formula() -> None:
    inner = r"\begin{split} a &= \begin{cases} b \end{cases} \end{split}"
    assert formulas(rf"\begin{{equation}}\label{{e}} {inner} \end{{equation}} $c$") == [rf"\label{{e}} {inner}", "c"]


def test_a_dollar_inside_text_does_not_end_the_formula() -> None:
    assert formulas(r"$a = b \text{ if $x > 0$}$, $c$") == [r"a = b \text{ if $x > 0$}", "c"]
    assert formulas(r"$$a = b \text{ if $x > 0$}$$ $c$") == [r"a = b \text{ if $x > 0$}", "c"]


def test_neighbouring_formulas_are_two() -> None:
    assert formulas("$a$$b$ c") == ["a", "b"]


def test_escaped_dollars_and_line_breaks_are_no_delimiters() -> None:
    assert formulas("costs \\$5 \\\\[1em] and $a$ and \\$6") == ["a"]


def test_comments_are_no_part_of_a_formula() -> None:
    text = "\\[ a % = wrong $\n  = b \\% c \\] % $d$\n$e$"
    assert formulas(text) == ["a \n  = b \\% c", "e"]


def test_only_the_body_of_a_document_is_set() -> None:
    text = "\\documentclass{article}\n\\title{On $x$}\n\\begin{document}\n$y$\n\\end{document}\n$z$"
    assert formulas(text) == ["y"]


def test_what_is_commented_out_or_drawn_is_passed_over() -> None:
    pieces = [
        r"\begin{comment}$a$\end{comment}",
        r"\begin{tikzpicture}\node {$b$};\end{tikzpicture}",
        r"\iffalse $c$ \fi",
        r"\verb|$d$|",
    ]
    assert formulas("\\section{A}" + "".join(pieces) + "$e$") == ["e"]


def test_loading_and_programming_commands_outside_formulas_are_passed_over() -> None:
    assert formulas(r"\input{/etc/passwd}\write18{ls}\catcode`\$=12 \openin1=x $a$") == ["a"]


@pytest.mark.parametrize("opening", ["$a", "$$a", r"\[a", r"\(a", r"\begin{align}a", "$a\n\nb$"])
def test_a_formula_without_an_end_is_refused_with_its_place_and_the_rest_is_read(opening: str) -> None:
    answer = answer_of_text(f"\\section{{A}}\nso {opening}\n\n \\begin{{gather}}c\\end{{gather}}")
    assert [p.text for p in answer.passages] == ["c"]
    span, why = answer.refused[0]
    assert span is not None
    assert (span.line, span.column) == (2, 4)
    assert "has no end" in why


def test_a_string_without_delimiters_is_a_formula() -> None:
    (passage,) = answer_of_text("  f’(x) = \\begin{cases} 1 & x > 0 \\\\\n \\alpha & x \\leq 0 \\end{cases}\n").passages
    assert passage.text == "f’(x) = \\begin{cases} 1 & x > 0 \\\\\n \\alpha & x \\leq 0 \\end{cases}"
    assert passage.environment == ""
    assert passage.display


def test_delimiters_inside_braces_leave_a_string_a_formula() -> None:
    assert formulas(r"a = b \text{ if $x > 0$}") == [r"a = b \text{ if $x > 0$}"]


def test_lines_with_their_own_left_sides_are_formulas_of_their_own() -> None:
    assert formulas("dW = a\ndb = \\delta") == ["dW = a", "db = \\delta"]
    assert formulas("a = b\n  = c\nd = e +\nf") == ["a = b\n  = c", "d = e +\nf"]
    assert formulas("a\n= b") == ["a\n= b"]
    assert formulas("a &= b \\\\\nc &= d") == ["a &= b \\\\\nc &= d"]
    assert formulas("\\frac{a\n= b}{c} = d\n\ne = f") == ["\\frac{a\n= b}{c} = d", "e = f"]
    assert formulas("a = \\frac{b\nc}{d} = e") == ["a = \\frac{b\nc}{d} = e"]


def test_a_comment_behind_a_bare_formula_is_left_for_its_reader_to_refuse() -> None:
    assert formulas("% a line\na = b % } \\end{document}") == ["a = b % } \\end{document}"]


def test_the_parts_of_a_document_are_paths_of_headings() -> None:
    text = (
        "\\section{Problem 1}$a$\\subsection*{(b) the \\emph{loss}}$b$\n\n\\section[short]{Problem 2}$c$\n\n"
        "\\textbf{Second layer.}\n\n$d$ \\begin{exercise}[Three]$e$"
    )
    parts = [(p.text, p.part) for p in answer_of_text(text).passages]
    assert parts == [
        ("a", "Problem 1"),
        ("b", "Problem 1 > (b) the \\emph{loss}"),
        ("c", "Problem 2"),
        ("d", "Problem 2 > Second layer"),
        ("e", "Problem 2 > Three"),
    ]


def test_a_comment_chooses_the_network_of_what_follows() -> None:
    text = "$a$\n% network: one.net\n$b$\n  %% Network: two.net\n\\[c\\]"
    assert [p.network for p in answer_of_text(text).passages] == ["", "one.net", "two.net"]
    assert [p.network for p in answer_of_text("% network: one.net\na = b").passages] == ["one.net"]


def test_what_is_said_around_a_formula_comes_along() -> None:
    first, second = answer_of_text("Let % not\n $a$ be, where\n\\(b\\) is.").passages
    assert (first.before.split(), first.after) == (["Let"], "be, where")
    assert (second.before, second.after) == ("be, where", "is.")


def test_code_environments_are_code_unless_they_name_another_language() -> None:
    text = (
        "$a$\n\\begin{verbatim}\ndW = x.T @ d  # $\n\\end{verbatim}\n"
        "\\begin{lstlisting}[language=Python, caption={x}]\ndb = d\n\\end{lstlisting}\n"
        "\\begin{minted}{python}\ndc = d\n\\end{minted}\\begin{Verbatim}\n    dd = d\n\\end{Verbatim}"
        "\\begin{lstlisting}[language=bash]\nx = 1\n\\end{lstlisting}$b$"
    )
    answer = answer_of_text(text)
    assert [(p.kind, p.text) for p in answer.passages] == [
        ("latex", "a"),
        ("code", "dW = x.T @ d  # $"),
        ("code", "db = d"),
        ("code", "dc = d"),
        ("code", "dd = d"),
        ("latex", "b"),
    ]
    check_slices(answer)


def test_listings_are_not_cut_by_pages() -> None:
    listing = "\\begin{{verbatim}}\n{}\n\\end{{verbatim}}\n".format
    text = listing("def f(x):\n    return x") + listing("    dW = 1")
    assert [p.text for p in answer_of_text(text).passages] == ["def f(x):\n    return x", "dW = 1"]


def test_positions_are_those_of_the_text_with_its_own_line_ends() -> None:
    text = "\r\nso\r\n$$a\r\n= b$$\r\n"
    (passage,) = answer_of_text(text).passages
    assert passage.text == "a\n= b"
    assert text[slice(*passage.place(0, len(passage.text)))] == "a\r\n= b"
    assert passage.line == 3
    (passage,) = answer_of_text("so\r$$a\r= b$$\r").passages
    assert (passage.text, passage.line) == ("a\n= b", 2)
