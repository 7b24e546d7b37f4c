r"""Changed formulas on paper: what is not changed is the author's own text, what is new is written with their signs.

A changed tree keeps the nodes that did not change; they print as the slice of the text that they were read from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...errors import SymbackpropError
from ...notation.boxes.tex import box_latex
from ...paper.lexemes import lex
from ...paper.parse import Reader
from ...paper.tree import (
    Atom,
    Bars,
    Compare,
    Derivative,
    Fraction_,
    Grid,
    Group,
    Listing,
    Named,
    Product,
    Root,
    Script,
    Sum,
    Tree,
    children,
    walk,
)
from ..meaning.elaborate import TRANSPOSES
from ..meaning.lexicon import Lexicon, words_of

SIZES_OF_BRACKETS = re.compile(r"\\(left|bigl?|Bigl?|biggl?|Biggl?|mathopen)\s*$")
MARKS = re.compile(
    r"\^\s*\{?\s*-?\s*(\\top|\\intercal|\\mathsf\s*\{?\s*T\s*\}?|\\mathrm\s*\{?\s*T\s*\}?|T)(?![A-Za-z])"
)
HADAMARD = ("\\odot", "\\circ", "*", "\\star")
OPENING = {"(": ")", "[": "]", "\\{": "\\}", "{": "}"}


def with_children(tree: Tree, new: Sequence[Tree]) -> Tree:
    """The tree with other trees directly inside, in reading order."""
    if isinstance(tree, (Group, Root, Bars)):
        return replace(tree, body=new[0])
    if isinstance(tree, Listing):
        return replace(tree, items=tuple(new))
    if isinstance(tree, Fraction_):
        return replace(tree, top=new[0], bottom=new[1])
    if isinstance(tree, Product):
        return replace(tree, factors=tuple(new))
    if isinstance(tree, Sum):
        return replace(tree, terms=tuple((s, t) for (s, _), t in zip(tree.terms, new, strict=True)))
    if isinstance(tree, Derivative):
        head = () if tree.top is None else (new[0],)
        return replace(tree, top=head[0] if head else None, bottoms=tuple(new[len(head) :]))
    if isinstance(tree, Compare):
        return replace(tree, left=new[0], right=new[1])
    assert isinstance(tree, Grid)
    rest = iter(new)
    rows = tuple(tuple(None if entry is None else next(rest) for entry in row) for row in tree.rows)
    return replace(tree, rows=rows)


class Writing:
    """One formula with what is made from it. Every tree that it hands out is kept, so that identities stay."""

    def __init__(self, text: str, root: Tree, lexicon: Lexicon) -> None:
        self.text, self.root, self.lexicon = text, root, lexicon
        self.parents: dict[int, Tree] = {}
        self.nodes = walk(root)
        for node in self.nodes:
            for child in children(node):
                self.parents[id(child)] = node
        self.own = {id(node) for node in self.nodes}
        self.written: dict[int, str] = {}
        self.from_node: dict[int, tuple[Tree, tuple[Tree, ...]]] = {}
        self.read: dict[str, Tree | None] = {}
        self.kept: list[Tree] = []
        whole = text[root.start : root.end]
        found = MARKS.search(text)
        self.transpose = found[1].strip() if found else box_latex(lexicon.derivation.context.notation.sign("transpose"))
        signs = [s for node in self.nodes if isinstance(node, Product) for s in node.signs]
        known = [h for h in HADAMARD if h in signs]
        self.hadamard = known[0] if known else box_latex(lexicon.derivation.context.notation.sign("hadamard"))
        self.primes = "'" in whole or "\\prime" in whole

    # ------------------------------------------------------------------ making trees

    def keep(self, tree: Tree) -> Tree:
        """Hold on to a new tree."""
        self.kept.append(tree)
        return tree

    def snippet(self, latex: str) -> Tree | None:
        """A formula read from a text of our own; None if it cannot be read."""
        if latex not in self.read:
            self.read[latex] = None
            try:
                reader = Reader(latex, self.lexicon.stretches, self.lexicon.words)
                tree = reader.expression(0)
                if reader.at == len(reader.lexemes):
                    self.read[latex] = tree
                    for node in walk(tree):
                        start = opening(latex, node.start)
                        self.written.setdefault(id(node), latex[start : node.end])
                    self.written[id(tree)] = latex
            except SymbackpropError:
                pass
        return self.read[latex]

    def grouped(self, tree: Tree, mark: str = "") -> Group:
        """The tree in brackets, with what is raised behind them."""
        scripts = (Script("^", tuple(lex(mark))),) if mark else ()
        made = Group(tree, "(", 0, scripts, tree.start, tree.end)
        self.keep(made)
        return made

    def row(self, factors: Sequence[Tree], signs: Sequence[str]) -> Tree:
        """Factors as a product; sums among several are put in brackets."""
        if len(factors) == 1:
            return factors[0]
        safe = tuple(self.grouped(f) if isinstance(f, (Sum, Product)) and not self._bare(f) else f for f in factors)
        return self.keep(Product(safe, tuple(signs), factors[0].start, factors[-1].end))

    def _bare(self, tree: Tree) -> bool:
        """True for a sum that the author wrote behind a sign without brackets: a * -b."""
        return id(tree) in self.own and isinstance(self.parents.get(id(tree)), Product)

    def total(self, terms: Sequence[tuple[int, Tree]]) -> Tree:
        """Terms as a sum."""
        if len(terms) == 1 and terms[0][0] == 1:
            return terms[0][1]
        safe = []
        for sign, term in terms:
            if isinstance(term, Sum):
                if sign == 1:
                    safe += list(term.terms)
                    continue
                if len(term.terms) == 1:
                    safe.append((sign * term.terms[0][0], term.terms[0][1]))
                    continue
                term = self.grouped(term)
            safe.append((sign, term))
        if len(safe) == 1 and safe[0][0] == 1:
            return safe[0][1]
        return self.keep(Sum(tuple(safe), terms[0][1].start, terms[-1][1].end))

    def applied(self, edits: Mapping[int, Tree]) -> Tree:
        """The formula with some of its nodes replaced. The reader bounds how deep it is."""
        if id(self.root) in edits:
            return edits[id(self.root)]
        touched: set[int] = set()
        for node in self.nodes:
            if id(node) in edits:
                above = self.parents.get(id(node))
                while above is not None and id(above) not in touched:
                    touched.add(id(above))
                    above = self.parents.get(id(above))
        made: dict[int, Tree] = {}
        for node in reversed(self.nodes):  # children before parents
            if id(node) in edits:
                made[id(node)] = self._fitting(node, edits[id(node)])
            elif id(node) in touched:
                new = tuple(made.get(id(c), c) for c in children(node))
                tree = self.keep(with_children(node, new))
                self.from_node[id(tree)] = (node, new)
                made[id(node)] = tree
        return made.get(id(self.root), self.root)

    def substituted(self, tree: Tree, changes: Mapping[int, Tree]) -> Tree:
        """A new tree with some of the author's nodes in it replaced."""
        if id(tree) in changes:
            return changes[id(tree)]
        if id(tree) in self.written or not children(tree):
            return tree
        new = tuple(self.substituted(c, changes) for c in children(tree))
        if all(a is b for a, b in zip(new, children(tree), strict=True)):
            return tree
        if isinstance(tree, Product):
            new = tuple(
                self.grouped(b) if a is not b and isinstance(b, (Sum, Product)) else b
                for a, b in zip(tree.factors, new, strict=True)
            )
        made = self.keep(with_children(tree, new))
        if id(tree) in self.own:
            self.from_node[id(made)] = (tree, new)
        elif id(tree) in self.from_node:
            old, _ = self.from_node[id(tree)]
            self.from_node[id(made)] = (old, new)
        return made

    def new_parts(self, tree: Tree) -> list[Tree]:
        """The parts of a changed tree that are read from texts of our own."""
        found, stack = [], [tree]
        while stack:
            top = stack.pop()
            if id(top) in self.own:
                continue
            if id(top) in self.written:
                found.append(top)
            else:
                stack.extend(children(top))
        return found

    def _fitting(self, old: Tree, new: Tree) -> Tree:
        """What replaces a node, in brackets where it would fall apart."""
        parent = self.parents.get(id(old))
        if isinstance(parent, Product) and isinstance(new, (Sum, Product)):
            return self.grouped(new)
        if isinstance(parent, Sum) and isinstance(new, Sum):
            return self.grouped(new)
        return new

    # ------------------------------------------------------------------ printing

    def span(self, node: Tree) -> tuple[int, int]:
        r"""The stretch of an unchanged node, `\left` included."""
        return opening(self.text, node.start), node.end

    def source(self, node: Tree) -> str:
        """The author's own text of an unchanged node."""
        start, end = self.span(node)
        return self.text[start:end]

    def show(self, tree: Tree) -> str:
        """A tree as LaTeX."""
        if id(tree) in self.written:
            return self.written[id(tree)]
        if id(tree) in self.own:
            return self.source(tree)
        if id(tree) in self.from_node:
            return self._spliced(*self.from_node[id(tree)])
        if isinstance(tree, Product):
            return self._product(tree)
        if isinstance(tree, Sum):
            return self._sum(tree)
        if isinstance(tree, Group):
            inside = self.show(tree.body)
            big = "\\frac" in inside or "\\sum" in inside or "\\left" in inside
            opened = f"\\left{tree.left}" if big and tree.left != "{" else tree.left
            closed = OPENING[tree.left] if not big or tree.left == "{" else f"\\right{OPENING[tree.left]}"
            return f"{opened}{inside}{closed}" + "'" * tree.primes + "".join(map(script_text, tree.scripts))
        if isinstance(tree, Fraction_):
            return f"\\frac{{{self.show(tree.top)}}}{{{self.show(tree.bottom)}}}"
        if isinstance(tree, Compare):
            return f"{self.show(tree.left)} {tree.op} {self.show(tree.right)}"
        raise SymbackpropError(f"Cannot write a new {type(tree).__name__}.")

    def _spliced(self, old: Tree, new: tuple[Tree, ...]) -> str:
        start, end = self.span(old)
        pieces: list[str] = []
        at = start
        for before, after in zip(children(old), new, strict=True):
            if before is after:
                continue
            first, last = self.span(before)
            shown = self.show(after)
            if isinstance(old, (Fraction_, Root)) and not in_braces(shown):
                shown = f"{{{shown}}}"  # an argument
            if re.search(r"\\[A-Za-z]+$", "".join((*pieces, self.text[at:first]))) and shown[:1].isalpha():
                shown = f" {shown}"
            pieces += [self.text[at:first], shown]
            at = last
            if re.search(r"\\[A-Za-z]+$", shown) and self.text[at : at + 1].isalpha():
                pieces.append(" ")
        return "".join((*pieces, self.text[at:end]))

    def _product(self, tree: Product) -> str:
        shown = self.show(tree.factors[0])
        for before, after, sign in zip(tree.factors, tree.factors[1:], tree.signs, strict=False):
            gap = self._gap(before, after, sign)
            shown += (gap if gap is not None else f" {sign} " if sign else " ") + self.show(after)
        return shown

    def _gap(self, before: Tree, after: Tree, sign: str) -> str | None:
        """What the author wrote between two factors, if these were neighbours with this sign."""
        parent = self.parents.get(id(before))
        if not isinstance(parent, Product) or self.parents.get(id(after)) is not parent:
            return None
        at = next(k for k, f in enumerate(parent.factors) if f is before)
        if at + 1 < len(parent.factors) and parent.factors[at + 1] is after and parent.signs[at] == sign:
            return self.text[before.end : self.span(after)[0]]
        return None

    def _sum(self, tree: Sum) -> str:
        shown = ""
        for k, (sign, term) in enumerate(tree.terms):
            mark = ("-" if sign < 0 else "") if k == 0 else (" - " if sign < 0 else " + ")
            shown += mark + self.show(term)
        return shown

    # ------------------------------------------------------------------ marks above

    def raised(self, node: Tree) -> tuple[str, tuple[str, ...], str]:
        """An unchanged node without what is raised at it, what is raised, and that as text."""
        scripts = getattr(node, "scripts", ())
        above = [s for s in scripts if s.sign == "^"]
        start, end = self.span(node)
        if not above:
            return self.text[start:end], (), ""
        first = above[-1]  # of several the outer one
        rest = self.text[start : first.start] + self.text[first.end : end]
        return rest, words_of(first), self.text[first.start : first.end].lstrip("^ ")

    def transposed(self, node: Tree, prime_is_derivative: bool = False) -> Tree | None:
        """A node of the formula with a transpose more, or the one that it has taken away."""
        if isinstance(node, (Sum, Product)):
            return self.grouped(node, self.transpose)
        if not isinstance(node, (Atom, Named, Group, Grid, Derivative)):
            return None
        if isinstance(node, Derivative):
            return self.grouped(node, self.transpose)
        if getattr(node, "primes", 0) and not prime_is_derivative:
            return self.snippet(self.source(node).replace("'", "", 1))
        rest, words, _ = self.raised(node)
        if not words:
            return self.snippet(f"{rest}^{braced(self.transpose)}")
        if len(words) == 1 and words[0] in TRANSPOSES:
            return self.snippet(rest)
        if words == ("-", "1"):
            return self.snippet(f"{rest}^{{-{self.transpose}}}")
        if len(words) == 2 and words[0] == "-" and words[1] in TRANSPOSES:
            return self.snippet(f"{rest}^{{-1}}")
        if words[-1] in TRANSPOSES and len(words) > 1:
            return self.snippet(f"{rest}^{{{joined(words[:-1])}}}")
        return self.snippet(f"({self.source(node)})^{braced(self.transpose)}")


def in_braces(text: str) -> bool:
    """True for a text that one pair of braces holds together."""
    depth = 0
    for k, letter in enumerate(text):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0:
            return k > 0 and k == len(text) - 1
    return False


def opening(text: str, start: int) -> int:
    r"""Where a node begins that starts with a bracket: at its `\left`."""
    found = SIZES_OF_BRACKETS.search(text, max(start - 12, 0), start)
    return found.start() if found else start


def braced(mark: str) -> str:
    """A script: in braces unless it is one symbol."""
    return mark if len(mark) == 1 or re.fullmatch(r"\\[A-Za-z]+", mark) else f"{{{mark}}}"


def joined(words: Sequence[str]) -> str:
    """Symbols as text, a space behind a command."""
    out = ""
    for word in words:
        out += (" " if re.search(r"\\[A-Za-z]+$", out) and word[:1].isalpha() else "") + word
    return out


def script_text(script: Script) -> str:
    """A new script as text."""
    return f"{script.sign}{braced(joined([x.text for x in script.lexemes]))}"


def tidy(latex: str) -> str:
    """One line, without what aligns it, outside of matrices."""
    if "\\begin" not in latex:
        latex = latex.replace("\\\\", " ").replace("&", " ")
    return " ".join(latex.split())


__all__ = ["Writing", "braced", "joined", "script_text", "tidy", "with_children"]
