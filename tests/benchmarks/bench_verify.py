"""How long a verdict, a repair and a thousand formulas take: python -m pytest tests/benchmarks/bench_verify.py -s"""

from __future__ import annotations

import json
import resource
import statistics
from pathlib import Path
from time import perf_counter

from symbackprop.network import Model
from symbackprop.reading.netfile import read
from symbackprop.verification.verify import Options, Workshop, judge_answer

NOTATIONS = Path(__file__).parent.parent / "verification" / "notations"
THOUSAND = 1_000


def milliseconds(times: list[float]) -> str:
    """Median, quartiles and maximum."""
    low, middle, high = statistics.quantiles(times, n=4)
    return f"median {middle * 1e3:6.1f} ms, quartiles {low * 1e3:.1f} to {high * 1e3:.1f}, max {max(times) * 1e3:.0f}"


def timed(model: Model, text: str, workshop: Workshop, explain: bool) -> tuple[float, bool]:
    """Seconds for one formula, and whether it has a repair."""
    started = perf_counter()
    judged = judge_answer(model, text, Options(explain=explain), text=".tex", workshop=workshop)
    seconds = perf_counter() - started
    return seconds, any(v.diagnosis is not None and v.diagnosis.repair_latex for v in judged.verdicts)


def test_one_verdict_and_one_repair(cases_dir: Path) -> None:
    workshop = Workshop()
    models: dict[str, Model] = {}
    verdicts, repairs = [], []
    for line in (cases_dir / "claims.jsonl").read_text(encoding="utf-8").splitlines():
        claim = json.loads(line)
        model = models.setdefault(claim["net"], read(cases_dir / "nets" / claim["net"]))
        timed(model, claim["latex"], workshop, explain=False)  # draws of the network, once
        verdicts.append(timed(model, claim["latex"], workshop, explain=False)[0])
        if claim["status"] == "wrong":
            seconds, repaired = timed(model, claim["latex"], workshop, explain=True)
            if repaired:
                repairs.append(seconds - verdicts[-1])
    print(f"\n{len(verdicts)} verdicts, second time: {milliseconds(verdicts)}")
    print(f"{len(repairs)} repairs with counterexamples: {milliseconds(repairs)}")
    assert verdicts


def test_a_thousand_short_formulas() -> None:
    rows = [line.split("\t") for line in (NOTATIONS / "formulas.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    models = {path.stem: read(path) for path in NOTATIONS.glob("*.net")}
    workshop = Workshop()
    started = perf_counter()
    for k in range(THOUSAND):
        name, _, formula = rows[k % len(rows)]
        timed(models[name], formula, workshop, explain=False)
    seconds = perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{THOUSAND} formulas on one core: {seconds:.1f} s; most memory {memory:.0f} MB")
    assert seconds > 0
