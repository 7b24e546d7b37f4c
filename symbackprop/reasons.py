"""Why a step of the derivation is what it is: through which children, by which local rules, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tensor.pullback import children_last
from .tensor.terms import Map, Product, Special, Sum, Symbol, Term

if TYPE_CHECKING:
    from .derive import Derivation

RULES = {
    "tanh": "tanh' = 1 − tanh²",
    "sigmoid": "σ' = σ(1 − σ)",
    "relu": "relu'(z) = 1[z > 0]",
    "exp": "(eᶻ)' = eᶻ",
    "log": "(log z)' = 1/z",
    "abs": "|z|' = sign z",
    "step": "a step function has derivative 0",
    "sign": "a step function has derivative 0",
    "softmax": "∂yᵢ/∂oⱼ = yᵢ(δᵢⱼ − yⱼ)",
    "logsumexp": "the gradient of log Σ eᶻ is softmax(z)",
    "inverse": "d(X⁻¹) = −X⁻¹ dX X⁻¹",
    "logdet": "d log|det X| = tr(X⁻¹ dX)",
    "det": "d det X = det X · tr(X⁻¹ dX)",
    "standardize": "mean and deviation depend on every entry",
    "argmax": "the maximum passes everything to the first greatest entry",
    "stop": "the gradient is stopped here by declaration",
}


def reason(derivation: Derivation, name: str) -> str:
    """One sentence: which children the gradient comes through, and the rule at each."""
    model = derivation.model
    if name == model.loss:
        return "The loss itself: its gradient is 1."
    parts = derivation.contributions[name]
    children = list(dict.fromkeys(c.child for c in parts))
    spelled = derivation.context.notation
    shown = [_text(spelled, child) for child in children[:6]]
    rules = list(dict.fromkeys(rule for child in children for rule in local_rules(model.equations[child].term, name)))
    label = _text(spelled, name)
    if len(children) == 1:
        head = f"{label} enters {_text(spelled, model.loss)} through {shown[0]} only"
    else:
        more = f" and {len(children) - 6} more" if len(children) > 6 else ""
        head = f"{label} is used {len(children)} times, in {', '.join(shown)}{more}: the contributions add up"
    return f"{head}; {'; '.join(rules[:4])}." if rules else f"{head}."


def _text(notation: object, name: str) -> str:
    from .notation.spelling import Notation
    from .notation.text import text
    from .notation.tree import Sym

    assert isinstance(notation, Notation)
    return text(Sym(name, notation.kinds.get(name, "scalar")), notation)


def local_rules(term: Term, name: str) -> list[str]:
    """The rules used on the way from an equation's right-hand side down to a symbol in it."""
    holds: dict[Term, bool] = {}
    for inner in reversed(children_last(term)):
        own = isinstance(inner, Symbol) and inner.name == name
        holds[inner] = own or any(holds[c] for c in inner.children)
    rules: dict[str, None] = {}
    for inner in children_last(term):
        if holds[inner]:
            rule = _rule(inner, holds)
            if rule:
                rules[rule] = None
    return list(rules)


def _rule(term: Term, holds: dict[Term, bool]) -> str:
    """The rule of one term, in words; empty for what needs none."""
    if isinstance(term, Map):
        return RULES.get(term.head, f"derivative of {term.head}, entry by entry")
    if isinstance(term, Special):
        return RULES.get(term.operation, f"derivative of {term.operation}")
    if isinstance(term, Sum):
        return ""
    if isinstance(term, Product):
        active = [f for f in term.factors if holds[f[0]]]
        if len(active) > 1:
            return "product rule"
        if active and active[0][2] != 1:
            return "power rule" if active[0][2] > 0 else "quotient rule"
        if not active or len(term.factors) == 1:
            return "a sum passes its gradient to every term" if term.summed else ""
        others = [f for f in term.factors if not holds[f[0]] and f[1]]
        if any(set(f[1]) & set(term.summed) for f in others):
            return "matrix product: pull back with the other factor transposed"
        return "the other factor is constant here" if others else ""
    return ""
