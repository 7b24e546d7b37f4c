"""An einsum being put together: labels, powers and brackets, and what these let each other do without.

Nothing here builds another term; what does, because a factor opens into a product or a sum, is in `products`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from .brackets import Form, factor_of, form_of
from .coefficients import exact, factorised
from .size import Size
from .terms import Bracket, Factor, Labels, Map, Number, Special, Sum, Term, constant, delta_bracket


class Zero(Exception):
    """A factor of the product being built is zero."""


class Einsum:
    """coefficient · Π term[labels]^exponent · Π [form = 0], to be summed over every label that is not an output label.

    `sizes` has the size of every label; new labels are numbered past `fresh`.
    """

    def __init__(self, coefficient: Number, sizes: Mapping[int, Size]) -> None:
        self.coefficient = coefficient
        self.sizes: dict[int, Size] = dict(sizes)
        self.powers: dict[tuple[Term, Labels], Number] = {}
        self.forms: list[Form] = []
        self.fresh = 0

    def new_label(self, length: Size) -> int:
        """A label that nothing carries yet."""
        self.fresh += 1
        self.sizes[self.fresh] = length
        return self.fresh

    def root(self, base: int, exponent: Number) -> None:
        """Multiply by base^exponent; the whole part goes into the coefficient."""
        whole = exponent.numerator // exponent.denominator
        rest = exact(exponent - whole)
        self.coefficient = exact(self.coefficient * Fraction(base) ** whole)
        if rest:
            self.powers[constant(base), ()] = rest

    def numeric(self, value: Number, exponent: Number) -> None:
        """Multiply by a rational number to a power; it is positive if the exponent is a fraction."""
        if isinstance(exponent, int):
            self.coefficient = exact(self.coefficient * Fraction(value) ** exponent)
            return
        for part, sign in ((value.numerator, 1), (value.denominator, -1)):
            for prime, power in factorised(part):
                term = constant(prime)
                self.root(prime, self.powers.pop((term, ()), 0) + sign * power * exponent)

    def carries(self, label: int, apart: Form) -> bool:
        """True if a factor, or a form other than `apart`, carries the label."""
        return any(label in labels for _, labels in self.powers) or any(
            label in form.labels for form in self.forms if form is not apart
        )

    def rename(self, old: int, new: int) -> None:
        """Put one label for another everywhere, merging powers that become equal."""
        before = self.powers
        self.powers = {}
        for (term, labels), exponent in before.items():
            if old in labels:
                labels = tuple(new if x == old else x for x in labels)
                if isinstance(term, (Sum, Map)) and term.symmetric:
                    labels = tuple(sorted(labels))
            total = exact(self.powers.get((term, labels), 0) + exponent)
            self.powers.pop((term, labels), None)
            if total:
                self.powers[term, labels] = total
        for form in self.forms:
            form.renamed(old, new)

    def brackets(self) -> list[Factor]:
        """The forms as factors, each once."""
        return list(dict.fromkeys((*factor_of(form, self.sizes), 1) for form in self.forms))

    def resolve_brackets(self, axes: Labels) -> None:
        """Rename deltas away, substitute labels that brackets determine, drop what is always or never true."""
        while self.forms and self.resolve_one(axes):
            pass

    def resolve_one(self, axes: Labels) -> bool:
        """Do without one form, or make it simpler; False if there is none."""
        output = set(axes)
        held = {x for _, labels in self.powers for x in labels}
        return any(
            self.use_delta(k, axes) or self.decide(k) or self.eliminate(k, output, held) for k in range(len(self.forms))
        )

    def use_delta(self, k: int, axes: Labels) -> bool:
        """Put one label of a delta for the other; where it ties two output axes, everything else moves to the first."""
        form = self.forms[k]
        pair = form.delta(self.sizes)
        if pair is None:
            return False
        tied = pair[0] in axes and pair[1] in axes
        if tied:
            new, old = sorted(pair, key=axes.index)
            if not self.carries(old, form):
                return False
        else:
            old, new = pair if pair[0] not in axes else pair[::-1]
        del self.forms[k]
        self.rename(old, new)
        if tied:
            self.forms.append(form)
        else:
            del self.sizes[old]
        return True

    def decide(self, k: int) -> bool:
        """Drop a form that is always zero, split one that falls apart; raises Zero for one that is never zero."""
        form = self.forms[k]
        if not form.labels and not form.indices and form.constant.number is not None:
            if form.constant.number:
                raise Zero
            del self.forms[k]
            return True
        if form.surely_nonzero(self.sizes):
            raise Zero
        parts = form.split(self.sizes)
        if parts is not None:
            self.forms[k : k + 1] = parts
        return parts is not None

    def eliminate(self, k: int, output: set[int], held: set[int]) -> bool:
        """Substitute away a summed label that form k determines and that otherwise occurs in brackets only."""
        form = self.forms[k]
        for label in sorted(form.labels):
            if label in output or label in held:
                continue
            solution = form.solved(label)
            if solution is None or not solution.stays_within(self.sizes[label], self.sizes):
                continue
            others = self.forms[:k] + self.forms[k + 1 :]
            if any(label in used for other in others for _, _, used, _ in other.indices):
                continue
            for other in others:
                other.substituted(label, solution)
            self.forms = others
            del self.sizes[label]
            return True
        return False

    def cancel_inverses(self, output: set[int]) -> bool:
        """Turn X_ij X⁻¹_jk with j met nowhere else into δ_ik, once; True if it happened."""
        for (term, labels), exponent in self.powers.items():
            if not (isinstance(term, Special) and term.operation == "inverse" and exponent == 1 and len(labels) == 2):
                continue
            base = term.children[0]
            for near, far in ((0, 1), (1, 0)):
                meet, keep = labels[near], labels[far]
                partner = next(
                    (
                        used
                        for (t, used), e in self.powers.items()
                        if t is base and e == 1 and len(set(used)) == 2 and used[1 - near] == meet and meet != keep
                    ),
                    None,
                )
                if partner is None or meet in output:
                    continue
                count = sum(used.count(meet) for _, used in self.powers)
                if count == 2 and not any(meet in f.labels for f in self.forms):
                    del self.powers[term, labels], self.powers[base, partner]
                    length = self.sizes.pop(meet)
                    self.forms.append(form_of(delta_bracket(length), (partner[near], keep)))
                    return True
        return False

    def remove(self, component: list[Factor], summed: set[int]) -> None:
        """Take the factors out, with the labels that they sum."""
        for term, labels, _ in component:
            if isinstance(term, Bracket):
                self.forms = [f for f in self.forms if factor_of(f, self.sizes) != (term, labels)]
            else:
                del self.powers[term, labels]
        for label in {x for _, labels, _ in component for x in labels} & summed:
            del self.sizes[label]
