"""The public class Network: a network declared in Python, or read from a file; and `dims`, the symbolic sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from .errors import ReadError, SymbackpropError, UnknownName
from .expression import Expr
from .functions import FUNCTIONS
from .network import Declaration, Facts, Model, NamedDerivative, NamedFunction, Role
from .notation.spelling import Spelling, Style
from .reading.alike import check_spelling
from .reading.assemble import Assembly, assemble, placed
from .reading.declarations import FLAGS, Operation, check_facts
from .reading.draft import Draft, DraftEquation
from .reading.names import checked, did_you_mean
from .reading.netfile import parse, read
from .reading.style import styled
from .tensor.size import Size, size

SizeLike: TypeAlias = Any  # an int, a name, a SymPy integer expression, a Size
Sizes: TypeAlias = Any  # one size, or a tuple of them
Latex: TypeAlias = str | Sequence[str]


def dims(names: str) -> Any:
    """Symbolic sizes: SymPy symbols that are positive integers, one for each name; a single one comes alone.

    Raises ReadError for a name that is none.
    """
    from .symbolic.sizes import sympy_size

    found = tuple(sympy_size(size(checked(name, "size"))) for name in names.replace(",", " ").split())
    return found[0] if len(found) == 1 else found


class Network:
    """A network: symbols with sizes, one equation for each node, a scalar loss.

    Symbols that are returned are SymPy's: a scalar is a real Symbol; a vector (n) is an n x 1 MatrixSymbol whose second
    axis is virtual; a matrix is a MatrixSymbol; an array of order 3 or more is a TensorExpr. Two networks are equal if
    their models are: the title, and the order of sums, do not count.

    Every method raises a SymbackpropError for what is wrong at once; what only the whole network can show, such as a
    missing loss, is raised when `model` is asked for.
    """

    __hash__ = None  # type: ignore[assignment]  # it can be added to

    def __init__(self, title: str = "", *, name: str = "network") -> None:
        self._draft = Draft(title=title, name=name)
        self._nodes: dict[str, tuple[Size, ...]] = {}
        self._model: Model | None = None

    @classmethod
    def from_model(cls, model: Model) -> Network:
        """The network of a model, which can be added to."""
        net = cls(model.title, name=model.name)
        net._draft = drafted(model)
        net._nodes = {n: e.term.sizes for n, e in model.equations.items()}
        net._model = model
        return net

    @classmethod
    def read(cls, path: str | Path, *, style: Style | None = None) -> Network:
        """The network in a file.

        Raises ReadError if it is no ordinary text file of reasonable size, else what `parse` raises.
        """
        return cls.from_model(read(Path(path), style=style))

    @classmethod
    def parse(
        cls, text: str, *, name: str = "network", folder: Path | None = None, style: Style | None = None
    ) -> Network:
        """The network that a text describes: declarations and equations in Python's syntax, never executed.

        `folder` is where `notation(macros="...")` finds its file; `style` is what such lines start from. Raises the
        error with its place, or ManyErrors with all independent ones.
        """
        return cls.from_model(parse(text, name=name, folder=folder, style=style))

    # ------------------------------------------------------------------ declaring

    def input(self, name: str, sizes: Sizes = (), **facts: Any) -> Any:
        """Declare an input. `sizes` is one size or a tuple; facts and spellings are keywords, as in a network file."""
        return self._declare(name, "input", sizes, facts)

    def target(self, name: str, sizes: Sizes = (), **facts: Any) -> Any:
        """Declare a target."""
        return self._declare(name, "target", sizes, facts)

    def parameter(self, name: str, sizes: Sizes = (), **facts: Any) -> Any:
        """Declare a parameter: what gradients are taken for."""
        return self._declare(name, "parameter", sizes, facts)

    def constant(self, name: str, sizes: Sizes = (), **facts: Any) -> Any:
        """Declare a constant."""
        return self._declare(name, "constant", sizes, facts)

    def index(self, name: str, sizes: Sizes = (), *, of: SizeLike, repeat: bool = False, **facts: Any) -> Any:
        """Declare an integer in range(of), or an array of them, for subscripts and `sb.onehot`."""
        return self._declare(name, "index", sizes, {**facts, "of": of, "repeat": repeat})

    def random(self, name: str, sizes: Sizes, mean: Any, variance: Any, **facts: Any) -> Any:
        """Declare a Gaussian symbol: its mean, and its variance (a number or a covariance matrix)."""
        law = (self._expr(mean, name), self._expr(variance, name))
        symbol = self._declare(name, "random", sizes, facts)
        self._draft.laws[name] = law
        return symbol

    def _declare(self, name: str, role: Role, sizes: Sizes, facts: Mapping[str, Any]) -> Any:
        from .symbolic import sympy_symbol

        checked(name)
        shape = _shape(sizes)
        known, spelling = _facts(name, facts)
        check_facts(name, role, shape, known, name, None)
        self._check_spelling(name, spelling)
        declaration = Declaration(name, role, shape, known, spelling)
        self._draft.declare(declaration)
        self._model = None
        return sympy_symbol(name, shape, index=role == "index")

    def _check_spelling(self, name: str, spelling: Spelling) -> None:
        try:
            check_spelling(spelling, self._draft.style)
        except SymbackpropError as error:
            raise type(error)(f"{name}: {error.message}", remedy=error.remedy) from None

    # ------------------------------------------------------------------ defining

    def define(self, name: str, expr: Any, latex: Latex = (), **spelling: Any) -> Any:
        """Add a node and return its symbol. `expr` is a SymPy expression; its virtual axes are dropped here.

        Raises ShapeError, UnknownName or ReadError for an expression that means nothing.
        """
        return self._define(name, expr, latex, spelling, loss=False)

    def loss(self, name: str, expr: Any, latex: Latex = (), **spelling: Any) -> Any:
        """Add the node that is differentiated; it has one entry, and there is one."""
        return self._define(name, expr, latex, spelling, loss=True)

    def _define(self, name: str, expr: Any, latex: Latex, spelling: Mapping[str, Any], *, loss: bool) -> Any:
        from .symbolic import sympy_symbol

        checked(name)
        spelled = _spelling({"latex": latex, **spelling}, name)
        self._check_spelling(name, spelled)
        equation = DraftEquation(name, self._expr(expr, name), spelling=spelled)
        sizes = Assembly.of_nodes(self._draft, self._nodes).shape_of(equation)
        (self._draft.define_loss if loss else self._draft.define)(equation)
        self._nodes[name] = sizes
        self._model = None
        return sympy_symbol(name, sizes)

    def _expr(self, value: Any, name: str) -> Expr:
        """A SymPy expression, or one that is read already, as an Expr."""
        from .symbolic import to_expr

        try:
            return to_expr(value, self._shapes())
        except SymbackpropError as error:
            raise placed(error, name, None) from None

    def _shapes(self) -> dict[str, tuple[Size, ...]]:
        return {**{n: d.sizes for n, d in self._draft.declarations.items()}, **self._nodes}

    # ------------------------------------------------------------------ naming

    def gradient(self, name: str, of_what: Any, of: Any = None, latex: Latex = (), **spelling: Any) -> None:
        """Give the gradient at a symbol or node a name; `of` is another scalar than the loss."""
        self._derive(name, "gradient", (of_what,), latex, spelling, of=of)

    def hessian(self, name: str, *of_what: Any, diagonal: bool = False, latex: Latex = (), **spelling: Any) -> None:
        """Give a Hessian block a name, or its diagonal."""
        self._derive(name, "hessian", of_what, latex, spelling, diagonal=diagonal)

    def jacobian(self, name: str, of_what: Any, by: Any, latex: Latex = (), **spelling: Any) -> None:
        """Give the Jacobian of a node a name."""
        self._derive(name, "jacobian", (of_what, by), latex, spelling)

    def derivative(self, name: str, of_what: Any, by: Any, latex: Latex = (), **spelling: Any) -> None:
        """Give the derivative of a scalar node by a scalar a name."""
        self._derive(name, "derivative", (of_what, by), latex, spelling)

    def _derive(
        self,
        name: str,
        operation: Operation,
        args: tuple[Any, ...],
        latex: Latex,
        spelling: Mapping[str, Any],
        of: Any = None,
        diagonal: bool = False,
    ) -> None:
        names = tuple(_name_of(a) for a in args)
        spelled = _spelling({"latex": latex, **spelling}, name)
        self._check_spelling(name, spelled)
        scalar = None if of is None else _name_of(of)
        self._draft.derive(NamedDerivative(name, operation, names, scalar, diagonal, spelled))
        self._model = None

    def function(self, name: str, meaning: str | Callable[..., Any], latex: Latex = ()) -> Callable[..., Any]:
        """Give a function a name of your own: one of the table, `"tanh"`, or a Python function of SymPy symbols.

        Returns what is called in expressions.
        """
        from .symbolic import named_function, own_function

        spelling = _spelling({"latex": latex}, name)
        self._check_spelling(name, spelling)
        if isinstance(meaning, str):
            if meaning not in FUNCTIONS:
                raise UnknownName(f"{name}: there is no function `{meaning}`.", remedy=did_you_mean(meaning, FUNCTIONS))
            own = NamedFunction(name, meaning, spelling=spelling)
        else:
            parameters, body = own_function(meaning, self._shapes())
            own = NamedFunction(name, None, parameters, body, spelling)
        self._draft.name_function(own)
        self._model = None
        return named_function(own)

    def notation(self, **options: Any) -> None:
        """Set how the whole document is written: layers, vectors, matrices, transpose, hadamard, gradient, macros."""
        self._draft.style = styled(options, self._draft.style)
        self._model = None

    # ------------------------------------------------------------------ asking

    @property
    def model(self) -> Model:
        """The checked, frozen network; made again after each change.

        Raises the error, or ManyErrors.
        """
        if self._model is None:
            self._model = assemble(replace(self._draft, declarations=dict(self._draft.declarations)))
        return self._model

    @property
    def title(self) -> str:
        """What the network is called in documents."""
        return self._draft.title

    def __getitem__(self, name: str) -> Any:
        """The SymPy symbol of a declared name or a node; UnknownName if there is none."""
        from .symbolic import sympy_symbol

        declared = self._draft.declarations.get(name)
        if declared is not None:
            return sympy_symbol(name, declared.sizes, index=declared.role == "index")
        shapes = self._shapes()
        if name not in shapes:
            raise UnknownName(f"`{name}` is neither declared nor defined.", remedy=did_you_mean(name, shapes))
        return sympy_symbol(name, shapes[name])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self.model == other.model

    def __repr__(self) -> str:
        d = self._draft
        loss = f", loss {d.losses[0]}" if d.losses else ""
        return f"Network({d.title!r}: {len(d.declarations)} symbols, {len(d.equations)} nodes{loss})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Text, LaTeX and HTML for notebooks; what is not complete yet shows its text."""
        from .reporting.notebook import network_bundle

        try:
            return network_bundle(self.model)
        except SymbackpropError:
            return {"text/plain": repr(self)}


def drafted(model: Model) -> Draft:
    """A draft that assembles to this model."""
    return Draft(
        model.title,
        model.name,
        model.source,
        dict(model.declarations),
        {
            e.name: DraftEquation(e.name, e.expr, e.before or e.term, e.spelling, e.auxiliary, span=e.span)
            for e in model.equations.values()
        },
        dict(model.derivatives),
        dict(model.functions),
        losses=[model.loss],
        style=model.style,
        places={
            **{n: d.span for n, d in model.declarations.items()},
            **{n: e.span for n, e in model.equations.items()},
            **{n: d.span for n, d in model.derivatives.items()},
            **dict.fromkeys(model.functions),
        },
    )


def _shape(sizes: Sizes) -> tuple[Size, ...]:
    from .symbolic.sizes import size_of

    return tuple(map(size_of, sizes)) if isinstance(sizes, (tuple, list)) else (size_of(sizes),)


def _name_of(what: Any) -> str:
    """The name of a symbol, or the name itself."""
    if isinstance(what, str):
        return what
    name = getattr(what, "name", None)
    if not isinstance(name, str):
        raise ReadError(f"`{what}` is not the name of a symbol or a node.", remedy="A derivative is of a symbol.")
    return name


def _facts(name: str, given: Mapping[str, Any]) -> tuple[Facts, Spelling]:
    """Facts and spelling from the keywords of a declaration."""
    from .symbolic.sizes import size_of

    flags: dict[str, Any] = {}
    for key in FLAGS:
        if key in given:
            if not isinstance(given[key], bool):
                raise ReadError(f"{name}: `{key}=` is True or False.", remedy=f"Write `{key}=True`.")
            flags[key] = given[key]
    values = given.get("values")
    if values is not None:
        try:
            values = tuple(Fraction(str(v)) for v in values)
        except (TypeError, ValueError):
            message = f"{name}: `values=` lists the numbers that an entry can be."
            raise ReadError(message, remedy="Write `values=(0, 1)`.") from None
    of = given.get("of")
    rest = {k: v for k, v in given.items() if k not in (*FLAGS, "values", "of", "repeat")}
    facts = Facts(**flags, values=values, of=None if of is None else size_of(of), repeat=bool(given.get("repeat")))
    return facts, _spelling(rest, name)


def _spelling(given: Mapping[str, Any], name: str) -> Spelling:
    """How a symbol is written, from keywords; ReadError for a keyword that there is not."""
    known = {*FLAGS, "values", "latex", "entries", "rows", "columns", "row"}
    for key in given:
        if key not in known or key in (*FLAGS, "values"):
            message = f"{name}: `{key}=` says nothing about a network."
            raise ReadError(message, remedy=did_you_mean(key, known, "There are `latex=`, `entries=`, `rows=`, ..."))
    latex = given.get("latex") or ()
    spellings = tuple(latex) if isinstance(latex, (tuple, list)) else (latex,)
    parts = {key: given.get(key) for key in ("entries", "rows", "columns")}
    if not all(isinstance(text, str) for text in (*spellings, *(p for p in parts.values() if p is not None))):
        raise ReadError(f"{name}: a spelling is LaTeX in a string.", remedy='Write `latex=r"..."`.')
    return Spelling(spellings, row=bool(given.get("row")), **parts)
