"""What an author declares: symbols with sizes, roles and facts, and one named equation per node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from .errors import Span
from .expression import Expr
from .notation.spelling import Spelling, Style
from .tensor.size import Size
from .tensor.terms import Symbol, Term, symbol

Role: TypeAlias = Literal["input", "target", "parameter", "constant", "index", "random"]
DIFFERENTIABLE: tuple[Role, ...] = ("parameter", "input", "target", "constant", "random")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a symbol beyond its shape; none of it enters a term.

    `onehot`, `simplex`: along the last axis. `values`: the only values an entry takes. `of`: the range of an index;
    `repeat`: whether entries of an index may coincide with others of the same range.
    `law`: (mean, variance) terms of a random symbol.
    """

    onehot: bool = False
    simplex: bool = False
    symmetric: bool = False
    positive: bool = False
    positive_definite: bool = False
    invertible: bool = False
    values: tuple[Fraction, ...] | None = None
    of: Size | None = None
    repeat: bool = False
    law: tuple[Term, Term] | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared symbol. An index has role "index" and `facts.of`; it stands for integers, not for a term."""

    name: str
    role: Role
    sizes: tuple[Size, ...]
    facts: Facts = Facts()
    spelling: Spelling = Spelling()
    span: Span | None = field(default=None, compare=False)

    @property
    def term(self) -> Symbol:
        """The symbol as a term."""
        return symbol(self.name, self.sizes)


@dataclass(frozen=True, slots=True)
class Equation:
    """A node: name = term, where earlier nodes appear as symbols.

    `expr` is the author's right-hand side, or None where a transformation made the node (it then prints from its term).
    `auxiliary`: the node was opened from inside a function such as layer_norm. `before`: the term with its expectations
    as they stand, where `term` has them taken.
    """

    name: str
    term: Term
    expr: Expr | None = field(default=None, compare=False)
    spelling: Spelling = Spelling()
    auxiliary: bool = False
    span: Span | None = field(default=None, compare=False)
    before: Term | None = field(default=None, compare=False)

    @property
    def symbol(self) -> Symbol:
        """The node as it appears in other equations."""
        return symbol(self.name, self.term.sizes)


@dataclass(frozen=True, slots=True)
class NamedDerivative:
    """A name for a derivative: gradient(z, of=L), hessian(w, diagonal=True), jacobian(r, x), eigenvalues(w), ..."""

    name: str
    operation: Literal["gradient", "hessian", "jacobian", "derivative", "eigenvalues", "condition_number"]
    args: tuple[str, ...]
    of: str | None = None
    diagonal: bool = False
    spelling: Spelling = Spelling()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NamedFunction:
    """An author's own name for a function: f: function(tanh) or function(lambda u: ...).

    `target` is a function of the table, or None with `parameters` and `body` for a lambda.
    """

    name: str
    target: str | None
    parameters: tuple[str, ...] = ()
    body: Expr | None = None
    spelling: Spelling = Spelling()


@dataclass(frozen=True, slots=True)
class Warning_:
    """Something that is allowed but probably not meant, such as an unused parameter."""

    message: str
    span: Span | None = None


@dataclass(frozen=True)
class Model:
    """A complete network, checked: symbols, equations in dependency order, one scalar loss.

    Equality compares symbols, facts, spellings and node terms, not the title nor the author's expressions.
    """

    title: str = field(compare=False)
    declarations: Mapping[str, Declaration]
    equations: Mapping[str, Equation]
    loss: str
    derivatives: Mapping[str, NamedDerivative]
    functions: Mapping[str, NamedFunction]
    style: Style
    warnings: tuple[Warning_, ...] = field(default=(), compare=False)
    source: str = field(default="", compare=False, repr=False)
    name: str = field(default="network", compare=False)

    def names(self, *roles: Role) -> tuple[str, ...]:
        """The declared names with one of these roles, in the order of declaration."""
        return tuple(d.name for d in self.declarations.values() if d.role in roles)

    def size_names(self) -> tuple[str, ...]:
        """Every size name, in the order of first use."""
        found: dict[str, None] = {}
        for d in self.declarations.values():
            for s in (*d.sizes, *((d.facts.of,) if d.facts.of is not None else ())):
                found.update(dict.fromkeys(sorted(s.names)))
        return tuple(found)
