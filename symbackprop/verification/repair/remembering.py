"""Meanings remembered: a formula of which one part has changed is worked out along the way to that part only."""

from __future__ import annotations

from ...errors import SymbackpropError
from ...paper.tree import Atom, Tree
from ..meaning.elaborate import Elaborator
from ..meaning.lexicon import Lexicon, Match
from ..meaning.scope import Scope
from ..meaning.values import Value


class KnownLetters(Lexicon):
    """A lexicon that looks every letter up once."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__(lexicon.derivation, lexicon.extra)
        self.__dict__.update(lexicon.__dict__)  # what it has worked out already
        self.known: dict[Atom, list[Match]] = {}

    def matches(self, atom: Atom) -> list[Match]:
        """What the letter can be, the best reading first."""
        if atom not in self.known:
            self.known[atom] = super().matches(atom)
        return self.known[atom]


class Remembering(Elaborator):
    """An elaborator that works out every tree once; for one scope, whose ranges of indices are known."""

    def __init__(self, e: Elaborator) -> None:
        super().__init__(KnownLetters(e.lexicon), e.names, e.definitions, dict(e.bound_functions), dict(e.notes))
        self.known: dict[tuple[object, ...], tuple[Tree, list[Value] | SymbackpropError]] = {}

    def values(self, tree: Tree, scope: Scope) -> list[Value]:
        """Every reading, at least one."""
        if scope.bound or scope.depth:
            return super().values(tree, scope)
        key = (id(tree), *scope.running.items())
        found = self.known.get(key)
        if found is None or found[0] is not tree:
            try:
                found = (tree, super().values(tree, scope))
            except SymbackpropError as error:
                found = (tree, error)
            self.known[key] = found  # which keeps the tree, and with it its identity
        if isinstance(found[1], SymbackpropError):
            raise found[1].with_traceback(None)
        return list(found[1])
