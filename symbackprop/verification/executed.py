"""Code that cannot be read, run on request and compared with the true gradients at random numbers.

What is found there is evidence, never a proof. The true values stay here; only the arguments go to the process.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ReadError, SymbackpropError
from ..lifting.naming import Naming
from ..lifting.text import checked_length
from .bench import Bench
from .deciding.points import Point, Shape
from .isolation import Argument, Limits, Outcome, Wanted, run
from .verdict import Status

if TYPE_CHECKING:
    from .isolation import Array

PLACES: tuple[tuple[int, Shape], ...] = ((0, "different"), (1, "different"), (0, "equal"))
SAME, OTHER = 1e-9, 1e-6  # relative to the largest entry: equal, and different; between them nothing is decided
WRONG = {"wrong dtype", "random"}  # ends that no arguments excuse


@dataclass(frozen=True, slots=True)
class Ran:
    """What the code returned as the gradient at `target`, judged; `line` of the code, from 1; points that agreed."""

    target: str
    status: Status
    reason: str
    line: int
    points: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: a function with its arguments, or a script; the names of its results, and what each is about.

    `inputs`: by the name in the code, the name of the network. A dictionary that is returned has no names before.
    `guessed`: only their places say what the results are about.
    """

    wanted: Wanted
    inputs: Mapping[str, str]
    targets: Mapping[str, str]
    line: int
    guessed: bool = False


def executed(
    bench: Bench, source: str, *, returns: Sequence[str] | None = None, function: str | None = None
) -> tuple[list[Ran], str]:
    """A verdict for each gradient that the code hands back, and how it was run.

    `returns` names what a function returns, in order; `function` the one to call.

    Raises:
        ReadError: nothing in the code can be called with what the network has, or this system has no limits.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(checked_length(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ReadError(f"This is no Python: {error}.") from None
    plan = _plan(tree, Naming(bench.model), returns, function)
    outcomes: list[tuple[Point, Outcome]] = []
    for number, shape in PLACES:
        point = bench.judge.points.at(number, shape)
        if point is None:
            continue
        outcomes.append((point, run(source, plan.wanted, _arrays(bench, plan, point), Limits())))
        if outcomes[-1][1].status != "done":
            break
    if not outcomes:
        raise ReadError("No numbers were found at which the network is defined.")
    return list(_judged(bench, plan, outcomes)), outcomes[0][1].how


def _arrays(bench: Bench, plan: Plan, point: Point) -> dict[str, Array]:
    """The values of the inputs, integers where they are subscripts or sizes."""
    found: dict[str, Array] = {}
    for name, ours in plan.inputs.items():
        declared = bench.model.declarations.get(ours)
        whole = ours in point.draw.sizes or (declared is not None and declared.role == "index")
        value = point.draw.sizes[ours] if ours in point.draw.sizes else point.arrays[ours]
        found[name] = np.asarray(value, dtype=np.int64 if whole else np.float64)
    return found


# ---------------------------------------------------------------------- what to run


def _plan(tree: ast.Module, naming: Naming, returns: Sequence[str] | None, function: str | None) -> Plan:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    plans = [plan for node in functions if (plan := _call(node, naming, returns))]
    chosen = [plan for plan in plans if function in (None, plan.wanted.function)]
    if chosen:  # the last one whose results have names, else the last one that may return a dictionary
        return max(enumerate(chosen), key=lambda pair: (bool(pair[1].targets), pair[0]))[1]
    script = _script(tree, naming) if function is None else None
    if script is None:
        raise ReadError(
            "Nothing in this code can be run with what the network has.",
            remedy="Write a function whose arguments have the network's names, and return the gradients.",
        )
    return script


def _call(node: ast.FunctionDef, naming: Naming, returns: Sequence[str] | None) -> Plan | None:
    """How to call a function, if its arguments are the network's and something that it returns is a gradient."""
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    needed = plain[: len(plain) - len(arguments.defaults)] if arguments.defaults else plain
    if any(default is None for default in arguments.kw_defaults):
        return None
    inputs: dict[str, str] = {}
    given: list[Argument] = []
    for name in (argument.arg for argument in plain):
        member = _argument(name, naming)
        if member is None:
            if name in (argument.arg for argument in needed):
                return None
            break  # from here on the defaults are taken
        inputs |= member if isinstance(member, dict) else {name: member}
        given.append(tuple(member) if isinstance(member, dict) else name)
    names = _returned(node, naming) if returns is None else list(returns)
    targets = {} if names is None else _targets(names, naming, returns is not None)
    if names is None or (names and not targets):
        return None
    last = max((n.lineno for n in ast.walk(node) if isinstance(n, ast.Return)), default=node.lineno)
    guessed = returns is None and bool(names) and not any(naming.gradient(name) for name in names)
    return Plan(Wanted(tuple(names), node.name, tuple(given)), inputs, targets, last, guessed)


def _argument(name: str, naming: Naming) -> str | dict[str, str] | None:
    """The network's name for an argument; for a list of numbered symbols that begin with 0 all of them, in order."""
    found = naming.find(name)
    if found is not None:
        return found[0]
    if name in naming.sizes:
        return name
    family = naming.family(name)
    if family is None or sorted(family[1]) != list(range(len(family[1]))):
        return None
    return {f"{name}[{k}]": family[1][k] for k in sorted(family[1])}


def _returned(node: ast.FunctionDef, naming: Naming) -> list[str] | None:
    """The names in the last thing returned, a number where it is no name; none at all if it may be a dictionary.

    None if it is neither.
    """
    ends = [n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None]
    value = max(ends, key=lambda n: n.lineno).value if ends else None
    if isinstance(value, ast.Tuple | ast.List):
        return [e.id if isinstance(e, ast.Name) else f"#{k}" for k, e in enumerate(value.elts)]
    if isinstance(value, ast.Name):
        return [value.id] if naming.gradient(value.id) is not None else []
    called = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict"
    return [] if called or isinstance(value, ast.Dict | ast.DictComp) else None


def _targets(names: Sequence[str], naming: Naming, surely: bool) -> dict[str, str]:
    """What each result is the gradient at; by place among the parameters where the names say nothing of it."""
    found = {name: named.target for name in names if (named := naming.gradient(name)) is not None}
    if surely and not found:
        found = {name: hit[0] for name in names if (hit := naming.find(name)) is not None}
    parameters = naming.model.names("parameter")
    if found or not names:
        return found
    return dict(zip(names, parameters, strict=True)) if len(names) == len(parameters) else {}


def _script(tree: ast.Module, naming: Naming) -> Plan | None:
    """A script: what it assigns under the name of a gradient, given all that it does not assign itself."""
    used = {n.id: n for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    stored = {n.id: n.lineno for n in _outside(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    targets = {name: named.target for name in stored if (named := naming.gradient(name)) is not None}
    if not targets:
        return None
    inputs: dict[str, str] = {}
    for name in used:
        hit = naming.find(name)
        if hit is not None and name not in stored:
            inputs[name] = hit[0]
    return Plan(Wanted(tuple(targets)), inputs, targets, max(stored[name] for name in targets))


def _outside(tree: ast.Module) -> Iterator[ast.AST]:
    """The parts of a script that are in no function and no class."""
    stack: list[ast.AST] = list(reversed(tree.body))
    while stack:
        node = stack.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield node
            stack += reversed(list(ast.iter_child_nodes(node)))


# ---------------------------------------------------------------------- what came of it


def _judged(bench: Bench, plan: Plan, outcomes: Sequence[tuple[Point, Outcome]]) -> Iterator[Ran]:
    targets = dict(plan.targets)
    if not plan.wanted.outputs:  # a dictionary, whose keys are known now
        keys = [key for _, outcome in outcomes for key in outcome.outputs]
        naming = Naming(bench.model)
        targets = {key: target for key in dict.fromkeys(keys) if (target := _key(key, naming)) is not None}
    failed = next((outcome for _, outcome in outcomes if outcome.status != "done"), None)
    if failed is not None or not targets:
        reason = "It returns nothing under the name of a gradient." if failed is None else _told(failed)
        line = plan.line if failed is None or failed.line is None else failed.line
        for name, target in (targets or {"": ""}).items():
            guilty = failed is not None and failed.status in WRONG and name in failed.names and not plan.guessed
            yield Ran(target, "wrong" if guilty else "undecided", reason, line)
        return
    for name, target in targets.items():
        found = _compared(bench, plan, name, target, outcomes)
        if plan.guessed and found.status == "wrong":
            told = f"By its place it would be the gradient at {target}, but nothing says so. {found.reason}"
            found = replace(found, status="undecided", reason=told)
        yield found


def _key(key: str, naming: Naming) -> str | None:
    named = naming.gradient(key)
    if named is not None:
        return named.target
    found = naming.find(key)
    return found[0] if found is not None and naming.is_parameter(found[0]) else None


def _told(outcome: Outcome) -> str:
    place = "" if outcome.line is None else f" in line {outcome.line}"
    return f"Run, it ends with {outcome.status}{place}: {outcome.message}"


def _compared(bench: Bench, plan: Plan, name: str, target: str, outcomes: Sequence[tuple[Point, Outcome]]) -> Ran:
    """One gradient at all points."""
    from .programs import true_term

    agreed = 0
    for point, outcome in outcomes:
        sizes = ", ".join(f"{size} = {value}" for size, value in point.draw.sizes.items())
        where = f"Run at random numbers{f' with {sizes}' if sizes else ''}, "
        if name not in outcome.outputs:
            return Ran(target, "undecided", f"{where}it returns no {name}.", plan.line)
        value = outcome.outputs[name]
        try:
            true = point.value(true_term(bench, target))
        except (SymbackpropError, KeyError) as error:
            return Ran(target, "undecided", f"{where}the true gradient has no value: {error}", plan.line)
        if value.shape != true.shape:
            told = f"{where}{name} has shape {value.shape}; {target} has {true.shape}."
            return Ran(target, "wrong", told, plan.line)
        found = value.astype(np.float64)
        if not np.all(np.isfinite(found)):
            return Ran(target, "undecided", f"{where}{name} is not finite.", plan.line)
        gaps = np.abs(found - true)
        worst = float(gaps.max(initial=0.0)) / max(1e-300, float(np.abs(true).max(initial=0.0)), 1e-3)
        if worst > OTHER:
            entry = tuple(int(k) for k in np.unravel_index(int(gaps.argmax()), gaps.shape)) if gaps.ndim else ()
            place = f" in entry {list(entry)}" if entry else ""
            told = f"{where}{name} is {found[entry]:.6g}{place}, not {true[entry]:.6g}."
            return Ran(target, "wrong", told, plan.line)
        if worst > SAME:
            told = f"{where}{name} agrees to {worst:.0e} only; its numbers are {value.dtype}."
            return Ran(target, "undecided", told, plan.line)
        agreed += 1
    return Ran(
        target, "right", f"Run at {agreed} random points, it returns the gradient; not proved.", plan.line, agreed
    )
