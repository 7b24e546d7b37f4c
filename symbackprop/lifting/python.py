"""Python's own functions on values: range, zip, len, sum and their like."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..errors import ReadError
from ..tensor.normal import apply
from .arguments import Arguments
from .arrays import binary, built, common_sort, sort_of, term_of
from .containers import iterable
from .library import NUMPY
from .shaping import cast
from .values import Array, Items, Library, Origin, Positions, Table, Value, whole


def _range(call: Arguments) -> Value:
    bounds = call.args
    if all(isinstance(b, int) for b in bounds) and 1 <= len(bounds) <= 3:
        numbers = range(*[int(b) for b in bounds if isinstance(b, int)])
        if len(numbers) > 100_000:
            raise ReadError(f"a range of {len(numbers):,} numbers is too long to be read.")
        return Items(list(numbers), True)
    return NUMPY["arange"](call)


def _len(call: Arguments) -> Value:
    (x,) = call.bound("x")
    if isinstance(x, Array) and x.term.sizes:
        return whole(x.term.sizes[0])
    if isinstance(x, Positions) and x.integers.sizes:
        return whole(x.integers.sizes[0])
    items = iterable(x)
    if items is None:
        raise ReadError("this has no length.")
    return len(items)


def _loop(call: Arguments) -> list[list[Value]]:
    found: list[list[Value]] = []
    for value in call.args:
        items = iterable(value)
        if items is None:
            raise ReadError("how many items this has depends on the sizes.", remedy="Use whole arrays.")
        found.append(items)
    return found


def _zip(call: Arguments) -> Value:
    return Items([Items(list(row), True) for row in zip(*_loop(call), strict=False)])


def _enumerate(call: Arguments) -> Value:
    start = call.options.get("start", call.args[1] if len(call.args) > 1 else 0)
    if not isinstance(start, int):
        raise ReadError("`enumerate` begins with a whole number.")
    items = _loop(Arguments("enumerate", call.args[:1]))[0]
    return Items([Items([k, item], True) for k, item in enumerate(items, start)])


def _reversed(call: Arguments) -> Value:
    value = call.args[0] if call.args else None
    items = _loop(call)[0]
    origins = list(reversed(value.origins)) if isinstance(value, Items) else []
    return Items(items[::-1], origins=origins)


def _list(call: Arguments) -> Value:
    value = call.args[0] if call.args else None
    origins: list[Origin | None] = list(value.origins) if isinstance(value, Items) else []
    return Items(_loop(call)[0] if call.args else [], origins=origins)


def _tuple(call: Arguments) -> Value:
    found = _list(call)
    assert isinstance(found, Items)
    found.fixed = True
    return found


def _dict(call: Arguments) -> Value:
    found = Table({})
    for argument in call.args:
        if isinstance(argument, Table):
            found.entries.update(argument.entries)
            continue
        for pair in iterable(argument) or []:
            items = iterable(pair)
            if items is None or len(items) != 2:
                raise ReadError("`dict` takes pairs.")
            found.entries[items[0]] = items[1]
    found.entries.update(call.options)
    return found


def _sum(call: Arguments) -> Value:
    value = call.args[0] if call.args else None
    if isinstance(value, (Array, Positions)):
        return NUMPY["sum"](Arguments("sum", [value, 0]))
    result: Value = call.args[1] if len(call.args) > 1 else call.options.get("start", 0)
    for item in _loop(Arguments("sum", call.args[:1]))[0]:
        result = binary("add", result, item)
    return result


def _extreme(row: str) -> Callable[[Arguments], Value]:
    def build(call: Arguments) -> Value:
        items = call.args if len(call.args) > 1 else _loop(call)[0]
        if items and all(isinstance(i, (int, Fraction)) for i in items):
            numbers = [i for i in items if isinstance(i, (int, Fraction))]
            return max(numbers) if row == "maximum" else min(numbers)
        terms = [term_of(item) for item in items]
        if not terms or any(t.sizes for t in terms):
            raise ReadError("Python's max and min take single numbers.", remedy=f"Write `np.{row}`.")
        result = terms[0]
        for term in terms[1:]:
            result = built(row, result, term)
        return Array(result, common_sort(*items))

    return build


def _float(call: Arguments) -> Value:
    (x,) = call.bound("x", needed=0)
    if x is None or isinstance(x, str):
        raise ReadError("`float` is read for numbers only.")
    term = term_of(x)
    if term.sizes and any(s.number != 1 for s in term.sizes):
        raise ReadError("`float` takes one number.")
    if isinstance(x, (int, Fraction)):
        return Fraction(x)
    return Array(built("reshape", term))


def _int(call: Arguments) -> Value:
    (x,) = call.bound("x")
    if sort_of(x) == "float" and not isinstance(x, Fraction):
        raise ReadError("a cast to integers cuts off what is behind the point.")
    return int(x) if isinstance(x, Fraction) else x


def _str(call: Arguments) -> Value:
    (x,) = call.bound("x", needed=0)
    if isinstance(x, (int, str)):
        return str(x)
    raise ReadError("what this string holds is not known.")


def _abs(call: Arguments) -> Value:
    (x,) = call.bound("x")
    if isinstance(x, (int, Fraction)):
        return x if x >= 0 else -x
    return Array(apply("abs", [term_of(x)]), sort_of(x))


def _pow(call: Arguments) -> Value:
    x, y = call.bound("x", "y", needed=2)
    return binary("power", x, y)


BUILTINS: dict[str, Callable[[Arguments], Value]] = {
    "range": _range, "len": _len, "zip": _zip, "enumerate": _enumerate, "reversed": _reversed, "list": _list,
    "tuple": _tuple, "dict": _dict, "sum": _sum, "max": _extreme("maximum"), "min": _extreme("minimum"),
    "float": _float, "int": _int, "str": _str, "abs": _abs, "pow": _pow,
    "bool": lambda call: cast(call.bound("x")[0], Library("bool")),
}  # fmt: skip  # a table
