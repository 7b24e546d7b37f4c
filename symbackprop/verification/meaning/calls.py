"""Functions in a row of factors: which letters are functions, and what they are applied to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ...paper.lexemes import FormulaError
from ...paper.tree import Atom, Big, Compare, Group, Listing, Named, Num, Product, Script, Tree
from ...tensor.normal import apply, number
from ...tensor.terms import Symbol, Term
from . import functions
from .functions import ELEMENTWISE, WHOLE, Function
from .gradients import gradient_behind, is_delta_before, named_gradient
from .letters import key_of, name_of, running
from .lexicon import BRACKETS, Words, split_scripts
from .scope import Definition, Scope
from .values import Value, unique

if TYPE_CHECKING:
    from .elaborate import Elaborator

EXPECTATIONS = frozenset({"E"})
EXTREMES = frozenset({"max", "min", "argmax"})


def call(
    e: Elaborator, factors: Sequence[Tree], signs: Sequence[str], at: int, scope: Scope
) -> tuple[list[Value], int] | None:
    """The value of a function with its argument, or of a named gradient `dW`, and how many factors that takes."""
    head = factors[at]
    following = factors[at + 1] if at + 1 < len(factors) and signs[at] == "" else None
    if isinstance(head, Num) and head.value == 1 and _is_condition(following):
        return e.values(following, scope), 2  # type: ignore[arg-type]  # there is one
    if isinstance(head, Atom) and (head.base in ("1", "I", "\\chi") and _is_condition(following)):
        return e.values(following, scope), 2  # type: ignore[arg-type]  # the same
    if isinstance(head, Atom) and head.base == "1" and head.font:
        below = condition_below(e, head, scope)
        if below is not None:
            return below, 1
    if isinstance(head, Atom) and head.base == "d" and not head.scripts and following is not None:
        gradient = named_gradient(e, head, following, scope)
        if gradient is not None:
            return gradient, 2
    if is_delta_before(e, head, following):
        gradient = gradient_behind(e, following, scope)
        if gradient is not None:
            return gradient, 2
    if isinstance(head, Named):
        if head.name in e.model.functions:
            return _declared(e, factors, signs, at, scope, head.name, head.primes, head.scripts)
        return _of_its_variables(e, head, following, scope)
    if not isinstance(head, Atom):
        return None
    name = _function_name(e, head, scope)
    if name is not None:
        return _declared(e, factors, signs, at, scope, name, head.primes, _without_index(e, head, name))
    own = own_function(e, head)
    if own is not None and own.parameters and isinstance(following, Group):
        return _defined(e, head, following, scope), 2
    if own is not None or head.base in scope.bound or e.lexicon.matches(running(head, scope)):
        return _of_its_variables(e, head, following, scope)
    return _customary(e, factors, signs, at, scope)


# ---------------------------------------------------------------------- indicators, named gradients


def _is_condition(tree: Tree | None) -> bool:
    return isinstance(tree, Group) and isinstance(tree.body, Compare)


def condition_below(e: Elaborator, head: Atom, scope: Scope) -> list[Value] | None:
    r"""\mathbb{1}_{z > 0}."""
    from ...paper.parse import Reader

    for script in head.scripts:
        if script.sign == "_" and any(x.text in ("=", ">", "<", "\\neq", "\\leq", "\\geq") for x in script.lexemes):
            reader = Reader(" " * (script.lexemes[-1].end + 1), e.lexicon.stretches, e.lexicon.words, script.lexemes)
            condition = reader.compared(0)
            if isinstance(condition, Group) and condition.left in ("\\{", "(", "[") and not condition.scripts:
                condition = condition.body
            if isinstance(condition, Compare):
                return [e.indicator(condition, scope)]
    return None


# ---------------------------------------------------------------------- which letters are functions


def _function_name(e: Elaborator, head: Atom, scope: Scope) -> str | None:
    """The network's own function of that letter: f_3 in f_3'(x)."""
    for match in e.lexicon.matches(running(head, scope)):
        if match.name in e.model.functions:
            return match.name
    return None


def _without_index(e: Elaborator, head: Atom, name: str) -> tuple[Script, ...]:
    """The scripts that are a power, not the function's own index."""
    for match in e.lexicon.matches(head):
        if match.name == name and match.sup and match.sup[0].isdigit():
            return tuple(s for s in head.scripts if s.sign == "^")
    return ()


def _declared(
    e: Elaborator,
    factors: Sequence[Tree],
    signs: Sequence[str],
    at: int,
    scope: Scope,
    name: str,
    primes: int,
    scripts: Sequence[Script],
) -> tuple[list[Value], int]:
    constants: dict[str, Term] = {d.name: d.term for d in e.model.declarations.values() if d.role != "index"}
    function = functions.declared(e.model.functions[name], dict(e.model.functions), constants)
    values, used = argument(e, factors, signs, at, scope)
    _, sup = split_scripts(scripts)
    made = applied(e, factors[at], function, values, primes, sup, scope)
    return finished(e, factors[at + used - 1], made, scope), used


def _of_its_variables(
    e: Elaborator, head: Tree, following: Tree | None, scope: Scope
) -> tuple[list[Value], int] | None:
    """`J(w)`, `h(x)`: a scalar or node written with what it depends on, if that is what stands in the brackets."""
    from .letters import primed

    if not isinstance(following, Group) or following.left != "(" or following.scripts or following.primes:
        return None
    assert isinstance(head, (Atom, Named))
    bare = replace(head, primes=0)
    name = name_of(e, bare, scope)
    if name is None or name not in e.model.equations:
        return None
    inside = following.body.items if isinstance(following.body, Listing) else (following.body,)
    variables = [name_of(e, item, scope) for item in inside]
    ancestors = e.names.derivation.graph.ancestors([name])
    whole = name == e.model.loss
    known = all(v is not None and (v in ancestors or whole) for v in variables)
    if not known and not (whole and all(isinstance(item, Atom) for item in inside)):
        return None
    if head.primes:
        if len(variables) == 1 and variables[0] is not None:
            of = variables[0]
            if head.primes == 1:
                return [
                    e.names.gradient(of, name) if whole or not e.names.value(name).sizes else e.names.jacobian(name, of)
                ], 2
            return [e.names.hessian(of, of, name)], 2
        return primed(e, head, name, head.primes), 2
    values = e.values(bare, scope)
    if whole:
        return values, 2
    as_product = _tried(e, Product((bare, following), ("",), head.start, following.end), scope)
    noted = [v.noted(f"{name}(…) is the value of {name}") for v in values] if as_product else values
    return unique([*noted, *as_product]), 2


def _tried(e: Elaborator, tree: Product, scope: Scope) -> list[Value]:
    from .products import joined

    try:
        operands = [(e.values(f, scope), f) for f in tree.factors]
        return joined(e, tree, operands, list(tree.signs), scope)
    except FormulaError:
        return []


def own_function(e: Elaborator, head: Atom) -> Definition | None:
    """What the answer says of a letter; `f(x)` is also the only function f with an index, f_θ(x)."""
    exact = e.definitions.get(key_of(replace(head, primes=0)))
    if exact is not None or head.scripts:
        return exact
    stem = f"{head.base}|{','.join(head.accents)}|"
    found = [d for key, d in e.definitions.items() if key.startswith(stem) and d.parameters]
    return found[0] if len(found) == 1 else None


def _defined(e: Elaborator, head: Atom, following: Group, scope: Scope) -> list[Value]:
    """A function that the answer defines: u(x) = {1 if x > 0, ...}, applied."""
    own = own_function(e, head)
    assert own is not None
    given = following.body.items if isinstance(following.body, Listing) else (following.body,)
    if len(given) != len(own.parameters):
        e.refuse(following, f"{head.base} takes {len(own.parameters)} arguments, not {len(given)}")
    bound = {p: tuple(e.values(t, scope)) for p, t in zip(own.parameters, given, strict=True)}
    if scope.depth > 12:
        e.refuse(head, "its definition goes in a circle, or through too many others")
    inside = replace(scope, bound={**scope.bound, **bound}, depth=scope.depth + 1)
    if head.primes:
        (parameter,) = own.parameters
        return [_slope(e, own.body, parameter, v, inside, head.primes) for v in bound[parameter]]
    return e.with_scripts(following, e.values(own.body, inside), following.primes, following.scripts, scope)


def _slope(e: Elaborator, body: Tree, parameter: str, at: Value, scope: Scope, order: int) -> Value:
    def build(x: Term) -> Term:
        inner = replace(scope, bound={**scope.bound, parameter: (replace(at, term=x),)})
        return e.values(body, inner)[0].term

    return Function(parameter, build).derivative_of(at, order)


# ---------------------------------------------------------------------- functions by custom


def _customary(
    e: Elaborator, factors: Sequence[Tree], signs: Sequence[str], at: int, scope: Scope
) -> tuple[list[Value], int] | None:
    """exp, tanh, softmax, tr, and activations that the answer calls g or σ."""
    head = factors[at]
    assert isinstance(head, Atom)
    following = factors[at + 1] if at + 1 < len(factors) and signs[at] == "" else None
    sub, sup = split_scripts(head.scripts)
    if head.base in ("E",) and isinstance(following, Group):
        from .wholes import expectation

        return expectation(e, following, scope), 2
    if head.base in EXTREMES and isinstance(following, Group) and isinstance(following.body, Listing):
        from .wholes import extreme

        return extreme(e, head.base, following.body, scope), 2
    if head.base in WHOLE and following is not None:
        from .wholes import whole

        return whole(e, head, factors, signs, at, scope, sup)
    if following is None or head.accents:
        return None
    bracketed = isinstance(following, Group)
    word = len(head.base.lstrip("\\")) > 1 and not head.base.startswith("\\")
    if not bracketed and not word and not (head.primes and head.base in ELEMENTWISE) and head.base != "\\sigma":
        return None
    if not bracketed and not word and head.base not in ("\\sigma", "\\tanh"):
        return None
    letter_function = bracketed and (head.base in ELEMENTWISE or head.base in functions.ACTIVATIONS or head.primes)
    if not word and not letter_function and head.base != "\\sigma":
        return None
    values, used = argument(e, factors, signs, at, scope)
    if sup[:1] and sup[0] in BRACKETS:  # the layer of g^{[1]}
        sup = sup[sup.index(BRACKETS[sup[0]]) + 1 :] if BRACKETS[sup[0]] in sup else sup
    found: list[Value] = []
    for value in values:
        function = _meant(e, head, value, sub)
        if function is None:
            continue
        found += applied(e, head, function, [value], head.primes, sup, scope)
    if not found:
        if head.base in functions.ACTIVATIONS or bracketed:
            e.refuse(
                head,
                f"what the function {head.base.lstrip(chr(92))} is does not follow from the network",
                "Declare it: `g: function(relu)`.",
            )
        return None
    return finished(e, factors[at + used - 1], unique(found), scope), used


def _meant(e: Elaborator, head: Atom, value: Value, sub: Sequence[Words]) -> Function | None:
    """The function by custom, or the activation that the network applies to just that argument."""
    base = head.base
    if base == "log" and sub and sub[0] not in (("e",),):
        if len(sub[0]) == 1 and sub[0][0].isdigit():
            ten = apply("log", [number(Fraction(sub[0][0]))])
            return Function("log", lambda x: apply("log", [x]) * (ten**-1))
        return None
    letter = len(base.lstrip("\\")) == 1 or base.startswith("\\")
    activation = _activation(e, value) if letter else None
    density = base == "\\phi" and not head.primes and _uses(e, "normal_cdf")
    if base in functions.ACTIVATIONS and activation is not None and base not in ("H", "u") and not density:
        custom = functions.known(base)
        if custom is None or (base == "\\sigma" and not _uses(e, "sigmoid")):
            e.notes[f"{base.lstrip(chr(92))} is {activation.name}"] = None
            return activation
        return custom
    custom = functions.known(base)
    if custom is None and base == "\\phi" and _uses(e, "normal_cdf"):
        return Function("normal_pdf", lambda x: apply("normal_pdf", [x]))
    if custom is not None:
        return custom
    if base in functions.ACTIVATIONS:
        only = _only_activation(e)
        if only is not None:
            e.notes[f"{base.lstrip(chr(92))} is {only.name}"] = None
        return only
    return None


def _uses(e: Elaborator, head: str) -> bool:
    from ...tensor.substitute import subterms
    from ...tensor.terms import Map

    return any(isinstance(t, Map) and t.head == head for eq in e.model.equations.values() for t in subterms(eq.term))


def _activation(e: Elaborator, value: Value) -> Function | None:
    """What the network applies to a value that is one of its nodes."""
    term = value.term
    if not isinstance(term, Symbol):
        return None
    for equation in e.model.equations.values():
        found = functions.activation_at(equation.term, term)
        if found is not None and equation.name != e.model.loss:
            return found
    return None


def _only_activation(e: Elaborator) -> Function | None:
    """The activation, if the whole network has one only."""
    found: dict[str, Function] = {}
    for equation in e.model.equations.values():
        for name in e.names.derivation.graph.parents[equation.name]:
            if e.names.is_value(name):
                made = functions.activation_at(equation.term, e.names.value(name).term)  # type: ignore[arg-type]
                if made is not None and made.name != "activation":
                    found[made.name] = made
    return next(iter(found.values())) if len(found) == 1 else None


def argument(
    e: Elaborator, factors: Sequence[Tree], signs: Sequence[str], at: int, scope: Scope
) -> tuple[list[Value], int]:
    """What a function is applied to: the bracket or the one factor behind it; and how many factors that takes."""
    if at + 1 >= len(factors) or signs[at] not in ("",):
        e.refuse(factors[at], "the function needs an argument")
    following = factors[at + 1]
    if isinstance(following, Big):  # log Σ_j e^{z_j}
        rest = factors[at + 1 :]
        return e.values(Product(tuple(rest), tuple(signs[at + 1 :]), following.start, rest[-1].end), scope), len(
            factors
        ) - at
    if isinstance(following, Atom):
        nested = call(e, factors, signs, at + 1, scope)
        if nested is not None:
            return nested[0], 1 + nested[1]
    return e.values(argument_alone(following), scope), 2


def argument_alone(tree: Tree) -> Tree:
    """The bracket behind a function without what is written behind it: tanh(z)² is a square of tanh."""
    if isinstance(tree, Group) and tree.left in ("(", "[", "\\{"):
        return replace(tree, scripts=(), primes=0)
    return tree


def finished(e: Elaborator, tree: Tree, values: list[Value], scope: Scope) -> list[Value]:
    """The values of a function with what is written behind its argument's bracket."""
    if isinstance(tree, Group) and tree.left in ("(", "[", "\\{") and (tree.scripts or tree.primes):
        return e.with_scripts(tree, values, tree.primes, tree.scripts, scope)
    return values


def applied(
    e: Elaborator, head: Tree, function: Function, values: Sequence[Value], primes: int, sup: Words, scope: Scope
) -> list[Value]:
    """A function, or its derivative, at every reading of the argument; a power written at the function comes last."""
    try:
        made = [function.derivative_of(v, primes) if primes else function.of(v) for v in values]
    except (ValueError, ZeroDivisionError):
        e.refuse(head, "the function is not defined for this argument")
    return e.raised(head, made, sup, scope) if sup else made
