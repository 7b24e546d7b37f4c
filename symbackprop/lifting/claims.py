"""Which values of the code are gradients, and of what: by their names, keys and places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import Span, SymbackpropError
from ..tensor.terms import Term
from .naming import Named, Naming
from .result import CodeClaim
from .run import Run
from .scope import Scope
from .values import Array, Items, Origin, Positions, Table, Unknown, Value, as_term, is_number

_GRADIENTS = re.compile(
    r"^(?:all_?)?(?:d|g|grads?|gradients?|derivatives?|deltas?|dparams|dtheta|nabla)$", re.IGNORECASE
)
_ABOUT_GRADIENTS = re.compile(r"back|grad|deriv|bprop|nabla|^d[A-Z_]", re.IGNORECASE)
_FORWARD = re.compile(r"forward|predict|loss|cost|error|hypothesis|train|fit|update|step|init", re.IGNORECASE)
_LOSS_NAMES = frozenset({"loss", "cost", "j", "l", "e", "err", "error", "objective", "total_loss"})


@dataclass(frozen=True, slots=True)
class Found:
    """A value under a name of a gradient."""

    named: Named
    name: str
    value: Value
    span: Span


class Claims:
    """Finds the claims of one reading."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.naming: Naming = run.naming

    # ------------------------------------------------------------------ scripts

    def between(self, scope: Scope) -> list[CodeClaim]:
        """Everything under a name that may be a gradient's, in the order of the code."""
        found = sorted(self._assigned(scope), key=lambda f: (f.span.line, f.span.column))
        return [self._claim(f.named.target, f.name, f.value, f.span) for f in found]

    def assigned(self, scope: Scope) -> list[CodeClaim]:
        """The claims of a script, or of a function that returns nothing: names of gradients that were assigned."""
        found = list(self._assigned(scope))
        with_parameters = {f.named.prefix for f in found if f.named.weak and self.naming.is_parameter(f.named.target)}
        kept = [f for f in found if not f.named.weak or self._plausible(f, with_parameters)]
        kept.sort(key=lambda f: (f.span.line, f.span.column))
        best: dict[str, Found] = {}
        for item in kept:
            before = best.get(item.named.target)
            if before is None or (before.named.weak and not item.named.weak) or _same_value(before, item):
                best[item.named.target] = before if before is not None and _same_value(before, item) else item
            elif item.named.weak == before.named.weak:
                self.run.findings.note(
                    f"`{before.name}` and `{item.name}` are both about {item.named.target}; the later one is judged."
                )
                best[item.named.target] = item
        return [self._claim(f.named.target, f.name, f.value, f.span) for f in best.values()]

    def _assigned(self, scope: Scope) -> Iterator[Found]:
        for name, value in scope.values.items():
            span = scope.places.get(name)
            if span is None or isinstance(value, Positions):
                continue
            if isinstance(value, Table):
                if _GRADIENTS.match(name) or self.naming.gradients(name) is not None:
                    yield from self._table(value, span)
                continue
            if isinstance(value, Items):
                yield from self._list(name, value, span)
                continue
            named = self.naming.gradient(name)
            if named is not None and (isinstance(value, (Array, Unknown)) or (is_number(value) and not named.weak)):
                yield Found(named, name, value, span)

    def _plausible(self, found: Found, prefixes: set[str]) -> bool:
        """A letter in front of a symbol says gradient where the same letter stands in front of a parameter."""
        if self.naming.is_parameter(found.named.target):
            return True
        declared = self.run.model.declarations.get(found.named.target)
        about = declared is None or declared.role in ("input", "random")
        return about and found.named.prefix in prefixes

    def _table(self, table: Table, span: Span) -> Iterator[Found]:
        for key, value in table.entries.items():
            named = self.key(key)
            if named is not None:
                origin = table.origins.get(key)
                yield Found(named, str(key), value, origin.span if origin else span)

    def _list(self, name: str, items: Items, span: Span) -> Iterator[Found]:
        """`DW`, a list of the gradients at W_0, W_1, ..."""
        found = self.naming.gradients(name)
        if found is None:
            return
        numbered, _ = found
        for place, target in self._placed(items, numbered):
            origin = items.origin(place)
            shown = origin.name if origin is not None and self.naming.gradient(origin.name) else f"{name}[{place}]"
            yield Found(Named(target), shown, items.items[place], origin.span if origin else span)

    def _placed(self, items: Items, numbered: Mapping[int, str]) -> Iterator[tuple[int, str]]:
        """Which item is about which of the numbered names: by place, or by number where the first places are empty."""
        numbers = sorted(numbered)
        count = len(items.items)
        if count == len(numbers):
            yield from enumerate(numbered[k] for k in numbers)
        elif count == numbers[-1] + 1:
            yield from ((k, numbered[k]) for k in numbers)

    def key(self, key: object) -> Named | None:
        """What a key of a dictionary of gradients is about: the gradient's name, or the symbol's own."""
        if not isinstance(key, str):
            return None
        named = self.naming.gradient(key)
        if named is not None:
            return named
        found = self.naming.find(key)
        return None if found is None else Named(found[0])

    # ------------------------------------------------------------------ what is handed back

    def returned(self, value: Value, origin: Origin | None, about: str, certain: bool) -> list[CodeClaim]:
        """The claims of a function that hands back `value`; `about` is its name.

        `certain`: it is known to be about gradients, so that places count where names say nothing.
        """
        if isinstance(value, Table):
            claims = [self._claim(f.named.target, f.name, f.value, f.span) for f in self._table(value, _span(origin))]
            return claims if certain or _ABOUT_GRADIENTS.search(about) or _any_gradient(self.naming, value) else []
        if isinstance(value, Items):
            return self._sequence(value, _span(origin), about, certain)
        named = self.naming.gradient(origin.name) if origin is not None else None
        named = named or self.naming.gradient(about)
        if named is None and isinstance(value, (Array, Unknown)):
            parameters = self.run.model.names("parameter")
            if len(parameters) == 1 and self._may_be(parameters[0], value, origin, about, certain):
                named = Named(parameters[0])
        if named is None or not isinstance(value, (Array, Unknown, int)):
            return []
        return [self._claim(named.target, origin.name if origin else about, value, _span(origin))]

    def _may_be(self, target: str, value: Value, origin: Origin | None, about: str, certain: bool) -> bool:
        """True if a value without a gradient's name may be the gradient: of a function about gradients, or by shape."""
        known = self.naming.find(origin.name, case=False) if origin is not None else None
        if known is not None and self.naming.is_parameter(known[0]):
            return False
        if _ABOUT_GRADIENTS.search(about):
            return True
        sizes = self.run.model.declarations[target].sizes
        return certain and not _FORWARD.search(about) and isinstance(value, Array) and value.term.sizes == sizes

    def _sequence(self, items: Items, span: Span, about: str, certain: bool) -> list[CodeClaim]:
        """Values in a list or a tuple: by the names that they have, else by their places."""
        claims: list[CodeClaim] = []
        rest: list[tuple[Value, Origin | None]] = []
        for place, value in enumerate(items.items):
            origin = items.origin(place)
            if isinstance(value, Table):
                claims += self.returned(value, origin, "gradients", certain)
                continue
            name = origin.name if origin is not None else ""
            if isinstance(value, Items):
                claims += [self._claim(f.named.target, f.name, f.value, f.span) for f in self._list(name, value, span)]
                continue
            named = self.naming.gradient(name) if name.isidentifier() else None
            if named is not None:
                claims.append(self._claim(named.target, name, value, origin.span if origin else span))
            elif name.lower() not in _LOSS_NAMES and name != self.run.model.loss:
                rest.append((value, origin))
        if not claims:
            claims += self._by_place(rest, span, about, certain)
        return claims

    def _by_place(
        self, values: Sequence[tuple[Value, Origin | None]], span: Span, about: str, certain: bool
    ) -> list[CodeClaim]:
        """As many values as parameters: in the order of their declaration."""
        parameters = self.run.model.names("parameter")
        if len(values) != len(parameters):
            return []
        pairs = zip(parameters, values, strict=True)
        if not all(self._may_be(target, value, origin, about, certain) for target, (value, origin) in pairs):
            return []
        shown = ", ".join(parameters)
        self.run.findings.note(f"The values are taken as the gradients at {shown}, in this order.")
        return [
            self._claim(target, origin.name if origin else target, value, origin.span if origin else span)
            for target, (value, origin) in zip(parameters, values, strict=True)
        ]

    def by_names(self, value: Value, origin: Origin | None, names: Sequence[str]) -> list[CodeClaim]:
        """The claims of what is handed back, one for each of these names of symbols, in order."""
        if isinstance(value, Items) and (len(names) > 1 or len(value.items) == 1):
            parts = [(v, value.origin(k)) for k, v in enumerate(value.items)]
        elif isinstance(value, Table):
            parts = [(v, value.origins.get(k)) for k, v in value.entries.items()]
        else:
            parts = [(value, origin)]
        claims = []
        for name, (part, where) in zip(names, parts, strict=False):
            found = self.key(name)
            if found is not None:
                shown = where.name if where else name
                claims.append(self._claim(found.target, shown, part, where.span if where else _span(origin)))
        return claims

    # ------------------------------------------------------------------ one claim

    def _claim(self, target: str, name: str, value: Value, span: Span) -> CodeClaim:
        found = self._term(value)
        slip = self.run.findings.transcriptions.get(name)
        if slip is not None:
            span = slip.assigned_span
        return CodeClaim(target, name, found, span, slip)

    def _term(self, value: Value) -> Term | SymbackpropError:
        if isinstance(value, Unknown):
            return value.error
        try:
            found = as_term(value)
        except SymbackpropError as error:
            return error
        if found is None:
            return SymbackpropError("This is no array.")
        return found


def unique(claims: Sequence[CodeClaim]) -> tuple[CodeClaim, ...]:
    """One claim for each target; the first counts."""
    found: dict[str, CodeClaim] = {}
    for claim in claims:
        found.setdefault(claim.target, claim)
    return tuple(found.values())


def _span(origin: Origin | None) -> Span:
    return origin.span if origin is not None else Span(1, 1, 1, 2)


def _same_value(one: Found, other: Found) -> bool:
    a, b = one.value, other.value
    return a is b or (isinstance(a, Array) and isinstance(b, Array) and a.term is b.term)


def _any_gradient(naming: Naming, table: Table) -> bool:
    return any(isinstance(k, str) and naming.gradient(k) is not None for k in table.entries)
