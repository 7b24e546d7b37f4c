"""Why a step of the derivation is what it is: through which children, by which local rules, in words and formulas."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from .notation.spelling import Notation
from .notation.tree import (
    Abs,
    Call,
    Frac,
    Indicator,
    Inv,
    Letter,
    Num,
    Partial,
    Pow,
    Prod,
    Relation,
    Sum,
    Sym,
    Trans,
    Tree,
)
from .notation.tree import Index as At
from .notation.tree import Text as Words
from .tensor.pullback import children_last
from .tensor.terms import Bracket, Map, Product, Special, Symbol, Term
from .tensor.terms import Sum as TermSum

if TYPE_CHECKING:
    from .derive import Derivation
    from .formula import Context

Part: TypeAlias = str | Tree
Parts: TypeAlias = tuple[Part, ...]
MOST_CHILDREN, MOST_RULES = 6, 4

X, Y, Z, I, J = (Letter(c) for c in "Xyzij")
ONE, TWO, ZERO = (Num(Fraction(n)) for n in (1, 2, 0))


def _equal(left: Tree, right: Tree) -> Tree:
    return Relation("=", left, right)


def _slope(head: str) -> Tree:
    return Call(head, (Z,), primes=1)


def _minus(left: Tree, right: Tree) -> Tree:
    return Sum(((1, left), (-1, right)))


def _of(head: str) -> Tree:
    return Call(head, (Z,))


RULES: dict[str, Parts] = {
    "tanh": (_equal(_slope("tanh"), _minus(ONE, Pow(_of("tanh"), TWO))),),
    "sigmoid": (_equal(_slope("sigmoid"), Prod((_of("sigmoid"), _minus(ONE, _of("sigmoid"))))),),
    "relu": (_equal(_slope("relu"), Indicator(Relation(">", Z, ZERO))),),
    "softplus": (_equal(_slope("softplus"), _of("sigmoid")),),
    "exp": (_equal(_slope("exp"), _of("exp")),),
    "log": (_equal(_slope("log"), Frac(ONE, Z)),),
    "sin": (_equal(_slope("sin"), _of("cos")),),
    "cos": (_equal(_slope("cos"), Sum(((-1, _of("sin")),))),),
    "abs": ("the derivative of ", Abs(Z), " is ", _of("sign")),
    "step": ("a step function has derivative 0",),
    "sign": ("a step function has derivative 0",),
    "where": ("the gradient goes where the condition sends it",),
    "maximum": ("the larger of the two gets the gradient",),
    "minimum": ("the smaller of the two gets the gradient",),
    "softmax": (
        "for ", _equal(Y, _of("softmax")), ": ",
        _equal(
            Partial(At(Y, (I,)), (At(Z, (J,)),)),
            Prod((At(Y, (I,)), _minus(Indicator(Relation("=", I, J)), At(Y, (J,))))),
        ),
    ),
    "logsumexp": ("the gradient of ", _of("logsumexp"), " is ", _of("softmax")),
    "inverse": ("the differential of ", Inv(X), " is ", Sum(((-1, Prod((Inv(X), Words("d"), X, Inv(X)))),))),
    "logdet": ("the gradient of ", Call("logdet", (X,)), " is ", Trans(Inv(X))),
    "det": ("the gradient of ", Call("det", (X,)), " is ", Prod((Call("det", (X,)), Trans(Inv(X))))),
    "standardize": ("every entry moves the mean and the deviation too",),
    "argmax": ("the first greatest entry gets everything",),
    "expectation": ("the derivative goes inside the expectation",),
    "stop": ("the gradient is stopped here by declaration",),
    "square": ("the derivative of ", Pow(Letter("u"), TWO), " is ", Prod((TWO, Letter("u")))),
    "power": ("power rule",),
    "quotient": ("quotient rule",),
    "product": ("product rule",),
    "matrix": ("matrix product: the other factor, transposed",),
    "inner": ("inner product: the other factor",),
    "times": ("entry by entry, times the other factor",),
    "scaled": ("times the other factor",),
    "part": ("a part of an array: what is outside gets 0",),
    "copies": ("repeated: the gradient is summed over the copies",),
    "total": ("a sum passes its gradient to every summand",),
    "summand": ("a summand: the gradient passes unchanged",),
    "minus": ("subtracted: the gradient changes its sign",),
}  # fmt: skip  # a table
WEAK = ("summand", "minus", "part")  # said only where there is nothing else to say


def because(derivation: Derivation, name: str) -> Parts:
    """One sentence: which children the gradient comes through, and the rule at each."""
    loss = derivation.model.loss
    if name == loss:
        return ("The loss itself: its gradient is 1.",)
    children = children_of(derivation, name)
    label, end = _sym(derivation, name), _sym(derivation, loss)
    if children == [loss]:
        head: Parts = (label, " enters ", end, " directly")
    elif len(children) == 1:
        head = (label, " enters ", end, " through ", _sym(derivation, children[0]), " only")
    else:
        more = f" and {len(children) - MOST_CHILDREN} more" if len(children) > MOST_CHILDREN else ""
        shown = enumerated([_sym(derivation, child) for child in children[:MOST_CHILDREN]])
        head = (label, f" is used {len(children)} times, in ", *shown, f"{more}: the contributions add up")
    return (*head, *rules_in_words(rules(derivation, name)), ".")


def reason(derivation: Derivation, name: str) -> str:
    """The same as Unicode text."""
    from .notation.text import text

    spelled: Notation = derivation.context.notation
    return "".join(part if isinstance(part, str) else text(part, spelled) for part in because(derivation, name))


def in_words(context: Context, parts: Parts) -> str:
    """Words and formulas as Unicode text."""
    from .notation.text import text

    return "".join(part if isinstance(part, str) else text(part, context.notation) for part in parts)


def children_of(derivation: Derivation, name: str) -> list[str]:
    """The nodes through which the gradient at a name comes, in the order of the network."""
    return list(dict.fromkeys(c.child for c in reversed(derivation.contributions[name])))


def rules(derivation: Derivation, name: str) -> list[str]:
    """The keys of RULES, or names of functions, that are used at a name's children."""
    equations = derivation.model.equations
    if derivation.untaken is not None and derivation.gradient(name).before is not None:
        equations = derivation.untaken.model.equations
    found = dict.fromkeys(r for c in children_of(derivation, name) for r in local_rules(equations[c].term, name))
    strong = [rule for rule in found if rule not in WEAK]
    return strong[:MOST_RULES] or (list(found) if len(found) == 1 else [])


def rules_in_words(keys: Iterable[str]) -> Parts:
    """The rules, each after a semicolon."""
    parts: list[Part] = []
    for key in keys:
        parts += ["; ", *RULES.get(key, (f"derivative of {key}, entry by entry",))]
    return tuple(parts)


def enumerated(trees: Iterable[Tree]) -> Parts:
    """The formulas with commas between them."""
    parts: list[Part] = []
    for tree in trees:
        parts += [", ", tree] if parts else [tree]
    return tuple(parts)


def _sym(derivation: Derivation, name: str) -> Tree:
    return Sym(name, derivation.context.kind(name))


def local_rules(term: Term, name: str) -> list[str]:
    """The rules used on the way from an equation's right-hand side down to a symbol in it."""
    holds: dict[Term, bool] = {}
    for inner in reversed(children_last(term)):
        own = isinstance(inner, Symbol) and inner.name == name
        holds[inner] = own or any(holds[c] for c in inner.children)
    found = [_rule(inner, holds) for inner in children_last(term) if holds[inner]]
    return list(dict.fromkeys(rule for rule in found if rule))


def _rule(term: Term, holds: dict[Term, bool]) -> str:
    """The rule of one term; empty for what needs none."""
    if isinstance(term, Map):
        return term.head
    if isinstance(term, Special):
        return term.operation
    if isinstance(term, TermSum):
        signs = {c > 0 for c, x in term.terms if holds[x]}
        return "summand" if signs == {True} else "minus" if signs == {False} else ""
    return _product_rule(term, holds) if isinstance(term, Product) else ""


def _product_rule(term: Product, holds: dict[Term, bool]) -> str:
    active = [f for f in term.factors if holds[f[0]]]
    if len(active) != 1:
        return "product" if active else ""
    _, labels, exponent = active[0]
    if exponent != 1:
        return "square" if exponent == 2 else "power" if exponent > 0 else "quotient"
    others = [f for f in term.factors if not holds[f[0]]]
    shared = {x for f in others if not isinstance(f[0], Bracket) for x in f[1] if x in labels}
    if shared & set(term.summed):
        return "matrix" if term.order else "inner"
    if any(isinstance(f[0], Bracket) for f in others):
        return "part"
    if shared:
        return "times"
    if set(labels) & set(term.summed):
        return "total"
    if set(range(term.order)) - set(labels) - {x for f in others for x in f[1]}:
        return "copies"
    return "scaled" if any(isinstance(f[0], Symbol) for f in others) else ""
