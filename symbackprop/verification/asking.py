"""What somebody asks for beside an answer, checked before anything is judged: targets, and names for letters."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from ..errors import ReadError, Span, SymbackpropError, UnknownName
from ..network import Model
from ..paper.parse import Reader
from ..paper.tree import Atom
from .target import Target

WHOLE = ("parameters", "all")
LONGEST = 100  # characters of a letter with its scripts
LONGEST_NAME = 64


def target(model: Model, text: str, span: Span | None = None) -> str:
    """A target as verdicts name it: `W_1` and `dJ/dW_1` are the gradient of the loss.

    Raises:
        UnknownName: a name in it is neither declared nor a node; the nearest names are given.
    """
    text = text.strip()
    known = _names(model)
    if text in known:
        return Target("gradient", (text,)).label(model.loss)
    if not any(text == label for label in _readings(text, known)):
        raise UnknownName(
            f"`{text[:80]}` is no derivative in this network.",
            remedy=f"{_nearest(text, known)}Write a name, dJ/dW_1, dz_2/da_1, d2J/dw2 or d2J/dwdb.",
            span=span,
        )
    return text


def is_target(model: Model, text: str) -> bool:
    """Whether `target` reads this in the network."""
    try:
        target(model, text)
    except UnknownName:
        return False
    return True


def check_required(models: Sequence[Model], require: Sequence[str]) -> None:
    """Raise UnknownName unless each name that is required stands for a derivative in one of the networks."""
    for name in require:
        if name not in WHOLE:
            _in_one_of(models, name)


def check_let(models: Sequence[Model], let: Mapping[str, str]) -> None:
    """Raise ReadError for `let` of what is no letter, UnknownName for a name that no network has."""
    known = [name for m in models for name in (*_names(m), *m.functions, *m.size_names())]
    for letter, name in let.items():
        if not _is_letter(letter):
            message = f"`{letter[:LONGEST]}` is no letter that an answer can write."
            raise ReadError(message, remedy="Write `LETTER=NAME`, as in z_0=z_1 or \\delta^{(2)}=delta_2.")
        if name not in known:
            message = f"`{letter}={name[:80]}`: nothing in the network is called `{name[:80]}`."
            raise UnknownName(message, remedy=f"{_nearest(name, known)}Write the network's name on the right.")


def _in_one_of(models: Sequence[Model], name: str) -> None:
    first: UnknownName | None = None
    for model in models:
        try:
            target(model, name)
        except UnknownName as error:
            first = first or error
        else:
            return
    if first is not None:
        raise first


def _is_letter(text: str) -> bool:
    """Whether a text is a name of a program, or one letter with accents and scripts."""
    if len(text) > LONGEST:
        return False
    if text.isascii() and text.isidentifier():
        return len(text) <= LONGEST_NAME
    try:
        reader = Reader(text)
        tree = reader.expression(0)
    except SymbackpropError:
        return False
    return reader.at == len(reader.lexemes) and isinstance(tree, Atom)


def _names(model: Model) -> list[str]:
    return [*model.declarations, *model.equations, *model.derivatives]


def _nearest(text: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(text[:80].rpartition("/d")[2], known, n=3, cutoff=0.4)
    return f"Nearest: {', '.join(near)}. " if near else ""


def _readings(text: str, known: list[str]) -> Iterator[str]:
    """The labels of derivatives that this text could be."""
    top, _, below = text.partition("/d")
    for name in known:
        if top == f"d{name}":
            yield from (f"{top}/d{other}" for other in known)
        elif top == f"d2{name}":
            for first in known:
                if below.startswith(first):
                    yield f"{top}/d{first}2"
                    yield from (f"{top}/d{first}d{second}" for second in known)
