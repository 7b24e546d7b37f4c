from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.document import Table
from symbackprop.escape import tex
from symbackprop.texforms import bound, code_line, columns, plain


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("50 % of $x_1$ & more #1", r"50 \% of \$x\_1\$ \& more \#1"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        (
            "a < b > c | d ~ e ^ f",
            r"a \textless{} b \textgreater{} c \textbar{} d \textasciitilde{} e \textasciicircum{} f",
        ),
        ("Réseau à trois", r"R\'{e}seau \`{a} trois"),
        ("naïve ñ ç Å ß", r"na\"{\i}ve \~{n} \c{c} \AA{} \ss{}"),
        (
            "δ ∘ xᵀ ≤ ½",
            r"\ensuremath{\delta} \ensuremath{\circ} x\ensuremath{^{\top}} \ensuremath{\le} \ensuremath{\tfrac12}",
        ),
        ("W₁ x²", r"W\ensuremath{_{1}} x\ensuremath{^{2}}"),
        ("网络 🙂", "{[}U+7F51][U+7EDC] [U+1F642]"),
        ("[1] and [2]", "{[}1] and [2]"),
        ("* a * b", "{*} a * b"),
        ("two\nlines\tand\x00", "two lines and[U+0000]"),
    ],
)
def test_words_print_as_they_are(words: str, expected: str) -> None:
    assert tex(words) == expected


@given(st.text())
def test_nothing_in_words_is_a_command_of_theirs(words: str) -> None:
    shown = tex(words)
    assert shown.isascii()
    depth = 0
    for k, character in enumerate(shown):
        if k and shown[k - 1] == "\\" and shown[max(0, k - 2) : k] != "\\\\":
            continue
        depth += (character == "{") - (character == "}")
        assert depth >= 0
        assert character not in "$&#%\n" or shown[k - 1] == "\\"
    assert depth == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("< 1e-10", "$< 10^{-10}$"),
        ("<= 5e-7", r"$\le 5 \cdot 10^{-7}$"),
        ("exact", "exact"),
        ("< 1e-x", r"\textless{} 1e-x"),
    ],
)
def test_a_bound_is_a_power_of_ten(words: str, expected: str) -> None:
    assert bound(words) == expected


def test_code_keeps_its_indentation_and_its_quotes() -> None:
    assert code_line('    x = "a"  # 50%') == r"\ \ \ \ x = \char34{}a\char34{}  \# 50\%"


def test_the_widest_column_breaks_where_the_page_is_too_narrow() -> None:
    narrow = Table("", (("a",), ("b",)), ((("1",), ("2",)),), numeric=(0,))
    assert columns(narrow) == r"@{}r@{\quad}l@{}"
    wide = Table("", (("a",), ("b",)), ((("1",), ("word " * 40,)),))
    assert "p{" in columns(wide)


def test_a_title_for_the_pdf_holds_no_tex() -> None:
    assert plain("Réseau {1} \\x $δ$ 100%") == "Reseau 1 x  100"
