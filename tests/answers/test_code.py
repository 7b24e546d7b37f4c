"""Code as people paste it: numbers, prompts and lost indentation go, output is passed over, places stay exact."""

from __future__ import annotations

import ast

import pytest

from symbackprop.answers import answer_of_text, is_code
from symbackprop.answers.python import tree

FUNCTION = "def f(x):\n    y = x\n\n    if y:\n        dW = y.T\n    return dW"


def code(text: str) -> list[str]:
    answer = answer_of_text(text, suffix=".md")
    for passage in answer.passages:
        for number, line in enumerate(passage.text.split("\n")):
            start = sum(len(before) + 1 for before in passage.text.split("\n")[:number])
            for i, character in enumerate(line):
                if not character.isspace() and character != "\\":
                    assert answer.text[passage.origin[start + i]] == character
    return [p.text for p in answer.passages]


def fenced(*pieces: str) -> str:
    return "".join(f"```\n{piece}\n```\n\n" for piece in pieces)


def same(made: str, wanted: str) -> bool:
    return ast.dump(ast.parse(made)) == ast.dump(ast.parse(wanted))


def numbered(text: str, form: str, first: int = 1) -> str:
    return "\n".join(form.format(n, line) for n, line in enumerate(text.split("\n"), first))


@pytest.mark.parametrize("form", ["{0} {1}", "{0:>3} {1}", "{0:<4}{1}", "{0}\t{1}", "{0:>2} | {1}", "  {0:02}  {1}"])
@pytest.mark.parametrize("first", [1, 7, 97])
def test_printed_line_numbers_are_taken_away(form: str, first: int) -> None:
    (made,) = code(fenced(numbered(FUNCTION, form, first)))
    assert same(made, FUNCTION)


def test_numbers_that_are_missing_on_some_lines_or_stand_alone_are_taken_away() -> None:
    text = "import math\n  x = 1\n3 y = 2\n4\n  dW = x\n   db = y\n   def g(p):\n8\n      return p\n9\n10\n   dc = g(x)"
    (made,) = code(fenced(text))
    assert same(made, "import math\nx = 1\ny = 2\ndW = x\ndb = y\ndef g(p):\n    return p\ndc = g(x)")


def test_numbers_that_do_not_increase_are_the_authors() -> None:
    assert code(fenced("dW = [\n1 ,\n2 ]")) == ["dW = [\n1 ,\n2 ]"]
    assert code(fenced("dW = [\n3,\n2,\n1 ,\n1 ]")) == ["dW = [\n3,\n2,\n1 ,\n1 ]"]


def test_numbers_of_growing_width_keep_an_indentation_of_one_column() -> None:
    (made,) = code(fenced("8 def f(x):\n9  y = x\n10  if y:\n11   y = 2\n12  return y"))
    assert same(made, "def f(x):\n y = x\n if y:\n  y = 2\n return y")


def test_a_number_of_two_digits_puts_no_line_into_a_block() -> None:
    (made,) = code(fenced("8 if a:\n9  b = 1\n10 c = 2"))
    assert same(made, "if a:\n b = 1\nc = 2")


def test_lines_under_a_prompt_are_indented_like_it() -> None:
    (made,) = code(fenced("In [4]: def f(x):\n            return x\n        dW = f(1)"))
    assert same(made, "def f(x):\n    return x\ndW = f(1)")


@pytest.mark.parametrize(
    "text",
    [
        "[4]: def f(x):\n    y = x\n\n    if y:\n        dW = y.T\n    return dW",
        "In [4]: def f(x):\n            y = x\n\n            if y:\n                dW = y.T\n            return dW",
        "In [4]: def f(x):\n   ...:     y = x\n   ...: \n   ...:     if y:\n   ...:         dW = y.T\n"
        "   ...:     return dW\n\nOut[4]: 3\n4",
        ">>> def f(x):\n...     y = x\n...\n...     if y:\n...         dW = y.T\n...     return dW\n>>> \nfound 3",
        "    def f(x):\n        y = x\n\n        if y:\n            dW = y.T\n        return dW",
        "1 >>> def f(x):\n2 ...     y = x\n3 ...\n4 ...     if y:\n5 ...         dW = y.T\n6 ...     return dW",
    ],
)
def test_prompts_and_common_indentation_are_taken_away(text: str) -> None:
    (made,) = code(fenced(text))
    assert same(made, FUNCTION)


def test_levels_that_are_off_by_a_column_are_restored_and_others_are_not() -> None:
    (made,) = code(fenced("  x = 1\n   y = 2\n  def f(p):\n      q = p\n       return q\n   dW = f(x)"))
    assert same(made, "x = 1\ny = 2\ndef f(p):\n    q = p\n    return q\ndW = f(x)")
    for unclear in ("def f(p):\n    q = p\n  dW = q\n    return q", "def f(p):\n        q = p\n  dW = q"):
        assert code(fenced(unclear)) == [unclear]


def test_an_assignment_that_was_broken_before_its_sign_is_joined() -> None:
    (made,) = code(fenced("a = 1\nb, c\n    = 2, 3\ndW = a"))
    assert same(made, "a = 1\nb, c = 2, 3\ndW = a")


def test_a_fence_that_goes_on_behind_a_page_break_is_one_piece() -> None:
    lines = numbered(FUNCTION, "{0} {1}").split("\n")
    for between in ("", "\n\n", "\nPage 3\n\n", "\nHomework 2    3\n"):
        text = fenced("\n".join(lines[:3])) + between + fenced("\n".join(lines[3:]))
        (made,) = code(text)
        assert same(made, FUNCTION)


def test_code_that_only_both_fences_make_is_one_piece() -> None:
    lines = FUNCTION.split("\n")
    (made,) = code(fenced("\n".join(lines[:4]), "\n".join(lines[4:])))
    assert same(made, FUNCTION)
    (made,) = code(fenced("def f(x):\n    y = x", "    return y"))
    assert same(made, "def f(x):\n    y = x\n    return y")
    (made,) = code(fenced("x = [1,", "2]\ndW = x"))
    assert same(made, "x = [1,\n2]\ndW = x")


def test_a_page_whose_first_line_lost_its_indentation_goes_on_in_its_block() -> None:
    (made,) = code(fenced("1 def f(x):\n2     y = x", "3 z = y\n4     return z"))
    assert same(made, "def f(x):\n    y = x\n    z = y\n    return z")


def test_the_indentation_of_a_fence_is_not_that_of_its_code() -> None:
    first, second = "```\ndef f(x):\n    return x\n```\n\n", "    ```\n    dW = 1\n    ```\n"
    assert code(first + second) == ["def f(x):\n    return x", "dW = 1"]


def test_a_console_does_not_swallow_the_code_before_it() -> None:
    assert code(fenced("def f(x):\n    return x", "    >>> dW = f(1)\n    1")) == [
        "def f(x):\n    return x",
        "dW = f(1)",
    ]
    (made,) = code(fenced("def f(x):\n    return x\n>>> dW = f(1)\n1"))
    assert same(made, "def f(x):\n    return x\ndW = f(1)")


def test_fences_that_stand_for_themselves_stay_apart() -> None:
    assert code(fenced("x = 1", "dW = x")) == ["x = 1", "dW = x"]
    assert code(fenced("1 x = 1", "1 dW = x")) == ["x = 1", "dW = x"]
    assert len(code(fenced("1 x = 1\n2 y = 1") + "Then we compute the second part of it.\n" + fenced("3 dW = x"))) == 2
    assert len(code(fenced("1 x = 1\n2 y = 1") + "a\nb\nc\nd\n\n" + fenced("3 dW = x"))) == 2
    assert code(fenced("1 x = 1\n2 dW = x", "3 loss is 0.5\n4 done it is")) == ["x = 1\ndW = x"]


@pytest.mark.parametrize(
    "output",
    [
        "> python train.py\nW0 diff 0.24316583670504677\nb2 diff 1.2239986801887426e-11",
        "1     0: loss is 7.166226621227566\n2     1: loss is 5.436435240565046\n3     ...\n4     Test loss is 0.118",
        'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nValueError: shapes',
        "1.5422821523392451",
        "[1, 2, 3]",
        "loss: 0.5\naccuracy: 0.9",
        "0.1 0.2\n0.3 0.4",
        "done",
        "$ ls -l\ntotal 3",
        "Epoch 1/10 [====] loss: 0.3",
    ],
)
def test_output_is_passed_over(output: str) -> None:
    assert code(fenced(output)) == []


def test_what_looks_like_python_and_is_not_is_kept_for_its_reader_to_refuse() -> None:
    assert code(fenced("dW = x' * d\ndb = sum(d)\n# done")) == ["dW = x' * d\ndb = sum(d)\n# done"]


def test_nesting_that_no_parser_should_see_is_kept_unparsed() -> None:
    deep = "dW = " + "(" * 200 + "x" + ")" * 200
    assert code(fenced(deep)) == [deep]
    assert tree("x = " + "(" * 60 + "1" + ")" * 60) is not None
    assert tree("x = " + "(" * 61 + "1" + ")" * 61) is None
    assert tree("x = 1\n" * 40_000) is None
    (passage,) = answer_of_text("x = " + "1+" * 150_000 + "1", suffix=".py").passages
    assert passage.kind == "code"


def test_a_python_file_is_one_piece_as_it_is() -> None:
    text = "\ufeff# network: one.net\r\nimport numpy as np\r\n\r\ndW = 1\r\n"
    (passage,) = answer_of_text(text, suffix=".py").passages
    assert passage.text == "# network: one.net\nimport numpy as np\n\ndW = 1"
    assert (passage.network, passage.line) == ("one.net", 1)
    start = passage.text.index("dW")
    assert text[slice(*passage.place(start, start + 6))] == "dW = 1"
    (passage,) = answer_of_text("this is no Python", suffix=".py").passages
    assert passage.text == "this is no Python"


@pytest.mark.parametrize(
    "text",
    [
        "def f(x): return x",
        "dW_1 = x",
        "pW1 = a.T.dot(p)",
        "gW_1 = x",
        "dL_dW1 = x",
        "grad_W_1 = x",
        "delta_4 = 2*(Y-T)",
        "DW[3] = x",
        "x = 1\nfor i in y:\n    dw, db = i",
        "grads['W1'] = x",
        "W1_grad += x",
        "dgamma = x",
        "\ufeffdW = x",
    ],
)
def test_python_with_a_function_or_a_gradient_is_code(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{\partial J}{\partial W} = x",
        "W = x",
        "data = 1",
        "y = dW",
        "dW = x^T",
        "dW = x y",
        "\\delta = x",
        "",
        "(" * 5000,
        "dW = " + "-" * 100_000 + "1",
        "dW = '\ud800' \x00",
        "__import__('os').system('x')",
    ],
)
def test_everything_else_is_latex(text: str) -> None:
    assert not is_code(text)
