"""The shape of a function's result, found by lowering it over opaque arguments of the right shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..expression import Array, Call, Expr, Name, Subscript
from ..functions import FUNCTIONS
from ..functions.shapes import common_shape
from ..lower import IndexInfo, lower
from ..network import NamedFunction
from ..tensor.size import Size, size
from ..tensor.terms import Term, symbol


@dataclass(slots=True)
class Opaque:
    """A Scope of made-up symbols, one for each argument, named by the argument's own text."""

    terms: dict[str, Term] = field(default_factory=dict)
    indices: dict[str, IndexInfo] = field(default_factory=dict)

    def term(self, name: str) -> Term | None:
        """The made-up symbol."""
        return self.terms.get(name)

    def index(self, name: str) -> IndexInfo | None:
        """The index of that name."""
        return self.indices.get(name)

    def size(self, name: str) -> bool:
        """Everything else is a size."""
        return name not in self.terms and name not in self.indices

    def function(self, _: str) -> NamedFunction | None:
        """None: own functions are entry by entry, and not lowered here."""
        return None

    def role(self, _: str) -> str | None:
        """None: nothing is declared."""
        return None

    def known(self) -> Iterable[str]:
        """The arguments."""
        return [*self.terms, *self.indices]

    def taken(self, name: str) -> bool:
        """True for the arguments' own texts."""
        return name in self.terms

    def named(self, text: str, sizes: tuple[Size, ...]) -> Name:
        """A made-up symbol of that shape, under that text."""
        known = self.terms.get(text)
        while known is not None and known.sizes != sizes:
            text += "'"
            known = self.terms.get(text)
        self.terms[text] = symbol(text, sizes)
        return Name(text)


def result_shape(function: str, shown: str, arguments: Any, options: Any) -> tuple[tuple[Size, ...], bool]:
    """The sizes of a function's result, and whether it lies in a row (as its first argument does).

    Raises ShapeError or ReadError if the arguments do not fit.
    """
    from .convert import Converter

    converter = Converter()
    scope = Opaque()
    items = [converter.argument(a) for a in arguments]
    if function not in FUNCTIONS and function != "subscript":
        shape = common_shape([i.sizes for i in items])
    else:
        args = tuple(_opaque(raw, i.expr, i.sizes, scope, converter) for raw, i in zip(arguments, items, strict=True))
        chosen = tuple((pair[0].name, converter.option(pair[1])) for pair in options)
        expr: Expr = Subscript(args[0], converter.items(arguments[1:])) if function == "subscript" else Call(
            function, args, _opaque_options(chosen, converter, options, scope), shown or None
        )  # fmt: skip
        _note_indices(expr, converter.indices, scope)
        shape = lower(expr, scope, "").term.sizes
    row = bool(items) and items[0].row and len(shape) == 1 and items[0].sizes == shape
    return shape, row


def _opaque(raw: Any, expr: Expr, sizes: tuple[Size, ...], scope: Opaque, converter: Any) -> Expr:
    if isinstance(expr, Array):
        return Array(
            tuple(
                _opaque(r, e, converter.argument(r).sizes, scope, converter)
                for r, e in zip(raw, expr.items, strict=True)
            )
        )
    if converter.is_static(raw):
        return expr
    from .objects import shortened

    return scope.named(shortened(raw), sizes)


def _opaque_options(chosen: Any, converter: Any, options: Any, scope: Opaque) -> tuple[tuple[str, object], ...]:
    found: list[tuple[str, object]] = []
    for (name, value), pair in zip(chosen, options, strict=True):
        if isinstance(value, Expr) and not converter.is_static(pair[1]):
            found.append((name, _opaque(pair[1], value, converter.argument(pair[1]).sizes, scope, converter)))
        else:
            found.append((name, value))
    return tuple(found)


def _note_indices(expr: Expr, indices: Mapping[str, tuple[Size, ...]], scope: Opaque) -> None:
    """Indices among the arguments: their range is not known here, so it is whatever the function asks for."""
    of = size("n")
    if isinstance(expr, Call) and expr.function == "onehot":
        given = dict(expr.options).get("c", expr.args[1] if len(expr.args) > 1 else None)
        if given is not None:
            from ..lower import lower_size

            of = lower_size(given, scope)  # type: ignore[arg-type]
    for name, sizes in indices.items():
        scope.indices[name] = IndexInfo(name, sizes, of)
