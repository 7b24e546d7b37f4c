"""What a row of the table of functions is: a builder of terms, and how its arguments are to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter as Argument
from inspect import getdoc, signature
from typing import Literal, TypeAlias, get_args

from ..errors import SymbackpropError, ValueProblem
from ..tensor.normal import as_number
from ..tensor.size import Size
from ..tensor.terms import Term
from .shapes import shape_text

Axes: TypeAlias = int | tuple[int, ...] | None
Sizes: TypeAlias = tuple[Size, ...]
Terms: TypeAlias = tuple[Term, ...]
Kind: TypeAlias = Literal["Term", "Terms", "Integers", "Size", "Axes", "int", "str", "bool"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a function.

    `kind` says what its builder takes: a Term; Terms, several of them in brackets; Integers, positions given by index
    symbols; a Size; Axes, an axis, several or None; an int, a str, a bool. `several`: it takes all further arguments.
    """

    name: str
    kind: Kind
    default: object
    several: bool

    @property
    def required(self) -> bool:
        """True if a call must give it."""
        return self.default is Argument.empty and not self.several

    def __str__(self) -> str:
        if self.several:
            return f"*{self.name}"
        if self.required:
            return self.name
        number = as_number(self.default) if isinstance(self.default, Term) else None
        shown = str(self.default) if isinstance(self.default, Size) else repr(self.default).replace("'", '"')
        text = shown if number is None else f"{float(number):.10g}"
        return f"{self.name}={text}"


@dataclass(frozen=True, slots=True)
class Function:
    """A function that authors can call. `meaning` states its shape and its meaning by entries.

    `build` takes what `parameters` say and gives the term; it raises ShapeError with the rule that is broken. `opens`
    says that it takes `node=` as well, a function (stem, term) -> term that names an intermediate value.
    """

    name: str
    family: str
    parameters: tuple[Parameter, ...]
    build: Callable[..., Term]
    meaning: str
    opens: bool = False

    @property
    def signature(self) -> str:
        """The call as an author writes it: `softmax(x, axis=-1)`."""
        return f"{self.name}({', '.join(map(str, self.parameters))})"

    def __call__(self, *args: object, **options: object) -> Term:
        """The term; an error says what the function was given."""
        try:
            return self.build(*args, **options)
        except SymbackpropError as error:
            raise type(error)(f"{self.given(args)}: {error.message}", remedy=error.remedy) from None
        except ZeroDivisionError as error:
            raise ValueProblem(f"{self.given(args)}: {error}.") from None

    def given(self, args: tuple[object, ...]) -> str:
        """`matmul of (n, d) and (h)`."""
        shapes = [shape_text(a.sizes) for a in args if isinstance(a, Term)]
        return f"{self.name} of {' and '.join(shapes)}" if shapes else self.name


def function(family: str, build: Callable[..., Term], name: str = "", meaning: str = "") -> Function:
    """The row of a builder, from its own signature and docstring; an underscore behind its name is not part of it."""
    arguments = dict(signature(build).parameters)
    opens = arguments.pop("node", None) is not None
    parameters = []
    for argument in arguments.values():
        kind = argument.annotation.removesuffix(" | None")
        assert kind in KINDS, f"{build}: {argument.name} has no kind"
        parameters.append(Parameter(argument.name, kind, argument.default, argument.kind is Argument.VAR_POSITIONAL))
    text = meaning or getdoc(build) or ""
    name = name or getattr(build, "__name__", "").rstrip("_")
    assert name, f"{build} has no name"
    assert text, f"{name} has no meaning"
    return Function(name, family, tuple(parameters), build, text, opens)


def table(*families: tuple[Function, ...]) -> Mapping[str, Function]:
    """The rows by name; a name that two rows claim is a mistake."""
    rows = [row for family in families for row in family]
    found = {row.name: row for row in rows}
    assert len(found) == len(rows), sorted(row.name for row in rows if found[row.name] is not row)
    return found
