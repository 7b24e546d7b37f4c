"""Is a text Python, and is it code of its author or what a program has printed? Texts are parsed, never run."""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache

LONGEST = 200_000  # characters that are parsed
DEEPEST = 60  # brackets

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>[\"]{3}(?:[^\"\\]|\\.|\"(?!\"\"))*(?:[\"]{3}|\Z) | '''(?:[^'\\]|\\.|'(?!''))*(?:'''|\Z)
              | \"(?:[^\"\\\n]|\\.)*\"? | '(?:[^'\\\n]|\\.)*'?)
  | (?P<open>[(\[{]) | (?P<close>[)\]}])
    """,
    re.VERBOSE | re.DOTALL,
)
_TOKEN_OR_END = re.compile(rf"{_TOKEN.pattern}|\\\n|(?P<end>\n)", _TOKEN.flags)
_GREEK = "alpha|beta|gamma|delta|epsilon|eta|theta|kappa|lam(?:b?da)?|mu|nu|xi|rho|sigma|tau|phi|psi|omega"
_GRADIENT = re.compile(
    rf"d[A-Z_]\w*|d(?:[a-z]{{1,2}}|{_GREEK})_?\d*|[pg]_?[A-Za-z]{{1,2}}_?\d*|d\w+_d\w+|grad(?:ient)?s?(?:_\w+)?|\w+_grads?"
    r"|deltas?(?:_?\w+)?|D[A-Z]\w{0,3}|[Hh]ess(?:ian)?(?:_\w+)?"
)
_TARGET = r"[A-Za-z_]\w*(?:\.\w+|\[[^\]\n]*\])*"
_STATEMENT = re.compile(
    rf"""\s*(?:
        {_TARGET}(?:\s*,\s*{_TARGET})*\s*(?:[-+*/@|&]|\*\*|//)?=(?!=)\s*\S
      | (?:def|class)\s+\w+.*:?\s*$ | (?:for|while|if|elif|with)\s.*:\s*$ | (?:else|try|finally)\s*:\s*$
      | import\s+\w | from\s+\w+\s+import\s | return\b | {_TARGET}\([^\n]*\)?\s*$
    )""",
    re.VERBOSE,
)
_SILENT = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.UnaryOp, ast.BinOp, ast.Compare, ast.BoolOp, ast.Subscript)


def tree(text: str) -> ast.Module | None:
    """The syntax of a text that is Python, else None; also None for what is too long or nested too deeply to parse."""
    if len(text) > LONGEST or deepest(text) > DEEPEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\g" in a string is no business of a reader's
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def deepest(text: str) -> int:
    """How deep brackets are nested outside strings and comments."""
    depth = most = 0
    for match in _TOKEN.finditer(text):
        if match["open"]:
            depth += 1
            most = max(most, depth)
        elif match["close"]:
            depth = max(depth - 1, 0)
    return most


@lru_cache(maxsize=8)  # one text is asked about several times in a row
def continued(text: str) -> frozenset[int]:
    """The numbers, from 0, of the lines that begin inside brackets or a string, or behind a backslash."""
    found: set[int] = set()
    depth = line = 0
    for match in _TOKEN_OR_END.finditer(text):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(depth - 1, 0)
        elif lines := match.group().count("\n"):
            if depth or not match["end"]:
                found.update(range(line + 1, line + lines + 1))
            line += lines
    return frozenset(found)


def is_code(text: str) -> bool:
    """Whether a string is Python that defines a function or assigns to the name of a gradient; else it is LaTeX.

    Names of gradients are `dW_1 pW_1 gW_1 dL_dW1 grad_W_1 delta_4 DW[3]` and their like. A power written `^`, which no
    program about arrays has, makes a string without a function LaTeX.
    """
    module = tree(text.removeprefix("\ufeff"))
    if module is None:
        return False
    nodes = list(ast.walk(module))
    if any(isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) for n in nodes):
        return True
    if any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.BitXor) for n in nodes):
        return False
    return any(_GRADIENT.fullmatch(name) for n in nodes for name in _assigned(n))


def does_something(module: ast.Module) -> bool:
    """Whether a program holds a statement of its author's: not only numbers, names and labels, as output does."""
    return any(not _is_output(statement) for statement in module.body)


def looks_like_python(text: str) -> bool:
    """Whether most lines of a text that Python's parser refuses, or is spared, are statements all the same."""
    inner = continued(text[:LONGEST])
    lines = [
        line
        for number, line in enumerate(text[:LONGEST].split("\n"))
        if line.strip() and not line.lstrip().startswith("#") and number not in inner
    ]
    statements = sum(_STATEMENT.match(line[:500]) is not None for line in lines)
    return statements > 0 and 2 * statements >= len(lines)


def _is_output(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return statement.value is None
    return isinstance(statement, ast.Expr) and isinstance(statement.value, _SILENT)


def _assigned(node: ast.AST) -> list[str]:
    """The names that a statement assigns to, or that it keeps something in: `DW` of `DW[3] = ...`."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    names: list[str] = []
    while targets:
        target = targets.pop()
        if isinstance(target, (ast.Tuple, ast.List)):
            targets += target.elts
        elif isinstance(target, (ast.Subscript, ast.Starred)):
            targets.append(target.value)
        elif isinstance(target, ast.Name):
            names.append(target.id)
    return names
