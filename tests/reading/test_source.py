"""What a text may be before it is parsed at all: characters, lengths, depth, numbers."""

from __future__ import annotations

import ast

import pytest

from symbackprop.errors import ReadError, Span
from symbackprop.reading.netfile import parse
from symbackprop.reading.source import LONGEST_LINE, LONGEST_TEXT, guarded, shortened

FINE = "x: input(d)\nJ: loss = sum(x)\n"


def refused(text: str) -> ReadError:
    with pytest.raises(ReadError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x: input(d)\x00", "x (line 1): The character U+0000 cannot be read. Delete it."),
        ("x: input(d)  # \x1b[31m", "x (line 1): The character U+001B cannot be read. Delete it."),
        (
            "x: input(d)  # \u202e",
            "x (line 1): The character U+202E (RIGHT-TO-LEFT OVERRIDE) cannot be read. Delete it.",
        ),
        ("\n# \u200b", "Line 2: The character U+200B (ZERO WIDTH SPACE) cannot be read. Delete it."),
        ("x: input(d)  # \ud800", "x (line 1): The character U+D800 cannot be read. Delete it."),
        (
            '"""cafe\u0301"""',
            "Line 1: The character U+0301 (COMBINING ACUTE ACCENT) is not composed with its letter"
            " (the text is not NFC). Type the letter again.",
        ),
    ],
    ids=ascii,
)
def test_a_character_that_hides_something_is_named_by_its_code_point(text: str, message: str) -> None:
    assert str(refused(text)) == message


def test_the_place_of_a_character_is_exact() -> None:
    assert refused("x: input(d)\nJ: loss = sum(x)\x00").span == Span(2, 17, 2, 18)


def test_letters_of_any_language_may_stand_in_titles_comments_and_strings() -> None:
    model = parse('"""Übung 3: сеть"""\n# 網路\nx: input(d)\nJ: loss = sum(x)')
    assert model.title == "Übung 3: сеть"


def test_columns_count_characters_not_bytes() -> None:
    error = refused("# é\nx: input(d)\nJ: loss = sum(x) + len(x)  # é")
    assert error.span == Span(3, 20, 3, 26)
    inside = refused('x: input(d, latex=r"é", onehots=True)\nJ: loss = sum(x)')
    assert inside.span == Span(1, 25, 1, 37)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_any_line_ends_and_a_byte_order_mark_are_read(end: str) -> None:
    assert parse("\ufeff" + FINE.replace("\n", end)) == parse(FINE)


def test_a_byte_order_mark_elsewhere_is_refused() -> None:
    assert "U+FEFF" in str(refused("x: input(d)\n\ufeffJ: loss = sum(x)"))


def test_lengths_have_limits() -> None:
    assert "at most 5,000 are read" in str(refused("# " + "a" * LONGEST_LINE))
    assert "at most 2,000,000 are read" in str(refused(" " * (LONGEST_TEXT + 1)))
    many_lines = "J: loss = (\n" + "x +\n" * 2000 + "x)"
    assert "more than 5,000 characters" in str(refused(many_lines))


def test_depth_has_a_limit() -> None:
    assert "nested more than 50 deep" in str(refused("J: loss = " + "(" * 2_000 + "x" + ")" * 2_000))
    assert "nested more than 50 deep" in str(refused("J: loss = " + "[(" * 51))
    deep = "(" * 50 + "x" + ")" * 50
    assert parse(f"x: input()\nJ: loss = {deep}").loss == "J"


def test_numbers_have_limits() -> None:
    assert "5,000 characters" not in str(refused("J: loss = " + "1" * 41))
    assert "A number of 41 characters; at most 40 are read." in str(refused("J: loss = " + "1" * 41))
    assert "`1e301` is out of range" in str(refused("J: loss = 1e301"))
    assert "out of range" in str(refused("x: input()\nJ: loss = x * 1e200 * 1e200 / (1e200 * 1e200)"))


def test_strings_and_brackets_inside_strings_are_not_counted() -> None:
    text = "x: input(d)  # (((((\n" + '"""' + "((" * 100 + '"""\n' + "J: loss = sum(x)"
    assert parse(text).loss == "J"


def test_a_span_is_the_source_of_its_node() -> None:
    source = guarded("z = (a +\n  b)")
    (statement,) = ast.parse(source.text).body
    assert isinstance(statement, ast.Assign)
    assert source.slice(source.span(statement.value)) == "a +\n  b"
    assert source.piece(statement.value) == "a + b"


def test_long_pieces_are_cut() -> None:
    assert shortened("a" * 100, 10) == "aaaaaa ..."
