"""Identifiers of generated code: the author's names where nothing else has them, never a keyword, never a collision."""

from __future__ import annotations

from collections.abc import Iterable
from keyword import iskeyword

from ..tensor.size import Floor, Size


def argument_names(names: Iterable[str]) -> dict[str, str]:
    """How each symbol is called in a signature: itself, or with `_kw` if it is a keyword of Python."""
    names = list(names)
    taken = set(names)
    result: dict[str, str] = {}
    for name in names:
        shown = name
        while iskeyword(shown) or (shown != name and shown in taken):
            shown += "_kw"
        taken.add(shown)
        result[name] = shown
    return result


class Names:
    """The local names of one function. The author's end in no underscore, so one more underscore is always free."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self.taken = set(reserved)

    def new(self, wanted: str) -> str:
        """The name, or the nearest one that is free."""
        name = wanted
        if iskeyword(name) or name in self.taken:
            name = wanted + "_"
        count = 1
        while name in self.taken:
            count += 1
            name = f"{wanted}_{count}_"
        self.taken.add(name)
        return name

    def numbered(self, stem: str) -> str:
        """stem1, stem2, ...: the first that is free."""
        count = 1
        while f"{stem}{count}" in self.taken:
            count += 1
        return self.new(f"{stem}{count}")


def size_text(value: Size, names: dict[str, str], inside: bool = False) -> str:
    """A size as an expression of Python; `inside` a larger one, in parentheses where they are needed."""
    parts: list[str] = []
    monomials = [m for m in value.monomials if m[1] > 0] + [m for m in value.monomials if m[1] < 0]
    for monomial, coefficient in monomials:
        factors: list[str] = []
        for atom, power in monomial:
            if isinstance(atom, Floor):
                text = f"({size_text(atom.numerator, names, inside=True)} // {atom.divisor})"
            else:
                text = names[atom]
            factors.append(text if power == 1 else f"{text}**{power}")
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        body = " * ".join(factors)
        sign = "-" if coefficient < 0 else "+"
        parts.append(f" {sign} {body}" if parts else ("-" if coefficient < 0 else "") + body)
    text = "".join(parts) or "0"
    return f"({text})" if inside and (len(parts) > 1 or " * " in text or text.startswith("-")) else text


def shape_text(sizes: Iterable[Size], names: dict[str, str]) -> str:
    """A shape as a tuple of Python."""
    items = [size_text(s, names) for s in sizes]
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


__all__ = ["Names", "argument_names", "shape_text", "size_text"]
