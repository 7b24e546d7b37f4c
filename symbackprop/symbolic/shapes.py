"""The shape of a function's result, found by lowering it over opaque arguments of the right shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..expression import Array, Call, Expr, Name, Subscript
from ..functions import FUNCTIONS
from ..functions.shapes import common_shape
from ..lower import IndexInfo, lower, lower_size
from ..network import NamedFunction
from ..tensor.size import Size, size
from ..tensor.terms import Term, symbol
from .convert import Converter, Given, is_word
from .objects import shortened


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

    def expected(self, body: Term) -> Term:
        """The term itself: only its shape counts."""
        return body

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
    converter = Converter()
    scope = Opaque()
    if function == "subscript":
        base = _opaque(arguments[0], converter.array(arguments[0]), scope, converter)
        expr: Expr = Subscript(base, converter.items(arguments[1:]))
        _note_indices(expr, converter.indices, scope)
        return lower(expr, scope, "").term.sizes, False
    arrays = [a for a in arguments if not is_word(a)]
    items = [converter.array(a) for a in arrays]
    if function not in FUNCTIONS:
        shape = common_shape([i.sizes for i in items])
    else:
        known = dict(zip(arrays, items, strict=True))
        args: list[Expr] = []
        words: list[tuple[str, object]] = []
        for place, raw in enumerate(arguments):
            if is_word(raw) and place < len(FUNCTIONS[function].parameters):
                words.append((FUNCTIONS[function].parameters[place].name, converter.option(raw)))
            else:
                args.append(_opaque(raw, known[raw] if raw in known else converter.array(raw), scope, converter))
        expr = Call(function, tuple(args), (*words, *_opaque_options(options, scope, converter)), shown or None)
        _note_indices(expr, converter.indices, scope)
        shape = lower(expr, scope, "").term.sizes
    row = bool(items) and items[0].row and len(shape) == 1 and items[0].sizes == shape
    return shape, row


def _opaque(raw: Any, given: Given, scope: Opaque, converter: Converter) -> Expr:
    """A made-up symbol in place of an array; what is known without arrays stays as it is."""
    if isinstance(given.expr, Array):
        return Array(tuple(_opaque(r, converter.array(r), scope, converter) for r in raw))
    return given.expr if converter.is_static(raw) else scope.named(shortened(raw), given.sizes)


def _opaque_options(options: Any, scope: Opaque, converter: Converter) -> tuple[tuple[str, object], ...]:
    found: list[tuple[str, object]] = []
    for key, raw in options:
        value = converter.option(raw)
        if isinstance(value, Expr):
            value = _opaque(raw, converter.array(raw), scope, converter)
        found.append((key.name, value))
    return tuple(found)


def _note_indices(expr: Expr, indices: Mapping[str, tuple[Size, ...]], scope: Opaque) -> None:
    """Indices among the arguments: their range is not known here, so it is whatever the function asks for."""
    of = size("n")
    if isinstance(expr, Call) and expr.function == "onehot":
        given = dict(expr.options).get("c", expr.args[1] if len(expr.args) > 1 else None)
        if given is not None:
            of = lower_size(given, scope)  # type: ignore[arg-type]
    for name, sizes in indices.items():
        scope.indices[name] = IndexInfo(name, sizes, of)
