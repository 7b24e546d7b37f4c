"""Published code with its truth: exactly the gradients that are wrong come out wrong, and their mistakes are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symbackprop import gallery
from symbackprop.declare import Network
from symbackprop.derive import Derivation
from symbackprop.errors import ShapeError
from symbackprop.lifting import lift
from symbackprop.tensor.terms import Term
from symbackprop.verification.code_repair import repair_code
from symbackprop.verification.judge import Judge
from tests.lifting.claims import judged, right

ANSWERS = Path(__file__).resolve().parent / "answers"
CASES = {
    "code-01": {},
    "code-02": {},
    "code-03": {"b1": ("factor", 13), "b2": ("factor", 14)},
    "code-04": {"W1": ("indicator", 11), "b1": ("indicator", 11)},
    "code-05": {"U": ("transpose", 15), "W": ("transpose", 15), "h0": ("transpose", 15)},
}


def answer(name: str) -> tuple[str, Network]:
    return (ANSWERS / f"{name}.txt").read_text(encoding="utf-8"), Network.read(gallery.path(name))


@pytest.mark.parametrize("name", CASES)
def test_a_published_program_is_wrong_exactly_where_it_is(cases_dir: Path, name: str) -> None:
    rows = (json.loads(line) for line in (cases_dir / "code.jsonl").read_text(encoding="utf-8").splitlines())
    row = next(r for r in rows if r["id"] == name)
    code = (cases_dir / "code" / row["file"]).read_text(encoding="utf-8")
    net = Network.read(cases_dir / "nets" / row["net"]).model
    found = judged(lift(code, net), net)
    assert found == {target: target not in row["wrong_outputs"] for target in row["outputs"]}
    repairs = repair_code(code, net, Judge(Derivation(net)))
    assert {t: (r.diagnosis.kind, r.diagnosis.line) for t, r in repairs.items()} == CASES[name]
    assert sum(r.follows is None for r in repairs.values()) == len({line for _, line in CASES[name].values()})


def test_the_homework_puts_its_input_through_relu_sums_too_much_and_misspells_a_name() -> None:
    code, network = answer("three_layer_relu_batch")
    net = network.model
    lifted = lift(code, net)
    assert judged(lifted, net) == {"W_0": False, "W_1": True, "W_2": True, "b_0": False, "b_1": False, "b_2": False}
    slip = lifted.by_target["W_2"].transcription
    assert slip is not None
    assert (slip.name, slip.span.line, slip.assigned, slip.assigned_span.line) == ("pW2", 22, "pw2", 8)
    assert [(c.node, c.span.line) for c in lifted.forward] == [("a_0", 3), ("z_0", 17)]
    found = repair_code(code, net, Judge(Derivation(net)))
    assert {t: (r.diagnosis.kind, r.diagnosis.line, r.diagnosis.repair_numpy) for t, r in found.items()} == {
        "W_2": ("transcription", 22, "pw2"),
        "W_0": ("other", 3, "a0 = x"),
        "b_2": ("sum", 9, "pb2 = np.sum(pz2, axis=0)"),
        "b_1": ("sum", 15, "pb1 = np.sum(pz1, axis=0)"),
        "b_0": ("sum", 20, "pb0 = np.sum(pz0, axis=0)"),
    }


def test_the_sheet_is_right_for_one_example_and_one_output_only() -> None:
    code, network = answer("relu_regression")
    net = network.model
    general = lift(code, net).by_target
    assert all(isinstance(general[f"W_{k}"].value, ShapeError) for k in range(4))
    fixed = {"n": 1, "k": 1}
    lifted = lift(code, net, sizes=fixed)
    assert not lifted.refused
    assert {c.target for c in lifted.claims} == {f"{x}_{k}" for x in "WB" for k in range(4)} | {"Z1", "Z2", "Z3"}
    judge = Judge(Derivation(net))
    for claim in lifted.claims:
        assert isinstance(claim.value, Term)
        true = judge.derivation.gradient(claim.target).closed.term
        assert judge.agrees(claim.value, true, sizes=fixed, reshaped=True)
    assert repair_code(code, net, judge, sizes=fixed) == {}
    mistake = repair_code(code.replace("delta_4 = 2*", "delta_4 = "), net, judge, sizes=fixed)
    assert {r.diagnosis.kind for r in mistake.values()} == {"factor"}


def test_the_solution_by_hand_is_right_and_its_printed_zeros_are_read_as_letters() -> None:
    code, network = answer("softmax_2_3_2")
    net = network.model
    lifted = lift(code, net)
    weights = (7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6)
    assert judged(lifted, net) == right(*(f"w_{k}" for k in weights), *(f"b_{k}" for k in range(1, 6)))
    assert [(t.name, t.assigned) for t in lifted.transcriptions] == [("dL_o1", "dL_01"), ("dL_o2", "dL_02")]
    assert not lifted.refused
