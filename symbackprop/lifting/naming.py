"""Which name of the code is which name of the network: exactly, in another spelling, in another case.

`W0`, `W_0` and `w_0` are one name as long as the network has only one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..network import Model

How = Literal["exact", "spelling", "case"]
_LOOKS = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s"})
_LOSSES = ("loss", "cost", "err", "error", "obj", "objective", "l", "j", "e", "c")
_STRONG = re.compile(r"^(?:grads?|gradients?|nabla|partial|deriv)_?(?P<rest>.+)$", re.IGNORECASE)
_BEHIND = re.compile(r"^(?P<rest>.+?)_?(?:grads?|gradients?)$", re.IGNORECASE)
_WEAK = re.compile(r"^(?P<prefix>[dDpgG])_?(?P<rest>.+)$")
_ERROR = re.compile(r"^delta_?(?P<rest>.+)$", re.IGNORECASE)  # at a node; at a parameter it is a step of training
_LAYER = re.compile(r"^delta_?(?P<layer>\d+)$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?P<letter>.*?[A-Za-z])_?(?P<number>\d+)$")


def plain(name: str) -> str:
    """The name without underscores: `W_1` and `W1` are one spelling."""
    return name.replace("_", "")


def look(name: str) -> str:
    """What a name looks like in a bad print: case, underscores, zero and o, one and l do not count."""
    return plain(name).lower().translate(_LOOKS)


def glyphs_alike(a: str, b: str) -> bool:
    """True if two names differ in look-alike characters only, as in a bad print; case and underscores count."""
    return a.translate(_LOOKS) == b.translate(_LOOKS)


@dataclass(frozen=True, slots=True)
class Named:
    """The target of a gradient's name; `weak`: the name is a letter in front of a symbol, which may mean other things.

    `prefix` is that letter.
    """

    target: str
    weak: bool = False
    prefix: str = ""


class Naming:
    """The names of one network, as code may write them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.names = (*model.declarations, *model.equations)
        self.sizes = frozenset(model.size_names())

    @cached_property
    def _spelled(self) -> dict[str, list[str]]:
        return _grouped(self.names, plain)

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        return _grouped(self.names, lambda name: plain(name).lower())

    def find(self, name: str, *, case: bool = True) -> tuple[str, How] | None:
        """The network's name, and how it was found; None if there is none or more than one."""
        if name in self.model.declarations or name in self.model.equations:
            return name, "exact"
        same = self._spelled.get(plain(name), [])
        if len(same) == 1:
            return same[0], "spelling"
        if same or not case:
            return None
        same = self._folded.get(plain(name).lower(), [])
        return (same[0], "case") if len(same) == 1 else None

    @cached_property
    def families(self) -> dict[str, dict[int, str]]:
        """Numbered names by letter: {"W": {0: "W_0", 1: "W_1"}}."""
        found: dict[str, dict[int, str]] = {}
        for name in self.names:
            numbered = _NUMBERED.match(name)
            if numbered:
                found.setdefault(numbered["letter"].rstrip("_"), {})[int(numbered["number"])] = name
        return found

    def family(self, letter: str) -> tuple[str, dict[int, str]] | None:
        """The numbered names of that letter, in another case or in the plural if need be; the letter that they have."""
        words = {"weights": "W", "weight": "W", "biases": "b", "bias": "b"}
        for wanted in (letter, letter.rstrip("_"), letter.removesuffix("s"), words.get(letter.lower(), letter)):
            for found in (wanted, wanted.upper(), wanted.lower()):
                if found in self.families and self.find(found, case=False) is None:
                    return found, self.families[found]
        return None

    # ------------------------------------------------------------------ gradients

    def gradient(self, name: str) -> Named | None:
        """What the name is the gradient at; None if it is no name of a gradient."""
        derived = self._derivative(name)
        if derived is not None:
            return Named(derived)
        known = self.find(name, case=False)
        if known is not None:
            return None
        strong = self._strong(name)
        if strong is not None:
            return Named(strong)
        weak = _WEAK.match(name)
        if weak:
            target = self._variable(weak["rest"])
            if target is not None:
                return Named(target, True, weak["prefix"])
        return None

    def gradients(self, name: str) -> tuple[dict[int, str], bool] | None:
        """The numbered names that a list of gradients `DW` is about."""
        for pattern in (_STRONG, _BEHIND, _WEAK):
            found = pattern.match(name)
            if found and self.find(name, case=False) is None:
                family = self.family(found["rest"])
                if family is not None:
                    return family[1], pattern is _WEAK
        return None

    def _derivative(self, name: str) -> str | None:
        """What the network itself calls a gradient."""
        for derived in self.model.derivatives.values():
            if derived.operation == "gradient" and derived.of in (None, self.model.loss):
                if derived.name == name or plain(derived.name) == plain(name):
                    return derived.args[0]
        return None

    def _strong(self, name: str) -> str | None:
        """`dL_dW1`, `dL_w7`, `grad_W_1`, `W1_grad`, `delta_4`."""
        losses = "|".join(sorted({re.escape(self.model.loss.lower()), *_LOSSES}, key=len, reverse=True))
        quotient = re.match(rf"^[dp]_?(?:{losses})_?(?:_?[dp]_?|_?by_?|_)(?P<rest>.+)$", name, re.IGNORECASE)
        for found in (quotient, _STRONG.match(name), _BEHIND.match(name)):
            target = self._variable(found["rest"]) if found else None
            if target is not None:
                return target
        error = _ERROR.match(name)
        target = self._variable(error["rest"]) if error else None
        if target in self.model.equations:
            return target
        layer = _LAYER.match(name)
        if layer:
            nodes = [
                n for k, n in self.families.get("z", self.families.get("Z", {})).items() if k == int(layer["layer"])
            ]
            return nodes[0] if nodes and nodes[0] in self.model.equations else None
        return None

    def _variable(self, name: str) -> str | None:
        """A symbol or node that a gradient can be about."""
        found = self.find(name)
        if found is None:
            return None
        declared = self.model.declarations.get(found[0])
        return None if declared is not None and declared.role == "index" else found[0]

    def is_parameter(self, name: str) -> bool:
        """True for what is usually differentiated by."""
        declared = self.model.declarations.get(name)
        return declared is not None and declared.role == "parameter"


def _grouped(names: Iterable[str], key: object) -> dict[str, list[str]]:
    assert callable(key)
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(key(name), []).append(name)
    return found
