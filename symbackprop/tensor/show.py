"""Terms as plain text, for tracebacks and tests: an einsum is written with its labels, x[i]·y[i]."""

from __future__ import annotations

from .terms import Bracket, Constant, Dim, Map, Product, Special, Sum, Symbol, Term

LETTERS = "ijklmnpqrstuvw"
DEPTH = 12


def letter(label: int) -> str:
    """A name for a label: i, j, ..., then i1, j1, ..."""
    turn, which = divmod(label, len(LETTERS))
    return LETTERS[which] + (str(turn) if turn else "")


def show(term: Term, depth: int = 0) -> str:
    """One line; parts nested deeper than `DEPTH` are shown as dots."""
    if depth > DEPTH:
        return "…"
    if isinstance(term, Symbol):
        return term.name
    if isinstance(term, Constant):
        return str(term.value)
    if isinstance(term, Dim):
        return str(term.atom)
    if isinstance(term, Sum):
        return "(" + " + ".join(f"{c}*{show(t, depth + 1)}" for c, t in term.terms) + ")" if term.terms else "0"
    if isinstance(term, Map):
        return f"{term.head}({', '.join(show(a, depth + 1) for a in term.children)})"
    if isinstance(term, Special):
        return f"{term.operation}{term.axes}({', '.join(show(a, depth + 1) for a in term.children)})"
    if isinstance(term, Bracket):
        parts = [f"{c}*#{k}" for k, c in enumerate(term.coefficients)]
        parts += [f"{c}*{n}{list(axes)}" for c, n, axes, _ in term.indices]
        return f"[{' + '.join(parts)} + {term.constant} = 0]"
    assert isinstance(term, Product)
    factors = [
        show(t, depth + 1) + (f"[{','.join(map(letter, labels))}]" if labels else "") + (f"^{e}" if e != 1 else "")
        for t, labels, e in term.factors
    ]
    head = [str(term.coefficient)] if term.coefficient != 1 or not factors else []
    body = "·".join(head + factors)
    summed = "".join(letter(x) for x in term.summed)
    outer = ",".join(letter(x) for x in range(term.order))
    return (f"Σ_{summed} " if summed else "") + body + (f" →[{outer}]" if outer else "")
