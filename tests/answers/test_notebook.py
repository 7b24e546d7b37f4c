"""Notebooks: cells in order, each with its number; output, magic and other languages are passed over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from symbackprop.answers import answer_of_text
from symbackprop.errors import ReadError


def notebook(*cells: tuple[str, Any], **more: Any) -> str:
    made = [{"cell_type": kind, "metadata": {}, "source": source, **more} for kind, source in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_cells_are_read_in_order_with_their_numbers() -> None:
    text = notebook(
        ("markdown", ["# Ex 1\n", "so $a$"]),
        ("code", "%matplotlib inline\n!pip install x\ndW = x.T\nx?"),
        ("raw", "$no$"),
        ("markdown", "then\n```python\ndb = 1\n```\nand $$b$$"),
        ("code", "%%bash\nX=1"),
        ("code", "%%time\ndc = 1"),
        ("code", "1 + 2"),
        ("code", ""),
        outputs=[{"text": "$c$"}],
    )
    answer = answer_of_text(text, suffix=".ipynb", name="x")
    assert [(p.cell, p.kind, p.text.strip(), p.part) for p in answer.passages] == [
        (1, "latex", "a", "Ex 1"),
        (2, "code", "dW = x.T", "Ex 1"),
        (4, "code", "db = 1", "Ex 1"),
        (4, "latex", "b", "Ex 1"),
        (6, "code", "dc = 1", "Ex 1"),
    ]
    assert answer.text.startswith("# Ex 1\nso $a$\n\n%matplotlib inline\n")
    for passage in answer.passages:
        stripped = passage.text.strip()
        start = passage.text.index(stripped)
        assert answer.text[slice(*passage.place(start, start + len(stripped)))] == stripped
    assert answer.passages[3].before == "and"


def test_macros_and_networks_hold_from_cell_to_cell() -> None:
    text = notebook(("markdown", "$\\newcommand{\\W}{w}$\n% network: a.net"), ("markdown", "$\\W$"), ("code", "dW = 1"))
    answer = answer_of_text(text, suffix=".ipynb")
    assert [(p.cell, p.text, p.network) for p in answer.passages] == [(2, "w", "a.net"), (3, "dW = 1", "a.net")]


def test_a_formula_does_not_go_on_in_the_next_cell() -> None:
    answer = answer_of_text(notebook(("markdown", "$$a"), ("markdown", "$$b$$")), suffix=".ipynb")
    assert [p.text for p in answer.passages] == ["b"]
    assert len(answer.refused) == 1


def test_the_older_format_is_read() -> None:
    text = json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": ["dW = 1"]}]}], "nbformat": 3})
    assert [p.text for p in answer_of_text(text, suffix=".ipynb").passages] == ["dW = 1"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000, "nested more than 40 deep"),
        ('{"cells": ' + "[" * 100_000, "nested more than 40 deep"),
        ('{"a":' * 50_000, "nested more than 40 deep"),
        ("x = 1", "is not JSON"),
        ('{"cells": [', "is not JSON"),
        ("[]", "no list of cells"),
        ('"x"', "no list of cells"),
        ('{"cells": 3}', "no list of cells"),
        ('{"cells": [3]}', "cell 1 has no text"),
        ('{"cells": [{"source": [3]}]}', "cell 1 has no text"),
        ('{"cells": []}', "is empty"),
        ('{"cells": [{"cell_type": "code", "source": "\\ud800"}]}', r"U\+D800"),
        ('{"cells": [{"cell_type": "code", "source": "a\\u0000"}]}', r"U\+0000"),
        ('{"x": ' + "9" * 5000 + "}", "no list of cells"),
        (json.dumps({"cells": [{"source": "x"}] * 5001}), "at most 5,000"),
    ],
)
def test_what_is_no_notebook_is_refused(text: str, why: str) -> None:
    with pytest.raises(ReadError, match=why):
        answer_of_text(text, suffix=".ipynb", name="x.ipynb")
