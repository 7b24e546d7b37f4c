"""Arithmetic between values as NumPy does it, on terms: broadcasting, truth values, which arrays share memory."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from ..errors import ReadError, ShapeError, SymbackpropError
from ..functions import FUNCTIONS
from ..functions.positions import constant_at
from ..functions.shapes import widened
from ..tensor.heads import HEADS
from ..tensor.normal import apply, as_number, number
from ..tensor.size import Size, size
from ..tensor.substitute import subterms
from ..tensor.terms import Constant, Dim, Map, Product, Special, Term
from .scope import LARGEST_POWER
from .values import Array, Chosen, Items, Positions, Sort, Value, as_term, whole

TOTAL = frozenset({"softmax", "log_softmax", "logsumexp", "argmax", "stop"})
LONGEST_LIST = 10_000
LARGEST_NUMBER = 10**300
_ORDER: tuple[Sort, ...] = ("bool", "int", "float")
_COMPARISONS = frozenset({"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"})


@lru_cache(maxsize=8192)
def built(name: str, *args: object, **options: object) -> Term:
    """What a function of the table makes of these arguments; asked again, it need not make it again."""
    return FUNCTIONS[name].build(*args, **options)


def sort_of(value: Value) -> Sort:
    """Whether a value holds truth values, integers, or floating-point numbers."""
    if isinstance(value, Array):
        return value.sort
    if isinstance(value, bool):
        return "bool"
    return "int" if isinstance(value, (int, Size, Positions)) else "float"


def common_sort(*values: Value) -> Sort:
    """The sort of what is computed from values."""
    return _ORDER[max(_ORDER.index(sort_of(v)) for v in values)]


def term_of(value: Value, what: str = "this") -> Term:
    """The value as a term; ReadError if it is none. A list of numbers or arrays is stacked."""
    if isinstance(value, Items):
        if not value.items:
            raise ReadError(f"{what} is an empty list, which is no array.")
        return built("stack", tuple(term_of(item, what) for item in value.items))
    found = as_term(value)
    if found is None:
        raise ReadError(f"{what} is {described(value)}, not an array.")
    return found


def described(value: Value) -> str:
    """What sort of thing a value is, in words."""
    from .values import Function, Library, Listed, Method, Table

    if value is None:
        return "None"
    words: tuple[tuple[type, str], ...] = (
        (str, "a string"), (Table, "a dictionary"), (Items, "a list"), (Listed, "a list of parameters"),
        (Function, "a function"), (Library, "a function"), (Method, "a method"), (Chosen, "a choice of entries"),
    )  # fmt: skip
    return next((text for kind, text in words if isinstance(value, kind)), "something else")


def negative(value: Value) -> Value:
    """−x."""
    if isinstance(value, bool):
        return -int(value)
    if isinstance(value, (int, Fraction, Size)):
        return -value
    if isinstance(value, Chosen):
        return Chosen(-value.values, value.mask)
    if sort_of(value) == "bool":
        raise ReadError("NumPy has no minus for truth values.", remedy="Write `~mask`, or `1 - mask`.")
    if isinstance(value, Positions):
        return Positions(value.integers.times(size(-1)))
    return Array(-term_of(value), common_sort(value))


def inverted(value: Value) -> Value:
    """`~mask`."""
    if sort_of(value) != "bool" or isinstance(value, bool):
        raise ReadError("`~` is read for arrays of truth values only.", remedy="Write `1 - mask`.")
    return Array(1 - term_of(value), "bool")


def binary(op: str, a: Value, b: Value) -> Value:
    """`a op b`, for an operator by its name in the table of functions (and `mod`, `and`, `or`)."""
    if isinstance(a, (Items, str)) or isinstance(b, (Items, str)):
        found = _sequences(op, a, b)
        if found is not None:
            return found
    if isinstance(a, Chosen) or isinstance(b, Chosen):
        return _chosen(op, a, b)
    if op in ("matmul", "dot"):
        return Array(built(op, term_of(a), term_of(b)), common_sort(a, b))
    exact = _numbers(op, a, b)
    if exact is not None:
        return exact
    return _arrays(op, a, b)


def _numbers(op: str, a: Value, b: Value) -> Value:
    """The result for Python numbers, sizes and positions; None if it is none of these."""
    if isinstance(a, Positions) or isinstance(b, Positions):
        return _positions(op, a, b)
    if not isinstance(a, (int, Fraction, Size)) or not isinstance(b, (int, Fraction, Size)):
        return None
    if op in _COMPARISONS:
        return compared(op, a, b)
    if isinstance(a, Size) or isinstance(b, Size):
        if isinstance(a, Fraction) or isinstance(b, Fraction):
            return None
        if op == "floordivide" and not isinstance(b, Size) and b > 0:
            return whole(size(a) // b)
        if op in ("add", "subtract", "multiply"):
            x, y = size(a), size(b)
            return whole(x + y if op == "add" else x - y if op == "subtract" else x * y)
        return None
    if op in ("divide", "floordivide", "mod") and not b:
        raise ReadError("this divides by zero.", remedy="Check the divisor.")
    if op == "power":
        return _power(a, b)
    result: Value = None
    if op == "add":
        result = a + b
    elif op == "subtract":
        result = a - b
    elif op == "multiply":
        result = a * b
    elif op == "divide":
        result = Fraction(a) / Fraction(b)
    elif op == "floordivide":
        result = a // b
    elif op == "mod":
        result = a % b
    if isinstance(result, (int, Fraction)) and not -LARGEST_NUMBER <= result <= LARGEST_NUMBER:
        raise ReadError("this number is out of range.", remedy="Numbers go to 1e300.")
    return result


def _power(a: int | Fraction, b: int | Fraction) -> Value:
    large = not -LARGEST_POWER <= b <= LARGEST_POWER
    if large or (not -50 <= b <= 50 and not -(10**6) <= a <= 10**6):
        raise ReadError("the exponent is too large.", remedy=f"Exponents go to {LARGEST_POWER}.")
    if b.denominator != 1:
        return None
    if not a and b < 0:
        raise ReadError("this divides by zero.", remedy="Check the exponent.")
    found = Fraction(a) ** int(b)
    return int(found) if isinstance(a, int) and isinstance(b, int) and b >= 0 else found


def _positions(op: str, a: Value, b: Value) -> Value:
    """Sums and multiples of positions are positions; anything else makes numbers of them."""
    if op not in ("add", "subtract", "multiply"):
        return None
    x, y = (
        v.integers if isinstance(v, Positions) else constant_at(size(v)) if isinstance(v, (int, Size)) else None
        for v in (a, b)
    )
    if x is None or y is None:
        return None
    if op == "multiply":
        if x.is_constant:
            return Positions(y.times(x.constant))
        return Positions(x.times(y.constant)) if y.is_constant else None
    return Positions(x.plus(y, 1 if op == "add" else -1))


def compared(op: str, a: int | Fraction | Size, b: int | Fraction | Size) -> bool:
    """A comparison of numbers and sizes; ReadError if it depends on a size that is a letter."""
    if isinstance(a, Size) or isinstance(b, Size):
        if isinstance(a, Fraction) or isinstance(b, Fraction):
            raise ReadError("this depends on a size that is a letter.")
        x, y = size(a), size(b)
        difference = (x - y).number
        if difference is None:
            surely = _surely(op, x - y)
            if surely is None:
                raise ReadError(f"whether {x} and {y} are so depends on the sizes.", remedy="Fix the sizes.")
            return surely
        a, b = difference, 0
    results = {
        "greater": a > b, "greater_equal": a >= b, "less": a < b, "less_equal": a <= b, "equal": a == b,
        "not_equal": a != b,
    }  # fmt: skip
    return results[op]


def _surely(op: str, difference: Size) -> bool | None:
    """A comparison that holds, or fails, whatever the sizes are; None if it depends on them."""
    positive = (difference - 1).surely_nonnegative()
    nonnegative = difference.surely_nonnegative()
    negative = (-difference - 1).surely_nonnegative()
    nonpositive = (-difference).surely_nonnegative()
    known: dict[str, tuple[bool, bool]] = {
        "greater": (positive, nonpositive),
        "greater_equal": (nonnegative, negative),
        "less": (negative, nonnegative),
        "less_equal": (nonpositive, positive),
        "equal": (False, positive or negative),
        "not_equal": (positive or negative, False),
    }
    yes, no = known[op]
    return True if yes else False if no else None


def _sequences(op: str, a: Value, b: Value) -> Value:
    """`+` and `*` of lists, tuples and strings; None if the operation is meant for arrays."""
    if op == "add" and isinstance(a, str) and isinstance(b, str):
        return a + b
    if op == "add" and isinstance(a, Items) and isinstance(b, Items):
        return Items([*a.items, *b.items], a.fixed)
    if op == "multiply":
        items, count = (a, b) if isinstance(a, Items) else (b, a)
        if isinstance(items, Items) and isinstance(count, int):
            if len(items.items) * count > LONGEST_LIST:
                raise ReadError("this list is too long to be read.")
            return Items(items.items * count, items.fixed)
    if op in ("equal", "not_equal") and (isinstance(a, str) or isinstance(b, str)):
        return (a == b) == (op == "equal")
    if isinstance(a, str) or isinstance(b, str):
        raise ReadError("there is no such operation with a string.")
    return None


def _chosen(op: str, a: Value, b: Value) -> Value:
    """Arithmetic on `x[mask]`: entry by entry, with numbers or with a choice by the same mask."""
    masks = [v.mask for v in (a, b) if isinstance(v, Chosen)]
    if any(m is not masks[0] for m in masks):
        raise ShapeError("these are entries chosen by different masks.")
    parts: list[Value] = []
    for value in (a, b):
        if isinstance(value, Chosen):
            parts.append(Array(value.values))
        elif (term := as_term(value)) is not None and not term.sizes:
            parts.append(value)
        else:
            raise ReadError("entries chosen by a mask go with numbers and with entries chosen by the same mask only.")
    return Chosen(term_of(binary(op, parts[0], parts[1])), masks[0])


def _arrays(op: str, a: Value, b: Value) -> Value:
    x, y = term_of(a), term_of(b)
    sort = common_sort(a, b)
    if op in _COMPARISONS:
        return Array(built(op, x, y), "bool")
    if op in ("and", "or") or (sort == "bool" and op in ("add", "multiply", "subtract")):
        return _logic(op, x, y, sort)
    if op == "mod":
        raise ReadError("`%` of arrays is not read.")
    if op == "power":
        return Array(_raised(x, y), sort)
    if op == "divide" and as_number(y) == 0:
        raise ReadError("this divides by zero.", remedy="Check the divisor.")
    return Array(built(op, x, y), "float" if op == "divide" else sort)


def _logic(op: str, x: Term, y: Term, sort: Sort) -> Value:
    """Truth values: `&` and `*` are "and", `|` and `+` are "or"; NumPy refuses `-`."""
    if sort != "bool":
        raise ReadError("`&` and `|` are read for arrays of truth values only.", remedy="Multiply masks.")
    if op == "subtract":
        raise ReadError("NumPy has no minus for truth values.", remedy="Write `a & ~b`.")
    both = built("multiply", x, y)
    if op in ("and", "multiply"):
        return Array(both, "bool")
    return Array(built("subtract", built("add", x, y), both), "bool")


def _raised(x: Term, y: Term) -> Term:
    exponent = as_number(y)
    if exponent is not None and not -LARGEST_POWER <= exponent <= LARGEST_POWER:
        raise ReadError("the exponent is too large.", remedy=f"Exponents go to {LARGEST_POWER}.")
    if exponent is None and isinstance(x, Map) and x.head == "exp" and as_number(x.children[0]) == 1:
        return built("exp", y)
    return built("power", x, y)


def is_mask(value: Value) -> bool:
    """True for an array of truth values."""
    return isinstance(value, Array) and value.sort == "bool"


def chosen_by(condition: Value, x: Value, y: Value) -> Value:
    """x where the condition is true, else y."""
    test = term_of(condition)
    if sort_of(condition) != "bool":
        test = 1 - apply("iszero", [test])
    test, one, other = widened([test, term_of(x), term_of(y)])[1]
    if other.is_zero and is_total(one):
        positive = isinstance(test, Map) and test.head == "step" and test.children[0] is one
        return Array(apply("relu", [one]) if positive else built("multiply", test, one), common_sort(x, y))
    if one.is_zero and is_total(other):
        return Array(built("multiply", 1 - test, other), common_sort(x, y))
    return Array(apply("where", [test, one, other]), common_sort(x, y))


def is_total(term: Term) -> bool:
    """True if a term has a finite value for all numbers, so that 0 times it is 0."""
    for inner in subterms(term):
        if isinstance(inner, Map) and HEADS[inner.head].conditions:
            return False
        if isinstance(inner, Special) and inner.operation not in TOTAL:
            return False
        if isinstance(inner, Product):
            if any(
                not (isinstance(e, int) and e > 0) and not isinstance(t, (Dim, Constant)) for t, _, e in inner.factors
            ):
                return False
    return True


# ------------------------------------------------------------------ memory


def view(parent: Array, term: Term) -> Array:
    """A new array that shares the parent's memory."""
    root = parent.base or parent
    found = Array(term, parent.sort, base=root)
    root.views.append(found)
    return found


def changed(array: Array, term: Term, because: SymbackpropError) -> None:
    """Put new entries into an array; what shares its memory is not followed any more."""
    root = array.base or array
    for other in (root, *root.views):
        if other is not array:
            other.stale = because
    array.term = term
    array.literal = False


def same_shape(x: Term, y: Term) -> bool:
    """True if the shapes are one."""
    return len(x.sizes) == len(y.sizes) and all(a is b for a, b in zip(x.sizes, y.sizes, strict=True))


def filled(value: int, sizes: Sequence[Size], sort: Sort = "float") -> Array:
    """An array with one number everywhere."""
    return Array(number(value, tuple(sizes)), sort)
