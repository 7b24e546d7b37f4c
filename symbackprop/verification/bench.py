"""What one answer is judged with on one network: its letters, its definitions, the judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..derive import Derivation, derive
from ..errors import SymbackpropError
from ..network import Model
from ..paper.tree import Atom, Derivative, Group, Listing, Named, Product, Tree, walk
from .judge import Judge
from .meaning.calls import EXTREMES
from .meaning.customs import customary
from .meaning.elaborate import Elaborator
from .meaning.functions import ELEMENTWISE, WHOLE
from .meaning.gradients import is_delta_before
from .meaning.letters import key_of, name_and_places, name_of, running
from .meaning.lexicon import Lexicon
from .meaning.names import Names
from .meaning.running import learn_all
from .meaning.scope import Definition, Scope, UnknownLetter
from .meaning.values import Value
from .target import Target

CUSTOMARY = frozenset({"e", "I", "1", "\\delta"})  # letters that mean something without being declared


@dataclass
class Bench:
    """One network, and what an answer says of its own letters. `extra`: spelling -> name, from renamings."""

    derivation: Derivation
    judge: Judge
    extra: dict[str, str] = field(default_factory=dict)
    elaborator: Elaborator = field(init=False)

    def __post_init__(self) -> None:
        self.elaborator = Elaborator(Lexicon(self.derivation, dict(self.extra)), Names(self.derivation))

    @classmethod
    def of(cls, model: Model, extra: Mapping[str, str] | None = None) -> Bench:
        """The bench of a network; expectations in it are taken."""
        derivation = derive(model)
        return cls(derivation, Judge(derivation), dict(extra or {}))

    def renamed(self, extra: Mapping[str, str]) -> Bench:
        """The same with further renamings, and none of the answer's definitions."""
        return Bench(self.derivation, self.judge, {**self.extra, **extra})

    @property
    def model(self) -> Model:
        """The network."""
        return self.derivation.model

    def bind(self, spelling: str, name: str) -> None:
        """From now on that spelling is that name."""
        self.extra[spelling] = name
        old = self.elaborator
        self.elaborator = Elaborator(
            Lexicon(self.derivation, dict(self.extra)), old.names, old.definitions, old.bound_functions, old.notes
        )

    # ------------------------------------------------------------------ what trees are about

    def scope(self, sides: tuple[Tree, ...], elementwise: bool = False) -> Scope:
        """A scope that knows over what the running letters of these formulas run."""
        scope = Scope(product="elementwise" if elementwise else "")
        learn_all(self.elaborator, sides, scope)
        return scope

    def holds_derivative(self, tree: Tree) -> bool:
        """True if a derivative occurs, as a fraction, as ∇, or by a name."""
        derivatives = self.model.derivatives
        for part in walk(tree):
            if isinstance(part, Derivative):
                return True
            if isinstance(part, Named) and (part.name.partition(":")[0] in derivatives or part.primes):
                return True
            if isinstance(part, Atom):
                name = self.name(part)
                if any(m.name in derivatives for m in self.elaborator.lexicon.matches(part)):
                    return True
                if part.primes and (name is None or name in self.model.functions):
                    return True
                if part.base == "\\delta" and self.is_gradient(part):
                    return True
                if name is None and any(n in derivatives for n in self.numbered_names(part)):
                    return True
            if isinstance(part, Product) and self._named_gradient(part):
                return True
        return False

    def _named_gradient(self, tree: Product) -> bool:
        """`dW`, or δ in front of a name."""
        for first, second, sign in zip(tree.factors, tree.factors[1:], tree.signs, strict=False):
            if sign != "" or not isinstance(second, (Atom, Named)):
                continue
            plain = isinstance(first, Atom) and first.base == "d" and not first.scripts and second.start == first.end
            if plain or is_delta_before(self.elaborator, first, second):
                bare = replace(second, scripts=second.scripts[:1]) if isinstance(second, Atom) else second
                if self.name(second) is not None or self.name(bare) is not None:
                    return True
                if name_and_places(self.elaborator, second, Scope()) is not None:
                    return True
                if isinstance(second, Atom) and self.numbered_names(second):
                    return True
        return False

    def name(self, tree: Tree) -> str | None:
        """The declared name that a tree is."""
        return name_of(self.elaborator, tree, Scope())

    def numbered_names(self, atom: Atom) -> list[str]:
        """The names that a letter with a running index stands for."""
        found = []
        from .formulas import numbering

        for number in sorted(self.elaborator.lexicon.numbered(atom)):
            for letter in numbering(atom):
                name = name_of(self.elaborator, running(atom, Scope({letter: number})), Scope())
                if name is not None:
                    found.append(name)
        return found

    def is_gradient(self, tree: Atom) -> bool:
        """True for a δ that custom takes for the gradient at a node."""
        if tree.base != "\\delta" or any(not m.subs for m in self.elaborator.lexicon.matches(tree)):
            return False
        return self.is_customary(tree)

    def is_customary(self, tree: Atom) -> bool:
        """True for a letter that custom gives a meaning, at some number if it has a running index."""
        from .formulas import numbering

        numbers = self.elaborator.lexicon.numbered(Atom("z")) if tree.base == "\\delta" else frozenset()
        scopes = [Scope(), *(Scope({letter: n}) for letter in numbering(tree) for n in sorted(numbers))]
        for scope in scopes:
            try:
                if customary(self.elaborator, running(tree, scope), scope):
                    return True
            except SymbackpropError:
                continue
        return False

    def is_declared(self, tree: Tree) -> bool:
        """True if a tree is one letter, or an entry of one, that the network declares."""
        if isinstance(tree, Named):
            return True
        if not isinstance(tree, Atom):
            return False
        return bool(self.elaborator.lexicon.matches(tree)) or bool(self.numbered_names(tree))

    def own_letter(self, tree: Tree) -> Atom | None:
        """The letter if a tree is one that nothing declares: what it equals defines it, even e_k or I.

        δ with an index is the gradient at a node, and nothing to define.
        """
        if isinstance(tree, Group) and tree.left == "{" and not tree.scripts:
            tree = tree.body
        if not isinstance(tree, Atom) or self.is_gradient(tree) or self.is_declared(tree):
            return None
        return tree

    def own_function(self, tree: Tree) -> tuple[Atom, tuple[str, ...]] | None:
        """The letter and parameters of `u(x)` where u is no function of the network and no declared letter."""
        if not isinstance(tree, Product) or len(tree.factors) != 2 or tree.signs != ("",):
            return None
        head, group = tree.factors
        if (
            not isinstance(head, Atom)
            or not isinstance(group, Group)
            or group.left != "("
            or group.scripts
            or head.primes
        ):
            return None
        if (
            self.is_declared(head)
            or head.base in WHOLE
            or head.base in EXTREMES
            or (len(head.base) > 1 and head.base in ELEMENTWISE)
        ):
            if not head.base.startswith("\\"):
                return None
        if self.is_declared(head):
            return None
        inside = group.body.items if isinstance(group.body, Listing) else (group.body,)
        if not all(isinstance(t, Atom) and not t.scripts and not t.primes for t in inside):
            return None
        return head, tuple(t.base for t in inside if isinstance(t, Atom))

    def define(self, letter: Atom, body: Tree, parameters: tuple[str, ...] = ()) -> None:
        """Note what the answer's own letter stands for; the first definition holds."""
        self.elaborator.definitions.setdefault(key_of(letter), Definition(body, parameters))
        entries = entry_letters(letter)
        if entries and not parameters:
            whole = replace(letter, scripts=())
            if not self.is_declared(whole) and whole.base not in CUSTOMARY:
                self.elaborator.definitions.setdefault(key_of(whole), Definition(body, (), entries))

    def node_equal_to(self, value: Value, text: str) -> str | None:
        """The node of the network that has just this value."""
        from .meaning.values import kind_of_order

        if value.free:
            return None
        for name in self.derivation.graph.order:
            if name == self.model.loss and value.kind != "scalar":
                continue
            own = self.elaborator.names.value(name)
            if own.term.sizes != value.term.sizes or kind_of_order(own.term.order) == "array":
                continue
            if own.term is value.term:
                return name
            if self.judge.agrees(value.term, own.term, self.elaborator.names.extra):
                return name
        return None

    # ------------------------------------------------------------------ targets

    def target(self, tree: Tree) -> Target | None:
        """What a left side is about, None if it is an expression."""
        while isinstance(tree, Group) and tree.left in ("{", "(") and not tree.scripts:
            tree = tree.body
        if isinstance(tree, (Atom, Named)):
            return self._target_of_letter(tree)
        if isinstance(tree, Product):
            return self._target_of_product(tree)
        if isinstance(tree, Derivative) and tree.top is not None:
            return self._target_of_derivative(tree.top, tree.bottoms)
        return None

    def _target_of_letter(self, tree: Atom | Named) -> Target | None:
        from .meaning.letters import name_and_places

        gradient = isinstance(tree, Atom) and self.is_gradient(tree)
        found = None if gradient else name_and_places(self.elaborator, tree, Scope())
        if found is None:
            if isinstance(tree, Atom) and gradient:
                try:
                    values = customary(self.elaborator, tree, Scope())
                except SymbackpropError:
                    return None
                for value in values:
                    if value.link is not None:
                        return Target("gradient", (value.link[1][0],))
            return None
        name = found[0]
        if name in self.model.derivatives:
            known = self.model.derivatives[name]
            if known.operation == "gradient":
                return Target("gradient", (known.args[0],), known.of)
            if known.operation == "hessian" and not known.diagonal:
                return Target("hessian", (known.args[0], known.args[-1]), known.of)
            if known.operation in ("jacobian", "derivative"):
                return Target("jacobian", (known.args[0], known.args[1]))
            return Target("other", (name,))
        return Target("value", (name,))

    def _target_of_product(self, tree: Product) -> Target | None:
        first, rest = tree.factors[0], tree.factors[1:]
        if isinstance(first, Derivative) and first.top is None:
            second = rest[0]
            if isinstance(second, Derivative) and second.top is None and len(rest) > 1:  # ∇∇E
                first = replace(first, bottoms=(*first.bottoms, *second.bottoms), order=first.order + second.order)
                tree, rest = replace(tree, factors=tree.factors[1:], signs=tree.signs[1:]), rest[1:]
            top: Tree = (
                rest[0]
                if len(rest) == 1 or self.name(rest[0]) is not None
                else replace(tree, factors=rest, signs=tree.signs[1:])
            )
            bottoms = first.bottoms
            if not bottoms:
                only = self.model.names("parameter") or self.model.names("input")
                if len(only) != 1:
                    return None
                bottoms = (Named(only[0]),) * first.order
            return self._target_of_derivative(top, bottoms)
        if isinstance(first, Atom) and first.base in ("d", "\\delta") and len(rest) == 1 and self._named_gradient(tree):
            from .meaning.letters import name_and_places

            found = name_and_places(self.elaborator, rest[0], Scope())
            if found is None or found[0] == self.model.loss:
                return Target("other", ())
            return Target("gradient", (found[0],))
        if len(rest) == 1 and isinstance(first, (Atom, Named)) and isinstance(rest[0], Group):
            name = self.name(replace(first, primes=0))
            if name in self.model.equations:
                return Target("other" if first.primes else "value", (str(name),))
        return None

    def _target_of_derivative(self, top: Tree, bottoms: tuple[Tree, ...]) -> Target | None:
        from .meaning.derivatives import quantity
        from .meaning.letters import name_and_places

        try:
            above = quantity(self.elaborator, top, Scope())
        except SymbackpropError:
            return None
        names = [name_and_places(self.elaborator, b, Scope()) for b in bottoms]
        if any(n is None for n in names):
            return None
        below = tuple(n[0] for n in names if n is not None)
        if above is None:
            whole = self._loss_written_out(top)
            if whole is None:
                return Target("other", ())
            above = (whole, (), "whole")
        of = above[0]
        if self.derivation.graph.sizes(of):
            return Target("jacobian", (of, below[0]))
        scalar = None if of == self.model.loss else of
        if len(below) == 2:
            return Target("hessian", (below[0], below[1]), scalar)
        return Target("gradient", below, scalar)

    def _loss_written_out(self, top: Tree) -> str | None:
        """The node that an expression above a derivative is, if it is one."""
        from .meaning.derivatives import _node_of

        try:
            values = self.elaborator.values(top, Scope())
        except SymbackpropError:
            return None
        return next((n for n in (_node_of(self.elaborator, v) for v in values) if n is not None), None)


def entry_letters(letter: Atom) -> tuple[str, ...]:
    """i, j for Y_{ij}; nothing for a letter that is written otherwise."""
    if len(letter.scripts) != 1 or letter.scripts[0].sign != "_" or letter.primes:
        return ()
    words = tuple(w for w in letter.scripts[0].words if w != ",")
    return words if len(words) <= 2 and all(len(w) == 1 and w.isalpha() for w in words) else ()


__all__ = ["Bench", "UnknownLetter"]
