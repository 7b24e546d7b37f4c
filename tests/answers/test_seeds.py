"""The five source documents are read as they are: every formula, every line of code, nothing of the output."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from symbackprop.answers import Answer, names_part, read_answer


def read(seeds: Path, number: str) -> Answer:
    (path,) = seeds.glob(f"{number}_*.md")
    return read_answer(path)


# number, displays, formulas in a line, lines of code (not blank, no comments) of each piece
TABLE = [
    ("000", 3, 0, [17]),
    ("001", 3, 15, []),
    ("002", 10, 1, [10, 1, 26, 1, 8, 8, 2]),
    ("003", 13, 16, []),
    ("004", 33, 24, [67]),
]


@pytest.mark.parametrize(("number", "displays", "inline", "code"), TABLE)
def test_every_formula_and_every_line_of_code_is_found(
    number: str, displays: int, inline: int, code: list[int], seeds: Path
) -> None:
    answer = read(seeds, number)
    formulas = [p for p in answer.passages if p.kind == "latex"]
    pieces = [p for p in answer.passages if p.kind == "code"]
    assert answer.refused == ()
    assert sum(p.display for p in formulas) == displays
    assert sum(not p.display for p in formulas) == inline
    assert len(formulas) == answer.text.count("$$") // 2 + answer.text.replace("$$", "").count("$") // 2
    lines = [[line for line in p.text.split("\n") if line.strip() and not line.strip().startswith("#")] for p in pieces]
    assert [len(piece) for piece in lines] == code
    for piece in pieces:
        ast.parse(piece.text)


@pytest.mark.parametrize("number", [row[0] for row in TABLE])
def test_every_place_is_exact(number: str, seeds: Path) -> None:
    answer = read(seeds, number)
    for passage in answer.passages:
        assert len(passage.origin) == len(passage.text) + 1
        for character, place in zip(passage.text, passage.origin, strict=False):
            if passage.kind == "latex" or not (character.isspace() or character == "\\"):
                assert answer.text[place] == character
        assert passage.line == answer.text.count("\n", 0, passage.origin[0]) + 1


def test_a_function_over_a_page_break_is_one_piece(seeds: Path) -> None:
    (piece,) = [p for p in read(seeds, "000").passages if p.kind == "code"]
    (function,) = ast.parse(piece.text).body
    assert isinstance(function, ast.FunctionDef)
    assert ast.unparse(function.body[0]) == "a0 = relu(x)"
    assert ast.unparse(function.body[-1]) == "return [pW0, pW1, pW2, pb0, pb1, pb2]"


def test_a_program_with_lost_indentation_is_one_piece_with_its_blocks(seeds: Path) -> None:
    (piece,) = [p for p in read(seeds, "004").passages if p.kind == "code"]
    main = ast.parse(piece.text).body[-1]
    assert isinstance(main, ast.If)
    (loop,) = main.body
    assert isinstance(loop, ast.For)
    statements = [ast.unparse(s) for s in loop.body]
    assert statements[0] == "h1 = w1 * x1 + w2 * x2 + b1"
    assert "dL_01 = -t1 / y1 * (y1 * (1 - y1)) + -t2 / y2 * (-y1 * y2)" in statements
    assert statements[-1] == "b5 = GD(b5, dL_b5)"


def test_prompts_are_taken_away(seeds: Path) -> None:
    pieces = [p for p in read(seeds, "002").passages if p.kind == "code"]
    assert pieces[0].text.startswith("import numpy,utils")
    assert pieces[2].text.startswith("# -----")
    assert pieces[3].text == "print(numpy.linalg.norm(DW[0][0,0]))"


def test_parts_of_the_documents_are_named_by_their_headings(seeds: Path) -> None:
    formulas = [p for p in read(seeds, "002").passages if p.kind == "latex"]
    assert [sum(names_part(p.part, f"Ex {n}") for p in formulas) for n in (1, 2, 3)] == [1, 5, 5]
    pieces = [p for p in read(seeds, "002").passages if p.kind == "code"]
    assert [names_part(p.part, "Exercise 1") for p in pieces] == [True] * 4 + [False] * 3
    assert {p.part for p in read(seeds, "000").passages} == {"Problem 2", "Problem 3"}
    assert all(names_part(p.part, "Q2") for p in read(seeds, "003").passages)
