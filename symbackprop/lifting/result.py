"""What is read from code: one claim per gradient, with its place; forward values; and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..errors import Span, SymbackpropError
from ..tensor.size import Size
from ..tensor.terms import Term


@dataclass(frozen=True, slots=True)
class Transcription:
    """A name that is used although only one that looks like it was assigned."""

    name: str
    span: Span
    assigned: str
    assigned_span: Span

    def __str__(self) -> str:
        return (
            f"`{self.name}` in line {self.span.line} was never assigned; "
            f"`{self.assigned}` in line {self.assigned_span.line} was, and is taken in its place."
        )


@dataclass(frozen=True, slots=True)
class CodeClaim:
    """What the code says that the gradient of the loss at `target` is.

    `value` has the network's symbols and nodes in it; or it is the error because of which it has none. `name` is how
    the author writes it: a variable, a key, a position. `span` is the statement (or the part of one) that computes it.
    `transcription`: the returned name was never assigned, one that looks like it was.
    """

    target: str
    name: str
    value: Term | SymbackpropError
    span: Span
    transcription: Transcription | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that was computed under the name of a node or an input of the network, in the order of the code."""

    node: str
    name: str
    value: Term
    span: Span


@dataclass(frozen=True, slots=True)
class Lifted:
    """Everything that was read from one answer's code.

    `claims`: one per gradient. `intermediate`: values under names of gradients that are not handed back. `forward`:
    values under names of nodes. `refused`: what could not be read, each error once, whether a claim needs it or not.
    `renamings`: which of the author's names are which of the network's, where more than underscores differs. `notes`:
    what was assumed. `transcriptions`: names that were never assigned, read as ones that look like them. `functions`:
    those that the claims come from. `verified`: statements that compute the node whose name they give. `shapes` of the
    arrays by their names in the code, at the end; `lengths`: names of sizes.
    """

    claims: tuple[CodeClaim, ...] = ()
    intermediate: tuple[CodeClaim, ...] = ()
    forward: tuple[Computed, ...] = ()
    refused: tuple[SymbackpropError, ...] = ()
    renamings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    transcriptions: tuple[Transcription, ...] = ()
    functions: tuple[str, ...] = ()
    verified: frozenset[Span] = frozenset()
    shapes: Mapping[str, tuple[Size, ...]] = field(default_factory=dict)
    lengths: tuple[str, ...] = ()

    @property
    def by_target(self) -> Mapping[str, CodeClaim]:
        """The claims by what they are about."""
        return {claim.target: claim for claim in self.claims}


@dataclass(slots=True)
class Findings:
    """What is noted while code is read."""

    refused: list[SymbackpropError] = field(default_factory=list)
    renamings: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    transcriptions: dict[str, Transcription] = field(default_factory=dict)
    forward: list[Computed] = field(default_factory=list)
    verified: set[Span] = field(default_factory=set)
    examples: dict[str, None] = field(default_factory=dict)
    by_name: dict[str, None] = field(default_factory=dict)

    def refuse(self, error: SymbackpropError) -> None:
        """Note an error once."""
        if all(error is not known for known in self.refused):
            self.refused.append(error)

    def note(self, text: str) -> None:
        """Note an assumption once."""
        self.notes.setdefault(text)

    def all_notes(self) -> tuple[str, ...]:
        """The assumptions, those about many names in one sentence."""
        found = list(self.notes)
        if self.by_name:
            shown = _names(self.by_name)
            found.insert(0, f"Taken as the network's by their names, since the code does not show them: {shown}.")
        if self.examples:
            found.insert(0, f"The numbers given to {_names(self.examples)} are an example's: the symbols stay symbols.")
        return tuple(found)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
