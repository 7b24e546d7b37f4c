"""Mistakes in second derivatives that people make, each put in on purpose and refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from symbackprop.certify_second import certify_second
from symbackprop.derive import Derivation, derive
from symbackprop.errors import CertificateError
from symbackprop.express.order import BLOCK
from symbackprop.hessian import BlockFormula
from symbackprop.notation import tree as t
from symbackprop.reading.netfile import parse
from symbackprop.second import Part, flipped
from symbackprop.tensor.evaluate import evaluate
from tests.second.numbers import Numbers
from tests.second.test_meaning import NETS, read

DOUBLED = "x: parameter()\ns = sin(x)\nJ: loss = x * s\n"


def planted(source: str, p: str, q: str, change: object) -> Derivation:
    """The derivation of a network with some contributions to one block changed by `change`."""
    derivation = derive(parse(source))
    order = derivation.blocks_of(p, q).order
    for pair, parts in order.parts.items():
        order.parts[pair] = [new for part in parts if (new := change(pair, part)) is not None]  # type: ignore[operator]
    return derivation


def test_blocks_without_mistakes_are_certified() -> None:
    for source, p, q in ((NETS["tanh"], "W_0", "W_1"), (NETS["tanh"], "W_0", "W_0"), (DOUBLED, "x", "x")):
        assert certify_second(derive(parse(source)), [(p, q)]).draws == 2


def test_a_dropped_second_derivative_is_refused() -> None:
    def drop(_pair: object, part: Part) -> Part | None:
        return None if part.rule == "second" and part.child == "a_1" else part

    with pytest.raises(CertificateError, match="differences of the gradient"):
        certify_second(planted(NETS["tanh"], "W_0", "W_0", drop), [("W_0", "W_0")])


def test_a_doubled_term_that_is_counted_once_is_refused() -> None:
    seen: list[str] = []

    def once(_pair: object, part: Part) -> Part | None:
        seen.append(part.rule)
        return None if part.rule == "cross" and seen.count("cross") > 1 else part

    with pytest.raises(CertificateError):
        certify_second(planted(DOUBLED, "x", "x", once), [("x", "x")])
    assert seen.count("cross") == 2


def test_a_transposed_cross_block_is_refused() -> None:
    source = (
        "A: parameter(n, n)\nu: parameter(n)\nv: parameter(n)\nc: constant(n)\n"
        "z = A @ u\nJ: loss = v @ tanh(z) + c @ z\n"
    )
    good = derive(parse(source))
    assert certify_second(good, [("u", "v")]).draws == 2

    def turned(pair: tuple[str, str], part: Part) -> Part:
        if pair != ("u", "v"):
            return part
        return dataclasses.replace(part, term=flipped(part.term, 1), plain=None)

    with pytest.raises(CertificateError):
        certify_second(planted(source, "u", "v", turned), [("u", "v")])


def reread(name: str, p: str, q: str, tree: t.Tree) -> tuple[np.ndarray, np.ndarray]:
    """Another formula for a block, as read, and the block."""
    numbers = Numbers.of(NETS[name])
    formula = numbers.derivation.hessian(p, q)
    assert isinstance(formula, BlockFormula)
    got, wanted = read(numbers, formula, "column")
    np.testing.assert_allclose(got, wanted, atol=1e-9)
    formula.__dict__["expressed"] = type(formula.expressed)(tree)
    return read(numbers, formula, "column")


def test_kronecker_factors_in_the_wrong_order_are_refused() -> None:
    formula = Numbers.of(NETS["tanh"]).derivation.hessian("W_0")
    assert isinstance(formula.tree, t.Prod)
    assert formula.tree.op == "kron"
    got, wanted = reread("tanh", "W_0", "W_0", t.Prod(formula.tree.factors[::-1], "kron"))
    assert not np.allclose(got, wanted)


def test_a_commutation_on_the_wrong_side_is_refused() -> None:
    x = t.Sym("X", "matrix")
    kron = t.Prod((t.Inv(x), t.Trans(t.Inv(x))), "kron")
    right, wrong = (kron, t.Special("commutation")), (t.Special("commutation"), kron)
    got, wanted = reread("logdet", "X", "X", t.Sum(((-1, t.Prod(right)),)))
    np.testing.assert_allclose(got, wanted, atol=1e-9)
    got, wanted = reread("logdet", "X", "X", t.Sum(((-1, t.Prod(wrong)),)))
    assert not np.allclose(got, wanted)


def test_named_blocks_are_those_of_the_elimination() -> None:
    numbers = Numbers.of(NETS["tanh"])
    formula = numbers.derivation.hessian("W_0")
    values = numbers.with_blocks(formula, "column")
    assert formula.blocks is not None
    assert f"{BLOCK}z_1|z_1" in values
    own = numbers.derivation.hessian("z_1").closed.term
    np.testing.assert_allclose(values[f"{BLOCK}z_1|z_1"], evaluate(own, numbers.values, numbers.sizes), atol=1e-12)
