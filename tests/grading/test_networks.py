"""Networks on their way to another process, and what the judge there is told."""

from __future__ import annotations

import json
from pathlib import Path

from symbackprop.grading.engine import judge
from symbackprop.grading.networks import Network

TEXT = 'x: input(d)\nw: parameter(d)\nu = w @ x\nJ: loss = u**2 / 2\nnotation(macros="ours.tex")\n'


def sent(network: Network) -> Network:
    return Network.from_dict(json.loads(json.dumps(network.as_dict())))


def test_a_network_is_read_there_as_it_is_here(tmp_path: Path) -> None:
    (tmp_path / "ours.tex").write_text(r"\newcommand{\w}{\mathbf{w}}")
    network = Network(TEXT, "net", tmp_path, ('notation(gradient="nabla")', None), "n")
    assert sent(network) == network
    assert sent(network).model() == network.model()
    assert "n" in network.model().size_names()
    assert network.model() != Network(TEXT, "net", tmp_path).model()


def test_the_judge_knows_their_letters_and_the_networks_of_parts(tmp_path: Path) -> None:
    (tmp_path / "ours.tex").write_text("")
    model = Network(TEXT, "net", tmp_path).model()
    first, second = (rf"$$\frac{{\partial {loss}}}{{\partial {name}}} = " for loss, name in ("Jw", "Kv"))
    text = f"# Exercise 1\n\n{first}s x$$\n\n# Exercise 2\n\n{second}v$$\n"
    other = Network("v: parameter(d)\nK: loss = norm2(v)**2 / 2\n", "other").as_dict()
    found = judge(model, "a.md", text, {"let": {"s": "u"}, "parts": {"Exercise 2": other}})
    assert [(v.target, v.status) for v in found.verdicts] == [("dJ/dw", "right"), ("dK/dv", "right")]
    plain = judge(model, "a.md", text, {})
    assert [v.status for v in plain.verdicts].count("right") == 0


def test_a_file_without_a_suffix_is_read_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "ours.tex").write_text("")
    model = Network(TEXT, "net", tmp_path).model()
    formula = "\\frac{\\partial J}{\\partial w} = u x"
    for text in (f"$${formula}$$\n", f"\\documentclass{{article}}\\begin{{document}}\\[{formula}\\]\\end{{document}}"):
        assert [v.status for v in judge(model, "answer", text, {}).verdicts] == ["right"]
