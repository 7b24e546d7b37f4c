"""Every function that can be written or that can arise has a printed form: a line in notation/names.py."""

from __future__ import annotations

import time

import pytest

from symbackprop.expression import Call as Apply
from symbackprop.expression import Name
from symbackprop.functions import FUNCTIONS
from symbackprop.notation import names
from symbackprop.notation import tree as t
from symbackprop.notation.forward.arrays import ARRAY_RULES
from symbackprop.notation.forward.operators import BINARY_RULES, COMPARISONS, OPERATOR_RULES
from symbackprop.notation.latex import latex
from symbackprop.notation.layout import RULES
from symbackprop.notation.mathml import mathml
from symbackprop.notation.spelling import Notation
from symbackprop.notation.text import text
from symbackprop.tensor.heads import HEADS
from symbackprop.tensor.specials import operation

STRUCTURAL = {"power", "where"}  # printed as a power and as cases, not by name


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_of_the_table_can_be_printed(name: str) -> None:
    written = {*ARRAY_RULES, *BINARY_RULES, *COMPARISONS, *OPERATOR_RULES, *names.FORMS}
    assert name in written, f"{name} has no printed form: add a line to FORMS in {names.__file__}"


@pytest.mark.parametrize("name", sorted({HEADS["exp"].name, *HEADS} - STRUCTURAL))
def test_a_head_of_the_calculus_can_be_printed(name: str) -> None:
    assert name in set(names.FORMS), f"{name} has no printed form: add a line to FORMS in {names.__file__}"


def test_the_operations_of_the_calculus_can_be_printed() -> None:
    operation("inverse")
    from symbackprop.tensor import specials

    for name in set(specials._TABLE) - {"inverse"}:
        assert name in set(names.FORMS), f"{name} has no printed form: add a line to FORMS in {names.__file__}"


@pytest.mark.parametrize("name", sorted(names.FORMS))
def test_a_form_prints_in_every_language(name: str) -> None:
    notation = Notation()
    for args in ((t.Sym("x"),), (t.Sym("x"), t.Sym("y"))):
        for primes in (0, 1):
            tree = t.Call(name, args, primes)
            assert latex(tree, notation)
            assert mathml(tree, notation)
            assert text(tree, notation, ascii=True).isascii()


def test_every_class_of_tree_has_a_rule() -> None:
    classes = t.Tree.__args__
    assert {cls.__name__ for cls in classes} == {cls.__name__ for cls in RULES}


def test_a_network_of_a_thousand_layers_prints_in_a_blink() -> None:
    trees = []
    for i in range(1, 1001):
        weights, delta = t.Sym(f"W_{i}", "matrix"), t.Delta(f"z_{i}", "vector")
        trees += [
            t.Prod((t.Trans(weights), delta)),
            t.Prod((delta, t.Sum(((1, t.Num(1)), (-1, t.Pow(t.Sym(f"a_{i}"), t.Num(2), True))))), "hadamard"),  # type: ignore[arg-type]
            t.Prod((delta, t.Trans(t.Sym(f"a_{i}", "vector")))),
            t.Partial(t.Sym("J"), (weights,)),
        ]
    notation = Notation()
    start = time.process_time()
    length = sum(len(latex(tree, notation)) for tree in trees)
    spent = time.process_time() - start
    assert length > 100_000
    assert spent < 2, f"{spent:.2f} s for 4,000 formulas; 0.1 s is usual"


def test_an_authors_expression_of_an_unknown_function_is_refused_when_printed() -> None:
    from symbackprop.errors import MissingRule
    from symbackprop.notation.forward import forward

    tree = forward(Apply("frobnicate", (Name("x"),)), lambda _: ())
    with pytest.raises(MissingRule, match="frobnicate"):
        latex(tree, Notation())
