"""The backward pass as it is written: order, reasons, groups, the argument by entries."""

from __future__ import annotations

import pytest

import symbackprop as sb
from symbackprop.derive import Derivation
from symbackprop.document import Report, Step
from symbackprop.reporting import report

from .conftest import Shipped, line, words


def steps(derivation: Derivation, **options: object) -> list[tuple[list[str], str]]:
    made: Report = report(derivation, **options)  # type: ignore[arg-type]
    return [([line(e) for e in step.equations], words(step.reason)) for step in made.backward]


def step(derivation: Derivation, name: str, **options: object) -> Step:
    made: Report = report(derivation, **options)  # type: ignore[arg-type]
    return next(s for s in made.backward if s.name == name)


def test_every_step_of_the_relu_network_reads_as_on_a_board(shipped: Shipped) -> None:
    found = steps(shipped("three_layer_relu"))
    assert [equations for equations, _ in found] == [
        ["∂J/∂y = y − z₃"],
        ["δ_z₃ = z₃ − y"],
        ["∂J/∂W₂ = δ_z₃ a₂ᵀ"],
        ["∂J/∂b₂ = δ_z₃"],
        ["δ_a₂ = W₂ᵀ δ_z₃"],
        ["δ_z₂ = δ_a₂ ∘ 1[z₂ > 0]"],
        ["∂J/∂W₁ = δ_z₂ a₁ᵀ"],
        ["∂J/∂b₁ = δ_z₂"],
        ["δ_a₁ = W₁ᵀ δ_z₂"],
        ["δ_z₁ = δ_a₁ ∘ 1[z₁ > 0]"],
        ["∂J/∂W₀ = δ_z₁ xᵀ"],
        ["∂J/∂b₀ = δ_z₁"],
        ["∂J/∂x = W₀ᵀ δ_z₁"],
    ]
    reasons = dict(zip((equations[0].split(" = ")[0] for equations, _ in found), (r for _, r in found), strict=True))
    assert reasons["∂J/∂W₁"] == "W₁ enters J through z₂ only; matrix product: the other factor, transposed."
    assert reasons["δ_z₂"] == "z₂ enters J through a₂ only; ReLU′(z) = 1[z > 0]."
    assert reasons["∂J/∂b₁"] == "b₁ enters J through z₂ only; a summand: the gradient passes unchanged."
    assert reasons["∂J/∂y"] == "y enters J directly; the derivative of u² is 2 u."


@pytest.mark.parametrize("name", ["tanh_neurons", "softmax_2_3_2", "recurrent", "attention"])
def test_a_step_comes_after_the_steps_of_all_its_children(shipped: Shipped, name: str) -> None:
    derivation = shipped(name)
    left = {derivation.gradient(n).equation_text.split(" = ")[0]: n for n in derivation.order}
    seen = {derivation.model.loss}
    for one in report(derivation).backward:
        names = [left[e.left.text] for e in one.equations]
        for node in names:
            assert set(derivation.step(node).upstream) <= seen, node
        seen.update(names)
    assert seen == set(derivation.order)


def test_scalar_steps_that_are_alike_are_one_step(shipped: Shipped) -> None:
    found = steps(shipped("softmax_2_3_2"))
    weights = next(group for group in found if group[0][0].startswith("∂L/∂w₇"))
    assert weights[0] == [
        "∂L/∂w₇ = δ_o₁ a₁",
        "∂L/∂w₈ = δ_o₁ a₂",
        "∂L/∂w₉ = δ_o₁ a₃",
        "∂L/∂w₁₀ = δ_o₂ a₁",
        "∂L/∂w₁₁ = δ_o₂ a₂",
        "∂L/∂w₁₂ = δ_o₂ a₃",
    ]
    assert weights[1] == "w₇, w₈ and w₉ enter through o₁, w₁₀, w₁₁ and w₁₂ enter through o₂; times the other factor."
    assert len(found) == 10


def test_a_value_used_twice_says_where_and_that_contributions_add_up(shipped: Shipped) -> None:
    found = steps(shipped("tanh_neurons"))
    both = next(reason for equations, reason in found if equations[0].startswith("δ_a₃"))
    assert both == "a₃ and a₄ are used in z₅ and z₆; the contributions add up; times the other factor."


def test_the_argument_by_entries_shows_why_the_transpose_is_there(shipped: Shipped) -> None:
    found = step(shipped("three_layer_relu"), "W_1", detail="full")
    assert [words(sentence) for sentence in found.argument] == [
        "By entries: ∂(z₂)ᵢ/∂(W₁)ᵢⱼ = (a₁)ⱼ, no other entry of z₂ depends on it, hence"
        " ∂J/∂(W₁)ᵢⱼ = (δ_z₂)ᵢ (a₁)ⱼ, the entry of δ_z₂ a₁ᵀ."
    ]
    back = step(shipped("three_layer_relu"), "a_1", detail="full")
    assert words(back.argument[0]) == (
        "By entries: ∂(z₂)ⱼ/∂(a₁)ᵢ = (W₁)ⱼᵢ, hence (δ_a₁)ᵢ = Σ_j (δ_z₂)ⱼ (W₁)ⱼᵢ, the entry of W₁ᵀ δ_z₂."
    )
    assert step(shipped("three_layer_relu"), "W_1").argument == ()


def test_one_of_several_contributions_is_not_called_the_gradient(shipped: Shipped) -> None:
    found = step(shipped("attention"), "X", detail="full")
    assert len(found.argument) == 3
    assert all("which adds" in words(sentence) for sentence in found.argument)


def test_only_the_nodes_on_the_way_to_what_was_asked_for_are_visited(shipped: Shipped) -> None:
    made = report(shipped("three_layer_relu"), wrt=["W_2"])
    assert [s.name for s in made.backward] == ["z_3", "W_2"]
    assert [row.name for row in made.gradients] == ["W_2"]
    assert [form.name for form in made.closed] == ["W_2"]


def test_what_is_reached_through_steps_only_has_gradient_zero_and_says_why(shipped: Shipped) -> None:
    (only,) = steps(shipped("threshold"))
    assert only[0][:2] == ["δ_z₃ = 0", "δ_a₂ = 0"]
    assert "∂y/∂W₁ = 0" in only[0]
    assert only[1] == (
        "Changing these a little changes y almost nowhere: every path to it leads through a function with derivative 0."
    )


def test_a_constant_gets_a_step_in_full_or_when_asked_for() -> None:
    derivation = sb.derive(sb.Network.parse("x: parameter()\nc: constant()\nJ: loss = c * x**2"))
    assert [s.name for s in report(derivation).backward] == ["x"]
    assert [s.name for s in report(derivation, detail="full").backward] == ["c", "x"]
    assert [s.name for s in report(derivation, wrt=["c"]).backward] == ["c"]


def test_an_unknown_detail_is_refused(shipped: Shipped) -> None:
    with pytest.raises(sb.SymbackpropError, match="brief, normal, full"):
        report(shipped("threshold"), detail="huge")  # type: ignore[arg-type]
