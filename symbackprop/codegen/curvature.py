"""The part of a generated module that has second derivatives: part of its text, or added to it when first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING

from ..derive import Derivation, derive
from ..errors import SymbackpropError
from ..network import DIFFERENTIABLE, Model
from ..second import Pair, all_pairs
from ..tensor.factor import factored
from ..tensor.terms import Term
from .arguments import listed
from .kernel import Kernel
from .names import Names
from .numbers import NumbersText
from .second import NumberSweep, StructuredBlocks, Sweep, block_names, block_program, factors_of, product_program
from .stable import stabilised

if TYPE_CHECKING:
    from .module import Module
    from .program import Program

SECOND = ("gauss_newton", "hessian", "hessian_operator", "hvp", "newton_step")  # what a module has beside its gradients
TABLES = ("BLOCKS", "OUTPUTS", "VARIABLES")
MISSING = {
    "gauss_newton": "No node of this network is known to have a convex loss behind it, as Gauss-Newton needs.",
    "newton_step": "This module has no gradients of what varies, as a Newton step needs.",
}
MOST_OUTPUTS = 4  # of Gauss-Newton that one module has functions for


@dataclass
class Curvature:
    """The second derivatives of one module: of the symbols among its default gradients, each with each."""

    module: Module
    globals: dict[str, None] = field(default_factory=dict)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The symbols that vary."""
        model = self.module.model
        chosen = [n for n in self.module.available()[1] if n in model.declarations]
        chosen = chosen or list(model.names("parameter")) or list(model.names("input"))
        chosen = chosen or [d.name for d in model.declarations.values() if d.role in DIFFERENTIABLE]
        return tuple(n for n in model.declarations if n in chosen)

    @cached_property
    def model(self) -> Model:
        """The network in stable forms."""
        return stabilised(self.module.model, frozenset(self.variables))

    @cached_property
    def pairs(self) -> dict[Pair, str]:
        """Each unordered pair, in the order of declaration, and its word."""
        place = {n: k for k, n in enumerate(self.variables)}
        return block_names(sorted(all_pairs(self.variables), key=lambda pair: (place[pair[0]], place[pair[1]])))

    @cached_property
    def derivation(self) -> Derivation:
        """The derivation of the network in stable forms."""
        return derive(self.model)

    @cached_property
    def terms(self) -> dict[str, Term]:
        """Each block as a term, by its word."""
        blocks = StructuredBlocks(self.derivation, frozenset(self.pairs))
        return {word: blocks.closed(*pair) for pair, word in self.pairs.items()}

    @cached_property
    def output(self) -> str:
        """The node up to which Gauss-Newton takes the network as linear; "" if none is known to be right."""
        from ..gauss_newton import default_output

        for derivation in (self.derivation, derive(self.module.model)):
            try:
                node = default_output(derivation, self.variables)
            except SymbackpropError:
                continue
            if node in self.derivation.graph.used:
                return node
        return ""

    @cached_property
    def outputs(self) -> dict[str, dict[str, Term]]:
        """The nodes that Gauss-Newton may take as output, the usual one first, and each block there by its word."""
        from ..gauss_newton import apart, candidates, past

        derivation, found = self.derivation, [self.output] if self.output else []
        for node in candidates(derivation, self.variables):
            beside = past(derivation, self.variables, node)
            if beside is None or node in found or node not in self.module.model.equations:
                continue
            if len(found) == MOST_OUTPUTS:
                break
            if apart(derivation, self.variables, node, beside):
                found.append(node)
        return {node: self.linear_terms(node) for node in found}

    def linear_terms(self, output: str) -> dict[str, Term]:
        """Each Gauss-Newton block at an output as a term, by its word."""
        linear = self.derivation.graph.ancestors([output])
        blocks = StructuredBlocks(self.derivation, frozenset(self.pairs), linear=linear)
        return {word: blocks.closed(*pair) for pair, word in self.pairs.items()}

    @cached_property
    def linear(self) -> dict[str, str]:
        """For each output the function that computes its blocks, which outputs with the same blocks share."""
        known: dict[tuple[Term, ...], str] = {tuple(self.terms.values()): "_hessian"}
        return {
            node: known.setdefault(tuple(terms.values()), "_gauss_newton" + f"_{len(known)}" * (len(known) > 1))
            for node, terms in self.outputs.items()
        }

    @cached_property
    def factors(self) -> dict[str, list[tuple[tuple[int, ...], Term]]]:
        """The variables whose own block is an outer product, and its factors."""
        found = {p: factors_of(factored(self.terms[word])) for (p, q), word in self.pairs.items() if p == q}
        return {name: parts for name, parts in found.items() if parts is not None}

    def programs(self, sweep: type[Sweep | NumberSweep]) -> Iterator[tuple[str, str, Sweep | NumberSweep]]:
        """The functions: name, what they make, and what they compute."""
        made = sweep.of(self.model, self.derivation)
        product_program(self.model, self.derivation, self.variables, made)
        yield "_hvp", "products of the Hessian and a direction", made
        made = sweep.of(self.model, self.derivation)
        block_program(self.model, self.derivation, self.terms, made)
        yield "_hessian", "blocks of the Hessian", made
        for name in dict.fromkeys(self.linear.values()):
            if name != "_hessian":
                output = next(node for node, function in self.linear.items() if function == name)
                made = sweep.of(self.model, self.derivation)
                block_program(self.model, self.derivation, self.outputs[output], made)
                yield name, f"blocks of the Gauss-Newton matrix at {output}", made
        if self.factors and sweep is Sweep:
            made = sweep.of(self.model, self.derivation)
            parts = {f"{name}_{k}": t for name, found in self.factors.items() for k, (_, t) in enumerate(found)}
            block_program(self.model, self.derivation, parts, made)
            yield "_factors", "factors of blocks of the Hessian", made

    def common(self) -> dict[str, object]:
        """The parts that both kinds of modules have."""
        arguments = self.module.arguments
        made = arguments.parameters
        return {
            "variables": self.module.tuple(self.variables),
            "pairs": [f'"{word}": ("{p}", "{q}"),' for (p, q), word in self.pairs.items()],
            "parameters": made("wrt_=None", "workspace_=None"),
            "linear_parameters": made("wrt_=None", "output_=None", "workspace_=None"),
            "newton_parameters": made("wrt_=None", "damping_=0.0"),
            "newton": self.has_newton,
            "output": self.output,
            "all_exact": set(self.linear.values()) == {"_hessian"},
            "default_output": f'"{self.output}"' if self.output else "None",
            "unknown_output": self.unknown_output(),
            "outputs": [f'"{node}": {function},' for node, function in self.linear.items()],
            "factors": [_row(name, parts) for name, parts in self.factors.items()],
            "operator_parameters": _after("name_, /", made().rstrip().removesuffix("*").rstrip().removesuffix(",")),
            "hvp_parameters": _after("direction_, /", made("wrt_=None", "workspace_=None")),
            "names": {n: arguments.names(" " * n) for n in (4, 8, 12)},
        }

    @property
    def public(self) -> tuple[str, ...]:
        """The names of the functions."""
        left_out = {"gauss_newton": not self.outputs, "newton_step": not self.has_newton}
        return tuple(name for name in SECOND if not left_out.get(name))

    @property
    def has_newton(self) -> bool:
        """True if the module has the gradients of all that varies."""
        return set(self.variables) <= set(self.module.available()[0])

    def unknown_output(self) -> str:
        """The message, as it stands in the module, for an output that is none."""
        known = "" if self.output else "no node is known to have a convex loss behind it; "
        return f"f\"{known}output_ takes one of {{', '.join(OUTPUTS)}}, not {{output!r}}.\""

    def arrays(self) -> str:
        """The functions, as they stand in a module of arrays."""
        from ..render import render_code

        arguments = self.module.arguments
        codes = {
            name: self.function(name, made.program, what, self.variables if name == "_hvp" else ())
            for name, what, made in self.programs(Sweep)
            if isinstance(made, Sweep)
        }
        parts: dict[str, object] = self.common() | {
            "codes": codes,
            "fitted": {8: arguments.fitted(" " * 8)},
            "sizes_too": "".join(f", {arguments.shown[name]}" for name in arguments.required),
            "given": arguments.given(),
        }
        return render_code("numpy/second.py.jinja", parts)

    def numbers(self, imports: dict[str, None]) -> str:
        """The functions, as they stand in a module of numbers. Raises NotNumbers if something in them needs arrays."""
        from ..render import render_code
        from .module import HEADER, PUBLIC, RESERVED

        arguments = self.module.arguments
        parts = self.common()
        functions = []
        for key, _, sweep in self.programs(NumberSweep):
            assert isinstance(sweep, NumberSweep)
            directions = self.variables if key == "_hvp" else ()
            names = Names({*HEADER, *PUBLIC, *RESERVED, *(f"{name}_" for name in RESERVED), *arguments.shown.values()})
            local = {d: arguments.shown[d] for d in arguments.declared}
            local |= {"~" + d: names.new("v_" + arguments.shown[d]) for d in directions}
            text = NumbersText(sweep.program, local, names, imports, guarded=True)
            text.run()
            body = list(text.lines())
            body.append("found_ = {}")
            for r in sweep.program.results:
                body += [f'if "{r.name}" in wanted_:', f'    found_["{r.name}"] = {text.shown(r)}']
            functions.append((key, listed(["wanted_", *local.values()], ""), body))
        parts["functions"] = functions
        return render_code("numpy/second_numbers.py.jinja", parts)

    def addition(self, numbers: bool) -> str:
        """The text that makes a module without second derivatives one that has them."""
        from ..render import template_text
        from .imports import carried, imports_of_numbers

        if numbers:
            imported: dict[str, None] = {}
            text = self.numbers(imported)
            return imports_of_numbers(imported) + text
        text = self.arrays()
        imports, support = carried(template_text("numpy/support.py"), self.globals)
        return "\n\n\n".join([imports, *support, text])

    def function(self, name: str, program: Program, what: str, directions: Sequence[str]) -> str:
        """The text of a function that makes buffers and the function that fills them and returns what is asked for."""
        from .module import HEADER, LOCALS, PUBLIC, globals_of, overflows, spliced

        arguments = self.module.arguments
        used: dict[str, None] = {"ndarray": None}
        names = Names({*HEADER, *LOCALS, *PUBLIC, *SECOND, *globals_of(program)})
        local = {d: names.new(arguments.shown[d]) for d in arguments.declared}
        moves = {"~" + d: names.new("v_" + arguments.shown[d]) for d in directions}
        sizes = {s: names.new(arguments.shown[s]) for s in arguments.sizes}
        kernel = Kernel(program, local | moves, sizes, names, used)
        kernel.run()
        present = {v.attr[0] for v in program.values.all if v.op == "argument"}
        scalars = [x for d, x in (local | moves).items() if self.module.scalar(d.removeprefix("~")) and d in present]
        body = [*(f"{x} = number({x})" for x in scalars), *kernel.body, "found = {}"]
        for result in program.results:
            flag = kernel.flag(kernel.wants[result.name])
            body += [f"if {flag}:", f'    found["{result.name}"] = {kernel.returned(result.name)}']
        body.append("return found")
        if overflows(kernel):
            used["errstate"] = None
            note = "# where e^-x overflows, its reciprocal is 0"
            body = [f'with errstate(over="ignore"):  {note}', *("    " + line for line in body)]
        asked = {s: names.new(arguments.shown[s] + "_") for s in arguments.required}
        setup, tests = arguments.fits(local | asked, sizes, names)
        lines = ["number = dtype.type", *kernel.preparation(), *setup]
        if any("index_type" in test for test in tests):
            lines.insert(0, "index_type = np.dtype(np.intp)")
        fitted = listed([*local.values(), *asked.values()], "").split("\n")
        conditions = [f"    {'and ' if k else ''}{test}" for k, test in enumerate(tests)] or ["    True"]
        inner = [
            "",
            *spliced("def fits(", fitted, "):"),
            "    return (",
            *("    " + line for line in conditions),
            "    )",
        ]
        parameters = listed([*moves.values(), *local.values()], "").split("\n")
        inner += ["", *spliced("def run(", parameters, "):"), *("    " + line for line in body), "", "return fits, run"]
        self.globals.update(used)
        head = [f"def {name}({''.join(s + ', ' for s in sizes.values())}dtype, wrt):"]
        head.append(
            f'    """Arrays for these sizes, and two functions: one that says whether arguments fit, one for {what}."""'
        )
        return "\n".join([*head, *(("    " + line).rstrip() for line in (*lines, *inner))])


def _row(name: str, parts: Sequence[tuple[tuple[int, ...], Term]]) -> str:
    """The entry of the table of factors."""
    items = [f'("{name}_{k}", {axes})' for k, (axes, _) in enumerate(parts)]
    return f'"{name}": ({", ".join(items)}),'


def _after(first: str, rest: str) -> str:
    """Parameters with one in front of them."""
    return f"{first}, {rest}" if not rest.startswith("\n") else f"\n    {first}, {rest.lstrip()}"


def extended(module: ModuleType, model: Model, wrt: Sequence[str] | None) -> ModuleType:
    """The module, which makes its second derivatives when one of them is first asked for."""
    from .entries import NotNumbers
    from .loader import added, imported
    from .module import Module

    def complete() -> Mapping[str, object]:
        if "hessian" not in module.__dict__:
            work = Module(model, wrt)
            if "_checked" in module.__dict__:
                added(module, Curvature(work).addition(numbers=False))
            else:
                try:
                    added(module, Curvature(work).addition(numbers=True))
                except NotNumbers:  # a second derivative that math does not have: all of it with arrays
                    whole = imported(Module(model, wrt, second=True).text(), module.__name__)
                    module.__dict__.update({k: v for k, v in whole.__dict__.items() if not k.startswith("__")})
        return module.__dict__

    def __getattr__(name: str) -> object:
        if name not in (*SECOND, *TABLES):
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        found = complete()
        if name not in found:
            if name == "OUTPUTS":
                return {}
            raise SymbackpropError(MISSING[name], remedy="Take hessian or hvp.")
        return found[name]

    def hess(self: object, vector: object) -> object:
        """The Hessian at a vector, a matrix."""
        complete()
        return type(self).hess(self, vector)  # type: ignore[attr-defined]

    def hessp(self: object, vector: object, direction: object) -> object:
        """The Hessian at a vector times a direction, a vector."""
        complete()
        return type(self).hessp(self, vector, direction)  # type: ignore[attr-defined]

    # What a module lacks it asks `__getattr__` and `__dir__` of its own for; types know neither as something to set,
    # nor that `complete` puts the true methods in the place of these two.
    module.__getattr__ = __getattr__  # type: ignore[method-assign]
    module.__dir__ = lambda: sorted({*module.__dict__, *SECOND})  # type: ignore[method-assign]
    module.Flat.hess, module.Flat.hessp = hess, hessp
    return module


__all__ = ["Curvature", "extended"]
