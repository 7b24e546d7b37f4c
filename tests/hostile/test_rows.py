"""The 56 hostile inputs: each is run through every way into the program, or covered by the tests that are named.

Whatever the way in, the answer is exit code 2 with a message, soon, with nothing executed and nothing written.
"""

from __future__ import annotations

import ast
import json
import resource
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symbackprop.cli import main

SECONDS = 3.0  # of this process; each takes a tenth of one
NETWORK = "x: parameter(n)\ny: input(n)\nJ: loss = sum((x - y)**2)\n"
LEFT = r"\frac{\partial J}{\partial x} = "
RIGHT = LEFT + "2 (x - y)"

FORMULAS: dict[int, tuple[str, ...]] = {
    1: ("__import__('os').system('touch made')",),
    2: ("().__class__.__bases__[0].__subclasses__()",),
    3: ("open('made','w')",),
    4: ("exec(\"open('made','w')\")",),
    5: ("lambda: 0", "...", "range(10**9)", "'a'*10**9"),
    7: ("9**9**9", "9**9**9**9", "2**(10**9)", "factorial(10**7)"),
    8: ("9^{9^{9^9}}", "2^{1000000000}"),
    9: ("expand((x+y+z)**300)",),
    10: (r"\sum_{i=1}^{1000000000} i^i",),
    11: ("(" * 10_000 + "x" + ")" * 10_000,),
    12: ("{" * 10_000 + "x" + "}" * 10_000, "(" * 3_000 + "x" + ")" * 3_000),
    13: (r"\frac{" * 500 + "x" + "}{2}" * 500, r"\sqrt[3]{" * 300 + "x" + "}" * 300,
         r"\sqrt[" * 300 + "x" + "]{2}" * 300),
    14: ("+".join(["x"] * 20_000), "-" * 10_000 + "x"),
    15: ("xy" * 2_500,),
    16: ("+".join(["x"] * 200_000),),
    22: (r"\input{/etc/passwd}",),
    23: ("a b; import os",),
    27: (
        r"\input", r"\include", r"\openin", r"\write18{ls}", r"\csname x\endcsname", r"\def\q{x}",
        r"\newcommand{\q}{x}", r"\catcode`\%=12",
    ),
    28: (r"\def\a{\a\a}\a", r"\def\x{\x}\x"),
    29: (r"% comment } \end{document}",),
    30: ("<script>alert(1)</script>", r"\text{<img/src=x onerror=alert(1)>}"),
    31: (r"\href{javascript:alert(1)}{x}",),
    32: ("\uff58", "\u0430", "x\u202ey"),
    33: ("x\x00", "x\ud800"),
    34: ("", "   "),
    35: ("9" * 5_000,),
    36: ("x/0", r"\frac{1}{0}"),
    37: ("nan", "oo-oo", "1e400"),
    38: ("x^2^3",),
    39: (r"\frac{1}{", r"\begin{pmatrix} 1"),
}  # fmt: skip  # a table

NAMES: dict[int, tuple[str, ...]] = {
    6: ("__import__('os').system('touch made')", "x" * 65),
    21: ("x_1__2", "a_b%c&d#e$f"),
    22: (r"\input{/etc/passwd}",),
    23: ("a b; import os",),
    24: ("{{ 7*7 }}", "{% for x in y %}"),
}

COVERED: dict[int, tuple[str, ...]] = {
    17: ("reading/test_netfile.py::test_names_of_functions_and_of_python_are_symbols_where_nothing_is_called",
         "test_network.py::test_reserved_words_are_mathematical_names",
         "codegen/test_contract.py::test_keywords_of_python_and_names_of_numpy_are_arguments_too"),
    18: ("reading/test_netfile.py::test_names_that_mean_something_elsewhere_are_plain_symbols",),
    19: ("codegen/test_contract.py::test_keywords_of_python_and_names_of_numpy_are_arguments_too",
         "reading/test_netfile.py::test_names_of_functions_and_of_python_are_symbols_where_nothing_is_called"),
    23: ("codegen/test_written_modules.py::test_a_module_imports_and_calls_nothing_that_it_should_not",),
    24: ("document/test_render.py::test_words_that_are_commands_elsewhere_are_shown_as_words",
         "document/test_render.py::test_templates_use_delimiters_that_tex_and_html_do_not"),
    25: ("hostile/test_rows.py::test_nobody_brings_a_template",),
    26: ("hostile/test_rows.py::test_nobody_brings_a_template",),
    28: ("document/test_typeset.py::test_an_endless_document_is_stopped",
         "verification/test_hostile.py::test_what_is_no_text_or_expands_without_end_is_an_error"),
    30: ("notation/test_mathml.py::test_no_user_text_becomes_markup",
         "document/test_render.py::test_the_only_script_that_may_run_is_ours",
         "verification/showing/test_page.py::test_what_an_author_wrote_is_never_markup"),
    33: ("reading/test_source.py::test_any_line_ends_and_a_byte_order_mark_are_read",
         "answers/test_files.py::test_a_byte_order_mark_does_not_count_in_a_file_and_crlf_counts_as_two"),
    37: ("codegen/test_contract.py::test_nan_propagates",
         "cli/test_sources.py::test_values_that_are_not_numbers_are_named"),
    40: ("hostile/test_rows.py::test_products_keep_their_order",),
    41: ("codegen/test_stable.py::test_values_and_gradients_stay_finite",
         "functions/test_conventions.py::test_values_and_slopes_are_finite_far_out",
         "verification/test_judge.py::test_infinite_and_huge_values_are_no_trouble"),
    42: ("codegen/test_stable.py::test_networks_of_numbers_stay_finite",
         "verification/test_judge.py::test_infinite_and_huge_values_are_no_trouble"),
    43: ("functions/test_conventions.py::test_the_slope_at_zero",
         "functions/test_conventions.py::test_a_tie_of_maximum_or_minimum_passes_nothing",
         "verification/test_judge.py::test_a_convention_at_a_kink_is_named_and_no_difference"),
    44: ("reading/test_netfile.py::test_a_huge_size_is_a_size",),
    49: ("document/test_files.py::test_a_hostile_name_is_refused_before_anything_is_written",
         "document/test_files.py::test_nothing_is_written_through_a_link",
         "document/test_files.py::test_a_failure_leaves_the_old_file_and_no_other"),
    50: ("answers/test_files.py::test_what_is_no_ordinary_file_is_refused_without_waiting",
         "answers/test_files.py::test_a_large_file_is_refused_before_it_is_read",
         "reading/test_hostile.py::test_only_ordinary_text_files_of_reasonable_size_are_read",
         "reading/test_hostile.py::test_a_pipe_is_not_waited_for",
         "grading/test_submissions.py::test_every_unreadable_file_is_refused_with_its_reason_and_without_its_place"),
    51: ("answers/test_files.py::test_a_file_that_is_no_answer_is_refused",
         "verification/test_isolation.py::test_the_program_imports_nothing_of_ours_and_unpickles_nothing"),
    52: ("lifting/test_refusals.py::test_what_is_not_read_is_named_with_its_line",
         "verification/test_isolation.py::test_hostile_code_gets_its_word_and_no_result_counts"),
    53: ("verification/test_isolation.py::test_hostile_code_gets_its_word_and_no_result_counts",
         "verification/test_isolation.py"
         "::test_code_that_looks_through_its_whole_process_finds_the_inputs_and_nothing_else",
         "verification/test_isolation.py::test_a_view_of_an_input_and_an_array_in_another_order_arrive_as_they_are"),
    54: ("verification/test_executed.py::test_right_for_equal_sizes_or_small_numbers_only_is_not_right",
         "verification/test_executed.py::test_one_random_result_says_nothing_of_the_others",
         "verification/test_judge.py::test_what_holds_for_one_example_only_is_refuted"),
    55: ("cli/test_sources.py::test_values_that_are_not_numbers_are_named",
         "answers/test_properties.py::test_every_json_is_read_or_refused"),
    56: ("reading/test_netfile.py::test_a_network_of_ten_thousand_layers_is_read",
         "derive/test_derive.py::test_a_network_of_depth_10_000_is_derived_and_printed"),
}  # fmt: skip  # a table

BROKEN: dict[int, tuple[tuple[str, str], ...]] = {
    20: (("alpha: input(d)\nA: input(d, latex=r'\\alpha')\nJ: loss = sum(alpha * A)", "alpha"),
         ("W1: parameter(d)\nW_1: parameter(d)\nJ: loss = sum(W1 * W_1)", "W_1")),
    44: (("x: input(0)\nJ: loss = sum(x)", "less than 1"), ("x: input(-1)\nJ: loss = sum(x)", "less than 1"),
         ("x: input(1.5)\nJ: loss = sum(x)", "not a whole number")),
    45: (("W: parameter(2, 3)\nx: input(4)\nJ: loss = sum(W @ x)", "(2, 3)"),),
    46: (("W: parameter(m, k)\nx: input(m)\nJ: loss = sum(W @ x)", "(m, k)"),),
    47: (("x: input()\na = b * x\nb = a + 1\nJ: loss = b", "a"), ("x: input()\na = a + x\nJ: loss = a", "a")),
    48: (("x: input()\nx: input()\nJ: loss = x", "taken"), ("J: loss = x", "x"), ("x: input()\nJ = x", "loss"),
         ("x: input()\nJ: loss = x\nK: loss = x", "second loss"), ("x: input(d)\nJ: loss = x", "(d")),
    55: (("[" * 100_000 + "]" * 100_000, "characters"), ("[\n" * 20_000 + "]\n" * 20_000, "nested")),
}  # fmt: skip  # a table


# How a text comes in: files, then the arguments of the command. `{}` is the text.
FILES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a formula of a network": ("h.net", "x: input(d)\nJ: loss = sum(x) + ({})\n", ("derive", "h.net")),
    "LaTeX": ("h.tex", f"$${LEFT}{{}}$$\n", ("verify", "n.net", "h.tex")),
    "Markdown": ("h.md", f"It is\n\n$${LEFT}{{}}$$\n", ("verify", "n.net", "h.md")),
    "Python": ("h.py", "dx = 2*(x - y) + ({})\n", ("verify", "n.net", "h.py")),
}
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "a formula": ("verify", "n.net", "--formula", LEFT + "{}"),
    "a letter": ("verify", "n.net", "--formula", RIGHT, "--let", "{}=x"),
    "a letter's name": ("verify", "n.net", "--formula", RIGHT, "--let", "q={}"),
    "what is required": ("verify", "n.net", "--formula", RIGHT, "--require", "{}"),
    "the network of a part": ("verify", "n.net", "--formula", RIGHT, "--part", "a={}"),
    "what to derive": ("derive", "n.net", "--wrt", "{}"),
    "a network": ("derive", "{}"),
    "an answer": ("verify", "n.net", "{}"),
    "a batch": ("derive", "n.net", "--batch", "{}"),
}
ALLOWED = {  # what is good mathematics, or a good name, that way
    (6, "a formula"),  # a power of x
    (24, "a formula"), (24, "LaTeX"), (24, "Markdown"), (24, "a notebook"),  # {{7 * 7}} is 49 in TeX
    (21, "a letter"), (21, "a formula"), (21, "LaTeX"), (21, "Markdown"), (21, "a notebook"),
    (35, "a letter"), (37, "a letter"), (37, "a batch"),  # nan is three letters
    (34, "an answer"), (34, "a network"),  # the folder itself: refused, and nothing of the text is in it
}  # fmt: skip  # a table


def run(*arguments: str) -> Result:
    """The command, in this process; soon, and without another exception than the end of a program."""
    started = time.process_time()
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert time.process_time() - started < SECONDS
    return done


def write(name: str, text: str) -> None:
    Path(name).write_bytes(text.encode("utf-8", "surrogatepass"))


def refused(files: dict[str, str], *arguments: str, said: str = "") -> None:
    """Exit code 2 with a message; no file is there but those that were handed in."""
    for name, text in files.items():
        write(name, text)
    done = run(*arguments)
    assert done.exit_code == 2, done.output[:500]
    assert done.output.strip()
    assert said in done.output
    assert {path.name for path in Path().iterdir()} == set(files)


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def cases(table: dict[int, tuple[str, ...]]) -> list[object]:
    return [
        pytest.param(row, text, id=f"{row}-{ascii(text)[1:20]}({len(text)})")
        for row, texts in table.items()
        for text in texts
    ]


@pytest.mark.parametrize(("row", "text"), cases(FORMULAS))
def test_a_text_in_a_file_is_refused(row: int, text: str) -> None:
    for way, (name, around, arguments) in FILES.items():
        if (row, way) not in ALLOWED:
            refused({"n.net": NETWORK, name: around.replace("{}", text)}, *arguments)
        Path(name).unlink(missing_ok=True)
    cells = [{"cell_type": "markdown", "source": f"$${LEFT}{text}$$"}, {"cell_type": "code", "source": f"dx = {text}"}]
    refused({"n.net": NETWORK, "h.ipynb": json.dumps({"cells": cells})}, "verify", "n.net", "h.ipynb")


@pytest.mark.parametrize(("row", "text"), cases({**FORMULAS, **{k: v for k, v in NAMES.items() if k not in (22, 23)}}))
def test_a_text_in_an_argument_is_refused(row: int, text: str) -> None:
    for way, arguments in ARGUMENTS.items():
        if (row, way) not in ALLOWED and len(text) < 100_000:
            refused({"n.net": NETWORK}, *(argument.replace("{}", text) for argument in arguments))


@pytest.mark.parametrize(("row", "name"), cases(NAMES))
def test_a_name_that_is_none_is_refused_where_it_is_declared(row: int, name: str) -> None:
    refused({"h.net": f"{name}: input(d)\nJ: loss = 1\n"}, "derive", "h.net")
    refused({"h.net": f"x: input(d)\n{name} = x\nJ: loss = sum(x)\n"}, "derive", "h.net")
    Path("h.net").unlink()
    values = json.dumps({name: 1, "x": [1, 2], "y": [1, 2]})
    refused({"n.net": NETWORK, "v.json": values}, "derive", "n.net", "--values", "v.json")


@pytest.mark.parametrize("row", [22, 27, 28, 30, 31])
def test_a_command_that_is_none_is_refused_as_a_spelling(row: int) -> None:
    for text in FORMULAS[row]:
        if "<script>" not in text and "\\text" not in text:
            network = f"x: input(d, latex={text!a})\nJ: loss = sum(x)\n"
            refused({"h.net": network}, "derive", "h.net", said="h.net:1:")


@pytest.mark.parametrize(("row", "network", "said"), [(row, *case) for row, table in BROKEN.items() for case in table],
                         ids=lambda value: str(value)[:24] if isinstance(value, (int, str)) else None)  # fmt: skip
def test_a_network_that_is_none_is_refused(row: int, network: str, said: str) -> None:
    refused({"h.net": network}, "derive", "h.net", said=said)
    refused({"h.net": network}, "verify", "h.net", "--formula", "x", said=said)


def test_sizes_of_one_and_of_a_billion_are_sizes() -> None:
    for number in (1, 10**9):
        write("h.net", f"x: parameter({number})\nJ: loss = sum(x**2)\n")
        assert run("derive", "h.net").exit_code == 0
        assert run("verify", "h.net", "--formula", LEFT + "2 x").exit_code == 0


@pytest.mark.parametrize("name", ["x" * 300, "nul", "CON.html", "a?b", "x ", "link", "a.", "n.net/x"])
def test_a_program_and_a_page_are_not_written_to_what_is_no_name(name: str) -> None:
    write("n.net", NETWORK)
    Path("link").symlink_to("n.net")
    for option in ("--html", "--reproduce"):
        assert run("verify", "n.net", "--formula", LEFT + "x", option, name).exit_code == 2
    assert {path.name for path in Path().iterdir()} == {"n.net", "link"}
    assert Path("n.net").read_text(encoding="utf-8") == NETWORK


def test_products_keep_their_order() -> None:
    write("h.net", "A: parameter(n, n)\nB: parameter(n, n)\nZ = A @ B\nJ: loss = sum(Z**2)\n")
    assert run("verify", "h.net", "--formula", r"Z = A B").exit_code == 0
    assert run("verify", "h.net", "--formula", r"Z = B A").exit_code == 1


def test_nobody_brings_a_template() -> None:
    write("n.net", NETWORK)
    for command in main.commands.values():
        assert not [o for p in command.params for o in p.opts if "template" in o]
    from symbackprop import render

    assert all(folder.name in ("templates", "_templates") for folder in render.FOLDERS)


def test_files_of_many_lines_are_refused_before_they_cost_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for line in ("x: input(d)\n", f"$${LEFT}x$$\n", ";" * 4_000 + "\n"):
        refused({"h.net": line * (1_900_000 // len(line))}, "derive", "h.net")
        refused({"h.net": line * 1_000}, "derive", "h.net")
    refused({"h.net": "x: input(d)\n" + "z = x ^ 2\n" * 5_000}, "derive", "h.net", said="and 1,901 more.")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * (1 if sys.platform == "darwin" else 1024) < 150_000_000


def test_a_claim_without_an_end_or_by_another_name_is_not_passed_over() -> None:
    for text in (
        f"$${LEFT}x",
        f"\\begin{{align}}{LEFT}x",
        f"so ${LEFT}x\n\n",
        r"$$dx = \frac{1}{$$",
        r"$$dx = \input$$",
    ):
        refused({"n.net": NETWORK, "h.tex": text}, "verify", "n.net", "h.tex", said="unreadable")


def test_numbers_as_programs_write_them_are_not_read_as_products() -> None:
    refused({"n.net": NETWORK}, "verify", "n.net", "--formula", LEFT + "2e3 (x - y)", said="2e3")
    write("n.net", NETWORK.replace("x", "e"))
    assert run("verify", "n.net", "--formula", r"\frac{\partial J}{\partial e} = 2e - 2y").exit_code == 0


def _tests(path: Path) -> set[str]:
    return {n.name for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.FunctionDef)}


def test_every_row_has_a_test_and_every_test_that_is_named_exists(root: Path) -> None:
    assert {*FORMULAS, *NAMES, *COVERED, *BROKEN} == set(range(1, 57))
    for row, tests in COVERED.items():
        for test in tests:
            path, _, name = test.partition("::")
            assert name in _tests(root / "tests" / path), f"row {row}: {test}"
