"""A call's arguments put to the parameters of a row of the table, each read as its kind asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import ReadError
from ..expression import Array, Call, Expr
from ..tensor.normal import number
from ..tensor.terms import Term
from .source import source
from .statics import EXPRESSIONS, Statics
from .table import Function, Parameter


@dataclass(slots=True)
class Arguments:
    """What the builder takes: positional values, values by name; and each array among them with its expression."""

    positional: list[object] = field(default_factory=list)
    named: dict[str, object] = field(default_factory=dict)
    given: list[tuple[Expr, Term]] = field(default_factory=list)
    exprs: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Binder:
    """Reads arguments: `lower` makes terms of expressions, `statics` evaluates everything else."""

    lower: Callable[[Expr], Term]
    statics: Statics

    def bound(self, call: Call, row: Function) -> Arguments:
        """The arguments of a call; ReadError if they do not fit the signature."""
        found = Arguments(exprs=self._matched(call, row))
        for parameter in row.parameters:
            if parameter.name not in found.exprs:
                if parameter.required:
                    raise self._misuse(call, row, f"`{parameter.name}` is missing.")
                continue
            raw = found.exprs[parameter.name]
            if parameter.several:
                # Arguments in front of a starred one can only go by position.
                before = [p.name for p in row.parameters if p.name in found.named]
                found.positional += [found.named.pop(name) for name in before]
                found.positional += [self._value(v, parameter, call, row, found) for v in _items(raw, parameter)]
            else:
                found.named[parameter.name] = self._value(raw, parameter, call, row, found)
        return found

    def _matched(self, call: Call, row: Function) -> dict[str, object]:
        """The written argument of each parameter."""
        options = dict(call.options)
        matched: dict[str, object] = {}
        rest = list(call.args)
        for parameter in row.parameters:
            if parameter.several and rest:
                matched[parameter.name] = tuple(rest)
                rest = []
            elif rest and not (parameter.name in options and parameter.kind == "str"):
                matched[parameter.name] = rest.pop(0)
        if rest:
            raise self._misuse(call, row, f"{len(call.args)} arguments are too many.")
        known = {p.name for p in row.parameters}
        for name, value in options.items():
            if name not in known:
                raise self._misuse(call, row, f"there is no option `{name}`.")
            if name in matched:
                raise self._misuse(call, row, f"`{name}` is given twice.")
            matched[name] = value
        return matched

    def _value(self, raw: object, parameter: Parameter, call: Call, row: Function, found: Arguments) -> object:
        kind = parameter.kind
        if kind == "Term":
            return self._term(raw, parameter, call, row, found)
        if kind == "Terms":
            items = raw.items if isinstance(raw, Array) else raw
            if not isinstance(items, (tuple, list)):
                raise self._misuse(call, row, f"`{parameter.name}` is a list of arrays, `[a, b]`.")
            return tuple(self._term(item, parameter, call, row, found) for item in items)
        if kind == "Size":
            return self.statics.size(raw)
        if kind == "Integers":
            positions = self.statics.positions(raw)
            if positions is None:
                text = source(raw) if isinstance(raw, EXPRESSIONS) else str(raw)
                raise self._misuse(call, row, f"`{text}` is no index.", "Declare it with `index(of=...)`.")
            return positions
        try:
            value = self.statics.option(raw)
        except ReadError as error:
            swap = {"max": "maximum", "min": "minimum"}.get(row.name)
            if swap and parameter.name == "axis" and isinstance(raw, EXPRESSIONS):
                remedy = (
                    f"For the greater of two arrays write `{swap}(a, b)`."
                    if swap == "maximum"
                    else ("For the lesser of two arrays write `minimum(a, b)`.")
                )
                raise self._misuse(call, row, f"`{source(raw)}` is no axis.", remedy) from error
            raise
        if not _fits(value, kind):
            remedy = _EXPECTED[kind]
            raise self._misuse(call, row, f"`{parameter.name}` cannot be `{_shown(value)}`.", remedy)
        return value

    def _term(self, raw: object, parameter: Parameter, call: Call, row: Function, found: Arguments) -> Term:
        if isinstance(raw, EXPRESSIONS):
            term = self.lower(raw)
            found.given.append((raw, term))
            return term
        if isinstance(raw, Term):
            return raw
        value = self.statics.option(raw)
        if isinstance(value, bool) or not hasattr(value, "numerator"):
            raise self._misuse(call, row, f"`{parameter.name}` is an array, not `{_shown(raw)}`.")
        return number(value)  # type: ignore[arg-type]  # an int or a Fraction: it has a numerator

    def _misuse(self, call: Call, row: Function, rule: str, remedy: str = "") -> ReadError:
        own = f"The function is `{row.signature}`."
        return ReadError(f"`{source(call)}`: {rule}", remedy=f"{remedy} {own}".strip(), span=call.span)


_EXPECTED = {
    "Axes": "An axis is a whole number, several are `(0, 1)`, None means all.",
    "int": "It is a whole number.",
    "str": "It is a string in quotes.",
    "bool": "It is True or False.",
}


def _fits(value: object, kind: str) -> bool:
    if kind == "Axes":
        return value is None or _whole(value) or (isinstance(value, tuple) and all(map(_whole, value)))
    if kind == "int":
        return _whole(value)
    return isinstance(value, str if kind == "str" else bool)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: object) -> str:
    return source(value) if isinstance(value, EXPRESSIONS) else str(value)


def _items(raw: object, parameter: Parameter) -> tuple[object, ...]:
    """The values of a starred parameter: written one by one, or as one tuple."""
    items = raw if isinstance(raw, tuple) else (raw,)
    if len(items) == 1 and parameter.kind != "Term":
        only = items[0]
        if isinstance(only, Array):
            return only.items
        if isinstance(only, (tuple, list)):
            return tuple(only)
    return items
