"""Annotations: `W: parameter(h, d)`, `y: index(of=c)`, `f: function(tanh)`, `delta: gradient(z)`; their keywords."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, TypeAlias, cast, get_args

from ..errors import ReadError, ShapeError, Span
from ..expression import Expr
from ..functions import FUNCTIONS
from ..network import Declaration, Facts, NamedDerivative, NamedFunction, Role
from ..notation.spelling import Spelling
from ..tensor.size import Size
from .expressions import ALIASES, Reader
from .names import checked, did_you_mean
from .sizes import check_positive, read_size

ROLES: tuple[str, ...] = get_args(Role)
Operation: TypeAlias = Literal["gradient", "hessian", "jacobian", "derivative", "eigenvalues", "condition_number"]
DERIVATIVES: dict[str, int] = {
    "gradient": 1, "hessian": 1, "jacobian": 2, "derivative": 2, "eigenvalues": 1, "condition_number": 1,
}  # fmt: skip  # how many names each takes
FLAGS = ("onehot", "simplex", "symmetric", "positive", "positive_definite", "invertible")
SPELLINGS = ("latex", "entries", "rows", "columns", "row")
_CONTROL = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}


@dataclass(frozen=True, slots=True)
class Declared:
    """What one annotation says: the symbol, and the law of a random one."""

    declaration: Declaration
    law: tuple[Expr, Expr] | None = None


def read_declaration(name: str, call: ast.Call, reader: Reader, span: Span) -> Declared:
    """The symbol that `name: role(...)` declares.

    Raises ReadError or ShapeError for a size that is none, an unknown fact, a fact that the shape contradicts.
    """
    role = cast(Role, call.func.id if isinstance(call.func, ast.Name) else "")
    arguments = list(call.args)
    law: tuple[Expr, Expr] | None = None
    if role == "random":
        law = _law(call, arguments, reader)
    if len(arguments) == 1 and isinstance(arguments[0], ast.Tuple):
        arguments = list(arguments[0].elts)
    sizes = tuple(read_size(a, reader) for a in arguments)
    keywords = _keywords(call, reader, (*FLAGS, *SPELLINGS, "values", "of", "repeat"))
    facts = read_facts(name, role, keywords, reader)
    check_facts(name, role, sizes, facts, reader.place, span)
    return Declared(Declaration(name, role, sizes, facts, read_spelling(keywords, reader), span), law)


def _law(call: ast.Call, arguments: list[ast.expr], reader: Reader) -> tuple[Expr, Expr]:
    """Mean and variance of the last argument, `normal(mu, sigma**2)`, which is taken off the arguments."""
    last = arguments[-1] if arguments else None
    if not (isinstance(last, ast.Call) and isinstance(last.func, ast.Name) and last.func.id == "normal"):
        raise reader.refuse(call, "a random symbol needs its law.", "Write `random(d, normal(mu, sigma**2))`.")
    if len(last.args) != 2 or last.keywords:
        raise reader.refuse(last, "`normal` takes a mean and a variance.", "Write `normal(mu, sigma**2)`.")
    arguments.pop()
    return reader.read(last.args[0]), reader.read(last.args[1])


def _keywords(call: ast.Call, reader: Reader, known: tuple[str, ...]) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for key in call.keywords:
        if key.arg is None or key.arg not in known:
            remedy = did_you_mean(key.arg or "", known, f"There are {', '.join(f'`{k}=`' for k in known)}.")
            raise reader.refuse(key, f"`{key.arg or '**'}=` says nothing about a network.", remedy)
        found[key.arg] = key.value
    return found


def read_facts(name: str, role: Role, keywords: Mapping[str, ast.expr], reader: Reader) -> Facts:
    """The facts among the keywords of a declaration."""
    flags: dict[str, Any] = {key: _flag(key, keywords[key], reader) for key in FLAGS if key in keywords}
    values = _values(keywords["values"], reader) if "values" in keywords else None
    of = read_size(keywords["of"], reader) if "of" in keywords else None
    repeat = _flag("repeat", keywords["repeat"], reader) if "repeat" in keywords else False
    for key in ("of", "repeat"):
        if key in keywords and role != "index":
            raise reader.refuse(keywords[key], f"`{key}=` is for indices.", f"Write `{name}: index(of=c)`.")
    return replace(Facts(values=values, of=of, repeat=repeat), **flags)


def _flag(key: str, node: ast.expr, reader: Reader) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    raise reader.refuse(node, f"`{key}=` is True or False.", f"Write `{key}=True`.")


def _values(node: ast.expr, reader: Reader) -> tuple[Fraction, ...]:
    found: list[Fraction] = []
    for item in node.elts if isinstance(node, (ast.Tuple, ast.List)) else ():
        sign, inner = (
            (-1, item.operand) if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub) else (1, item)
        )
        if not (isinstance(inner, ast.Constant) and type(inner.value) in (int, float)):
            break
        found.append(sign * Fraction(reader.source.slice(reader.source.span(inner)).replace("_", "")))
    else:
        if found:
            return tuple(found)
    raise reader.refuse(node, "`values=` lists the numbers that an entry can be.", "Write `values=(0, 1)`.")


def check_facts(name: str, role: Role, sizes: tuple[Size, ...], facts: Facts, place: str, span: Span | None) -> None:
    """Raise if a size is not positive, or a fact needs another shape."""
    shape = f"({', '.join(map(str, sizes))})" if sizes else "a scalar"
    for length in (*sizes, *((facts.of,) if facts.of is not None else ())):
        check_positive(length, place, span)
    if role == "index" and facts.of is None:
        remedy = f"Write `{name}: index(of=c)`, for an integer in range(c)."
        raise ReadError(f"{place}: an index needs its range.", remedy=remedy, span=span)
    if role == "index" and facts != Facts(of=facts.of, repeat=facts.repeat):
        remedy = "Leave the other facts out: its range says everything."
        raise ReadError(f"{place}: an index is an integer in range({facts.of}).", remedy=remedy, span=span)
    for fact in ("symmetric", "positive_definite", "invertible"):
        if getattr(facts, fact) and (len(sizes) < 2 or sizes[-1] is not sizes[-2]):
            remedy = f"Leave `{fact}=True` out, or give the last two axes one size."
            raise ShapeError(
                f"{place}: `{fact}` is for square matrices, and {name} is {shape}.", remedy=remedy, span=span
            )
    for fact in ("onehot", "simplex"):
        if getattr(facts, fact) and not sizes:
            remedy = "It holds along the last axis: give it one."
            raise ShapeError(f"{place}: `{fact}` is for vectors, and {name} is a scalar.", remedy=remedy, span=span)


def read_spelling(keywords: Mapping[str, ast.expr], reader: Reader) -> Spelling:
    """How the author writes a symbol: the keywords latex, entries, rows, columns, row."""
    latex: list[str] = []
    if "latex" in keywords:
        node = keywords["latex"]
        items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
        latex = [_latex("latex", item, reader) for item in items]
    parts = {key: _latex(key, keywords[key], reader) for key in ("entries", "rows", "columns") if key in keywords}
    row = _flag("row", keywords["row"], reader) if "row" in keywords else False
    return Spelling(tuple(latex), row=row, **parts)


def _latex(key: str, node: ast.expr, reader: Reader) -> str:
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        raise reader.refuse(node, f"`{key}=` is LaTeX in quotes.", f'Write `{key}=r"..."`.')
    text = node.value
    for control, letter in _CONTROL.items():
        if control in text:
            message = f"`\\{letter}` in quotes without an r is not a backslash and a letter."
            raise reader.refuse(node, message, f'Write `{key}=r"..."`, with an r before the quote.')
    if not text.strip():
        raise reader.refuse(node, f"`{key}=` is empty.", "Leave it out, or say how the symbol is printed.")
    return text


def read_node_spelling(annotation: ast.expr, reader: Reader) -> Spelling:
    """The spelling in `z: node(latex=...) = ...`; none in `J: loss = ...`."""
    if isinstance(annotation, ast.Name):
        return Spelling()
    assert isinstance(annotation, ast.Call)
    if annotation.args:
        message = "a node has no declared sizes: they follow from its equation."
        raise reader.refuse(annotation.args[0], message, "Leave them out.")
    return read_spelling(_keywords(annotation, reader, SPELLINGS), reader)


def read_derivative(name: str, call: ast.Call, reader: Reader, span: Span) -> NamedDerivative:
    """The name that `delta: gradient(z, of=L)` gives."""
    operation = cast(Operation, call.func.id if isinstance(call.func, ast.Name) else "")
    keywords = _keywords(call, reader, ("of", *SPELLINGS, *(("diagonal",) if operation == "hessian" else ())))
    count = DERIVATIVES[operation]
    allowed = (1, 2) if operation == "hessian" else (count,)
    if len(call.args) not in allowed:
        example = "z, x" if count == 2 else "z"
        message = f"`{operation}` takes {'two names' if count == 2 else 'one name'}."
        raise reader.refuse(call, message, f"Write `{name}: {operation}({example})`.")
    args = tuple(read_name(a, reader) for a in call.args)
    of = read_name(keywords["of"], reader) if "of" in keywords else None
    diagonal = _flag("diagonal", keywords["diagonal"], reader) if "diagonal" in keywords else False
    return NamedDerivative(name, operation, args, of, diagonal, read_spelling(keywords, reader), span)


def read_name(node: ast.expr, reader: Reader) -> str:
    """The name that an argument is."""
    if isinstance(node, ast.Name):
        return node.id
    alias = reader.names.alias(node) if isinstance(node, ast.Subscript) else None
    if alias is None:
        raise reader.refuse(node, f"`{reader.source.piece(node)}` is not the name of a symbol or a node.")
    return alias


def read_function(name: str, call: ast.Call, reader: Reader) -> NamedFunction:
    """The function that `f: function(tanh)` or `f: function(lambda u: u * sigmoid(u))` names."""
    keywords = _keywords(call, reader, ("latex",))
    spelling = read_spelling(keywords, reader)
    if len(call.args) != 1:
        raise reader.refuse(call, "`function` takes one function.", f"Write `{name}: function(tanh)`.")
    (body,) = call.args
    if isinstance(body, ast.Lambda):
        a = body.args
        if a.vararg or a.kwarg or a.kwonlyargs or a.defaults or not (a.args or a.posonlyargs):
            raise reader.refuse(
                body, "a function of your own has plain arguments.", "Write `function(lambda u, v: u * v)`."
            )
        parameters = tuple(checked(p.arg, "argument", reader.source.span(p)) for p in (*a.posonlyargs, *a.args))
        return NamedFunction(name, None, parameters, reader.read(body.body), spelling)
    target = body.id if isinstance(body, ast.Name) else body.attr if isinstance(body, ast.Attribute) else ""
    target = ALIASES.get(target, target)
    if target not in FUNCTIONS:
        remedy = did_you_mean(target, FUNCTIONS, "Write `function(tanh)` or `function(lambda u: ...)`.")
        raise reader.refuse(body, f"there is no function `{reader.source.piece(body)}`.", remedy)
    return NamedFunction(name, target, spelling=spelling)
