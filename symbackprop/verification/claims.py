"""Chains into claims: which relations say something of the network, which define the answer's own letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..answers.passage import Passage
from ..errors import SymbackpropError
from ..paper.lexemes import FormulaError
from ..paper.statements import Broken, statements
from ..paper.tree import Atom, Chain, Compare, Group, Num, Tree
from .bench import Bench
from .meaning.letters import key_of
from .meaning.scope import Scope
from .target import Target

_BEHIND = re.compile(r"\s*[,;.]?\s*\(([^()]{0,60})\)")  # a remark in brackets right behind a formula
ARROWS = r"iff|implies|Rightarrow|Leftrightarrow|Longrightarrow|Longleftrightarrow"
_FOLLOWS = re.compile(rf"[\s,;.\\&]*\\({ARROWS})\b|\s*(⇒|⇔|⟹)")
CLAIMED = frozenset({"=", ":="})
ELEMENTWISE_WORDS = (
    "element-wise",
    "elementwise",
    "element wise",
    "entrywise",
    "hadamard",
    "componentwise",
    "pointwise",
)
MOST_LINES = 50  # of a formula that cannot be read, and are looked at for a derivative
LONGEST_LEFT = 200


@dataclass(frozen=True, slots=True)
class Link:
    """One relation: the sides on either side of it, with their passages, and the chain that it belongs to.

    `first` is the chain's first side, which says what the chain is about; `number` counts the relations of a chain.
    `where`: the entries that it is about, such as i ≠ j.
    """

    passage: Passage
    left_passage: Passage
    left: Tree
    right: Tree
    first: Tree
    number: int
    last: bool
    elementwise: bool
    where: Compare | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A statement that is no claim, and why."""

    passage: Passage
    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement that cannot be read."""

    passage: Passage
    start: int
    end: int
    error: FormulaError


@dataclass
class Claims:
    """The claims of the formulas of one answer about one network, in order; definitions and renamings on the way."""

    bench: Bench
    items: list[Link | Passed | Unread] = field(default_factory=list)
    renamings: dict[str, None] = field(default_factory=dict)
    _last: tuple[Passage, Tree, Tree] | None = None

    def read(self, passages: Sequence[Passage]) -> None:
        """All passages: first every definition, which holds for the whole answer, then the claims."""
        chains = [(p, c) for p in passages for c in self._chains(p)]
        for k, (passage, chain) in enumerate(chains):
            if isinstance(chain, Chain) and self._restriction(chains, k) is None:
                self._define(passage, chain)
        if self.renamings:  # spellings have changed
            chains = [(p, c) for p in passages for c in self._chains(p)]
        self.items.clear()
        self._last = None
        for k, (passage, chain) in enumerate(chains):
            if isinstance(chain, Broken):
                if self._worth_reading(passage, chain):
                    self.items.append(Unread(passage, chain.start, chain.end, chain.error))
                else:
                    why = "it cannot be read, and holds no derivative"
                    self.items.append(Passed(passage, chain.start, chain.end, why))
            elif self._restriction(chains, k) is not None:
                why = "it says of which entries the formula in front of it is meant"
                self.items.append(Passed(passage, chain.start, chain.end, why))
            else:
                where = self._restriction(chains, k + 1)
                self.items += (
                    replace(i, where=where) if isinstance(i, Link) else i for i in self._links(passage, chain)
                )

    def _restriction(self, chains: Sequence[tuple[Passage, Chain | Broken]], k: int) -> Compare | None:
        r"""`i \neq j`, or `i = j` behind "if": what a statement says of the indices in the one in front of it."""
        if not 0 < k < len(chains) or chains[k][0] is not chains[k - 1][0]:
            return None
        before, chain = chains[k - 1][1], chains[k][1]
        if not isinstance(before, Chain) or not isinstance(chain, Chain) or not before.relations:
            return None
        told = " ".join(before.words).lower()
        if len(chain.sides) == 1 and isinstance(chain.sides[0], Group) and isinstance(chain.sides[0].body, Compare):
            found = chain.sides[0].body
        elif len(chain.sides) == 2 and chain.relations == ("!=",):
            found = Compare("!=", *chain.sides, chain.start, chain.end)
        elif len(chain.sides) == 2 and chain.relations == ("=",) and any(w in told for w in ("if", "when", "for")):
            found = Compare("=", *chain.sides, chain.start, chain.end)
        else:
            return None
        return found if found.op in ("=", "!=") and all(map(self._is_index, (found.left, found.right))) else None

    def _is_index(self, tree: Tree) -> bool:
        """True for a bare letter that is no value of the network."""
        if not isinstance(tree, Atom) or tree.scripts or tree.accents or tree.primes:
            return False
        name = self.bench.name(tree)
        return name in self.bench.model.names("index") or (name is None and len(tree.base) == 1)

    def _chains(self, passage: Passage) -> list[Chain | Broken]:
        lexicon = self.bench.elaborator.lexicon
        try:
            return statements(passage.text, lexicon.stretches, lexicon.words)
        except FormulaError as error:
            return [Broken(0, len(passage.text), error)]

    def _worth_reading(self, passage: Passage, broken: Broken) -> bool:
        """True if a statement that cannot be read looks like a claim; inline fragments of prose do not."""
        text = passage.text[broken.start : broken.end]
        derivative = any(w in text for w in ("\\partial", "\\nabla", "\\frac{d", "∂", "∇", "\\delta"))
        return (
            passage.environment in ("", "formula")
            or (derivative and "=" in passage.text)
            or len(passage.text) > 5000
            or (passage.display and self._begins_with_derivative(text))
        )

    def _begins_with_derivative(self, text: str) -> bool:
        """True if what stands in front of an equals sign is a derivative, such as dW or a name that one was given."""
        lexicon = self.bench.elaborator.lexicon
        for line in text.split("\\\\")[:MOST_LINES]:
            left, sign, _ = line.replace("&", " ").partition("=")
            if not sign or not left.strip() or len(left) > LONGEST_LEFT:
                continue
            try:
                chains = statements(left, lexicon.stretches, lexicon.words)
            except FormulaError:
                continue
            if any(isinstance(c, Chain) and any(map(self.bench.holds_derivative, c.sides)) for c in chains):
                return True
        return False

    # ------------------------------------------------------------------ definitions

    def _define(self, passage: Passage, chain: Chain) -> None:
        if not chain.relations or chain.continued:
            return
        bench = self.bench
        for k, relation in enumerate(chain.relations):
            if relation == ":=":
                letter = bench.own_letter(chain.sides[k + 1])
                if letter is not None and bench.own_letter(chain.sides[k]) is None:
                    bench.define(letter, chain.sides[k])
        if chain.relations[0] not in CLAIMED:
            return
        left, right = chain.sides[0], chain.sides[-1]
        function = bench.own_function(left)
        if function is not None:
            bench.define(function[0], right, function[1])
            return
        letter = bench.own_letter(left)
        if letter is not None:
            bench.define(letter, chain.sides[1])
            self._bind(passage, letter, chain.sides[1])
        elif isinstance(left, Atom) and bench.name(left) in bench.model.equations and not bench.holds_derivative(right):
            self._rename(passage, left, right)

    def _bind(self, passage: Passage, letter: Atom, body: Tree) -> None:
        """A letter of the answer's own that equals a node is that node."""
        if self.bench.holds_derivative(body):
            return
        try:
            values = self.bench.elaborator.values(body, self.bench.scope((body,)))
        except SymbackpropError:
            return
        spelling = passage.text[letter.start : letter.end]
        for value in values[:2]:
            node = self.bench.node_equal_to(value, spelling)
            if node is not None:
                self.bench.bind(spelling, node)
                self.bench.elaborator.definitions.pop(key_of(letter), None)
                self.renamings[f"{spelling} is {node}"] = None
                return

    def _rename(self, passage: Passage, left: Atom, right: Tree) -> None:
        """A declared name whose forward equation is that of another node stands for that node."""
        name = self.bench.name(left)
        try:
            values = self.bench.elaborator.values(right, self.bench.scope((right,)))
        except SymbackpropError:
            return
        spelling = passage.text[left.start : left.end]
        nodes = [self.bench.node_equal_to(v, spelling) for v in values[:2]]
        own = self.bench.elaborator.names.value(name or "")
        for value in values[:2]:
            if value.term.sizes == own.term.sizes and not value.free:
                if self.bench.judge.agrees(value.term, own.term, self.bench.elaborator.names.extra):
                    return
        node = next((n for n in nodes if n is not None), None)
        if node is not None and node != name:
            self.bench.bind(spelling, node)
            self.renamings[f"{spelling} is {node}"] = None

    # ------------------------------------------------------------------ claims

    def _links(self, passage: Passage, chain: Chain) -> Iterator[Link | Passed]:
        sides = chain.sides
        before = self._last
        if chain.continued and before is not None:
            owner, first, previous = before
            sides = (previous, *sides)
        elif chain.continued:
            yield Passed(passage, chain.start, chain.end, "it continues nothing")
            return
        else:
            owner, first = passage, sides[0]
        if not chain.relations:
            yield Passed(passage, chain.start, chain.end, "it holds no relation")
            return
        if chain.relations[-1] in CLAIMED:
            self._last = (passage, first, sides[-1])
        why = self._no_claim(chain, sides, first) or _set_to_zero(passage, chain)
        if why:
            yield Passed(passage, chain.start, chain.end, why)
            return
        behind = _BEHIND.match(passage.after)
        words = " ".join((*chain.words, behind.group(1) if behind else "")).lower()
        elementwise = any(w in words for w in ELEMENTWISE_WORDS)
        skip = 1 if self._defines(sides[0]) and not chain.continued else 0
        for k, relation in enumerate(chain.relations):
            if k < skip or relation not in CLAIMED:
                continue
            if relation == ":=" and self.bench.own_letter(sides[k + 1]) is not None:
                continue
            left_passage = owner if k == 0 and chain.continued else passage
            last = k == len(chain.relations) - 1
            yield Link(passage, left_passage, sides[k], sides[k + 1], first, k, last, elementwise)

    def _defines(self, side: Tree) -> bool:
        return self.bench.own_letter(side) is not None or self.bench.own_function(side) is not None

    def _no_claim(self, chain: Chain, sides: Sequence[Tree], first: Tree) -> str:
        """Why a chain is no claim; "" if it is one."""
        bench = self.bench
        if not any(r in CLAIMED for r in chain.relations):
            return "its relation is no equation"
        defines = self._defines(sides[0]) and not chain.continued
        if defines and (len(chain.relations) == 1 or not any(bench.holds_derivative(s) for s in sides[1:])):
            return "it defines a letter of the answer"
        name = None if isinstance(first, Atom) and bench.is_gradient(first) else bench.name(first)
        if name in bench.model.declarations and name not in bench.model.derivatives:
            return f"{name} is declared, and not computed"
        if isinstance(first, Atom) and not bench.is_gradient(first) and bench.elaborator.lexicon.matches(first):
            match = bench.elaborator.lexicon.matches(first)[0]
            if match.name in bench.model.declarations:
                return f"{match.name} is declared, and not computed"
        if any(bench.holds_derivative(s) for s in (first, *sides)):
            return self._foreign(sides)
        if bench.own_letter(sides[1]) is not None and len(sides) == 2:
            return "it gives a node another name"
        if isinstance(first, Atom) and any(n in bench.model.equations for n in bench.numbered_names(first)):
            return ""
        target = bench.target(first)
        if target is not None and target.operation in ("value", "other"):
            return ""
        identity = self._identity(sides)
        return "" if identity else "it holds no derivative of this network"

    def _identity(self, sides: Sequence[Tree]) -> bool:
        """True for an equation between functions of one letter that nothing declares: log x = 1/x."""
        return identity_letter(self.bench, sides) is not None

    def _foreign(self, sides: Sequence[Tree]) -> str:
        """Why the derivatives here are none of this network: of a function that nobody declares."""
        from ..paper.tree import Derivative, Group, Product, walk

        for side in sides:
            for part in walk(side):
                if not isinstance(part, Derivative) or part.top is None:
                    continue
                top = part.top
                if not isinstance(top, Product) or len(top.factors) != 2 or not isinstance(top.factors[1], Group):
                    continue
                head = top.factors[0]
                if (
                    isinstance(head, Atom)
                    and not self.bench.is_declared(head)
                    and not head.primes
                    and top.signs == ("",)
                ):
                    if key_of(head) not in self.bench.elaborator.definitions and len(head.base.lstrip("\\")) <= 5:
                        from .meaning.functions import WHOLE, known

                        if known(head.base) is None and head.base not in WHOLE:
                            return "it is about a function that the network does not have"
        return ""


def _set_to_zero(passage: Passage, chain: Chain) -> str:
    """Why `∇J = 0`, from which something follows, is no claim; "" for anything else."""
    last = chain.sides[-1]
    if len(chain.sides) != 2 or not isinstance(last, Num) or last.value != 0:
        return ""
    follows = _FOLLOWS.match(passage.text, last.end)
    return "it sets a derivative to 0, which is a condition" if follows else ""


def identity_letter(bench: Bench, sides: Sequence[Tree]) -> Atom | None:
    """The one undeclared letter of an equation between functions of it; None for any other equation."""
    from ..paper.tree import walk
    from .meaning.functions import ELEMENTWISE

    letters: dict[str, Atom] = {}
    functions = 0
    for side in sides:
        for part in walk(side):
            if not isinstance(part, Atom):
                continue
            if part.base in ELEMENTWISE and (len(part.base) > 1 or part.base.startswith("\\")):
                functions += 1
                continue
            if bench.is_declared(part) or bench.is_customary(part) or part.scripts:
                if part.base != "e":
                    return None
                continue
            letters[part.base] = part
    return next(iter(letters.values())) if len(letters) == 1 and functions else None


def target_of(bench: Bench, link: Link) -> Target | None:
    """What a link is about: what its chain began with, or its own left side."""
    return bench.target(link.first) or bench.target(link.left)


__all__ = ["Claims", "Link", "Passed", "Scope", "Unread", "identity_letter", "target_of"]
