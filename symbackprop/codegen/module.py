"""The text of a generated module: arguments, documentation, functions, a check of itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..derive import derive
from ..errors import SymbackpropError, UnknownName
from ..graph import Graph
from ..network import DIFFERENTIABLE, Model
from .arguments import Arguments, listed
from .documents import Documents, Formulas, quoted
from .entries import NotNumbers, is_scalar
from .imports import LINALG, carried, imports_of_numbers
from .kernel import Kernel
from .names import Names
from .numbers import IN_MATH, Numbers, NumbersText, programs
from .program import Program, forward_program, gradient_program
from .stable import stabilised

HEADER = (
    "SHOWN", "REQUIRED", "ARGUMENTS", "SIZES", "GRADIENTS", "DEFAULT", "Flat", "Workspace", "np", "math", "ndarray",
)  # fmt: skip
LOCALS = (
    "dtype", "wrt", "run", "fits", "found", "index_type", "i_", "j_", "errstate", "number", "k0", "k1", "k2", "k3",
)  # fmt: skip
GLOBALS = ("array", "empty", "ones", "arange", "copyto", "matmul", "vdot", "broadcast_to", "add", "maximum", "pi")
RESERVED = ("float", "abs", "floor", "erfc", *IN_MATH)
FIRST = ("flat", "forward", "loss", "loss_and_grad")
PUBLIC = (*FIRST, "hessian", "hvp")


@dataclass
class Module:
    """One generated module. `wrt`: the gradients that it has; the first ones asked for are its default.

    `second`: with second derivatives.
    """

    model: Model
    wrt: Sequence[str] | None = None
    formulas: Formulas = field(default_factory=Formulas)
    second: bool = False

    def __post_init__(self) -> None:
        self.graph = Graph(self.model)
        self.arguments = Arguments(self.model)
        self.globals: dict[str, None] = {}

    # -- which gradients
    def available(self) -> tuple[list[str], list[str]]:
        """The gradients that the module has, and those that it returns unless told otherwise."""
        roles = self.model.declarations
        if self.wrt is not None:
            for name in self.wrt:
                if name in roles and roles[name].role == "index":
                    raise SymbackpropError(f"{name} is an index; there is no derivative with respect to an integer.")
                if name not in roles and name not in self.model.equations:
                    raise UnknownName(f"There is no symbol or node {name!r} in this network.")
            chosen = list(dict.fromkeys(self.wrt))
            return chosen, chosen
        everything = [d.name for d in roles.values() if d.role in DIFFERENTIABLE]
        default = list(self.model.names("parameter")) or list(self.model.names("input")) or everything
        return everything, default

    # -- the text
    def text(self) -> str:
        """The module: of numbers if the network has nothing else, of arrays otherwise."""
        available, default = self.available()
        stable = stabilised(self.model, frozenset(available))
        source = ""
        if is_scalar(self.model):
            try:
                source = self.numbers(stable, available, default)
            except NotNumbers:
                source = ""
        source = source or self.arrays(stable, available, default)
        ast.parse(source)
        return source

    def common(self, available: Sequence[str], default: Sequence[str]) -> dict[str, object]:
        """The parts that both kinds of modules have."""
        documents = Documents(self.model, self.graph, self.arguments, self.formulas)
        return {
            "docstring": quoted(documents.summary(), ""),
            "file": self.model.name,
            "arguments": self.arguments.table(),
            "gradients": self.tuple(available),
            "default": self.tuple(default),
            "names": {n: self.arguments.names(" " * n) for n in (4, 8, 12)},
            "forward_doc": quoted(documents.forward(), "    "),
            "loss_doc": quoted(documents.loss(), "    "),
            "gradient_doc": quoted(documents.gradients(available, default), "    "),
            "shown": repr({n: s for n, s in self.arguments.shown.items() if n != s and n in self.arguments.declared}),
        }

    def parameters(self) -> dict[str, str]:
        """The parameters of each function."""
        space = "workspace_=None"
        made = self.arguments.parameters
        return {"forward": made(space), "loss": made(space), "loss_and_grad": made("wrt_=None", space)}

    def arrays(self, stable: Model, available: Sequence[str], default: Sequence[str]) -> str:
        """A module of NumPy."""
        from ..render import render_code, template_text
        from .curvature import Curvature

        gradients = gradient_program(stable, derive(stable), available)
        forward = forward_program(stable, self.graph.order)
        codes = [self.function("_forward", forward), self.function("_loss_and_grad", gradients)]
        curvature = Curvature(self, self.globals)
        second = curvature.arrays() if self.second else ""
        imports, support = carried(template_text("numpy/support.py"), self.globals)
        parts = self.common(available, default) | {
            "imports": imports,
            "sizes": self.tuple(self.arguments.size_names.values()),
            "parameters": self.parameters(),
            "fitted": {8: self.arguments.fitted(" " * 8)},
            "sizes_too": "".join(f", {self.arguments.shown[name]}" for name in self.arguments.required),
            "given": self.arguments.given(),
            "forward_code": codes[0],
            "gradient_code": codes[1],
            "required": self.tuple(self.arguments.shown[name] for name in self.arguments.required),
            "size_names": ", ".join(self.arguments.size_names.values()),
            "shapes": self.arguments.shapes(),
            "ranges": self.arguments.ranges(),
            "solving": self.arguments.solving,
            "support": support,
            "second": second,
            "public": public(curvature.public if self.second else ()),
        }
        return render_code("numpy/module.py.jinja", parts)

    def numbers(self, stable: Model, available: Sequence[str], default: Sequence[str]) -> str:
        """A module of straight-line numbers. Raises NotNumbers if something in it needs arrays."""
        from ..render import render_code
        from .curvature import Curvature

        forward, gradient, selected = programs(self.model, stable, available, default)
        only = Numbers(stable, gradient.values, gradient.loss)
        imports: dict[str, None] = {}
        parts = self.common(available, default) | {"parameters": self.parameters()}
        shown = [self.arguments.shown[d] for d in self.arguments.declared]
        parts["selected_parameters"] = listed(["wanted_", *shown], "")
        for key, program in (("forward", forward), ("loss", only), ("gradient", gradient), ("selected", selected)):
            local = {d: self.arguments.shown[d] for d in self.arguments.declared}
            names = Names({*HEADER, *RESERVED, *(f"{name}_" for name in RESERVED), *local.values()})
            text = NumbersText(program, local, names, imports, guarded=key == "selected")
            text.run()
            parts[f"{key}_body"] = list(text.lines())
            if key == "forward":
                parts["loss_name"] = text.shown(next(r for r in program.results if r.name == self.model.loss))
                parts["forward_items"] = [f'"{r.name}": {text.shown(r)},' for r in program.results]
            elif program.loss is not None:
                name = {"loss": "only_loss_name"}.get(key, f"{key}_loss_name")
                parts[name] = text.number(program.loss)
            if key == "gradient":
                parts["gradient_items"] = [f'"{r.name}": {text.shown(r)},' for r in program.results]
            if key == "selected":
                parts["selected_items"] = [
                    line
                    for r in program.results
                    for line in (f'if "{r.name}" in wanted_:', f'    found_["{r.name}"] = {text.shown(r)}')
                ]
        curvature = Curvature(self)
        parts["second"] = curvature.numbers(imports) if self.second else ""
        parts["public"] = public(curvature.public if self.second else ())
        return render_code("numpy/numbers.py.jinja", parts | {"imports": imports_of_numbers(imports)})

    def tuple(self, names: Iterable[str]) -> str:
        """A tuple of strings."""
        items = [f'"{name}"' for name in names]
        text = listed(items, "")
        return f"({text}{',' if len(items) == 1 and not text.endswith(chr(10)) else ''})"

    # -- one function
    def function(self, name: str, program: Program) -> str:
        """The text of a function that makes buffers and the function that fills them."""
        used: dict[str, None] = {"ndarray": None}
        reserved = {*HEADER, *LOCALS, *PUBLIC, *globals_of(program)}
        names = Names(reserved)
        local = {d: names.new(self.arguments.shown[d]) for d in self.arguments.declared}
        sizes = {s: names.new(self.arguments.shown[s]) for s in self.arguments.sizes}
        kernel = Kernel(program, local, sizes, names, used)
        kernel.run()
        gradient = program.loss is not None
        head = [f"def {name}({''.join(s + ', ' for s in sizes.values())}dtype{', wrt' if gradient else ''}):"]
        what = "the loss and its gradients" if gradient else "every node"
        head.append(f'    """Arrays for these sizes, and two functions: whether arguments fit, and {what}."""')
        present = {v.attr[0] for v in program.values.all if v.op == "argument"}
        body = [f"{x} = number({x})" for d, x in local.items() if self.scalar(d) and d in present]
        body += kernel.body
        if gradient:
            assert program.loss is not None
            body.append("found = {}")
            for result in program.results:
                flag = kernel.flag(kernel.wants[result.name])
                body += [f"if {flag}:", f'    found["{result.name}"] = {kernel.returned(result.name)}']
            body.append(f"return number({kernel.returned_number(program.loss)}), found")
        else:
            items = [f'"{r.name}": {kernel.returned(r.name)}' for r in program.results]
            body.append("return {")
            body += [f"    {item}," for item in items]
            body.append("}")
        quiet: list[str] = []
        if overflows(kernel):
            used["errstate"] = None
            quiet = ['@errstate(over="ignore")  # where e^-x overflows, its reciprocal is 0']
        asked = {s: names.new(self.arguments.shown[s] + "_") for s in self.arguments.required}
        setup, tests = self.arguments.fits(local | asked, sizes, names)
        lines = [*kernel.preparation(), *setup]
        if any("index_type" in test for test in tests):
            lines.insert(0, "index_type = np.dtype(np.intp)")
        lines.insert(0, "number = dtype.type")
        parameters = listed(list(local.values()), "").split("\n")
        fitted = listed([*local.values(), *asked.values()], "").split("\n")
        opening = ["", *spliced("def fits(", fitted, "):")]
        conditions = [f"    {'and ' if k else ''}{test}" for k, test in enumerate(tests)] or ["    True"]
        inner = [*opening, "    return (", *("    " + line for line in conditions), "    )"]
        inner += [
            "",
            *quiet,
            *spliced("def run(", parameters, "):"),
            *("    " + line for line in body),
            "",
            "return fits, run",
        ]
        self.globals.update(used)
        return "\n".join([*head, *(("    " + line).rstrip() for line in (*lines, *inner))])

    def scalar(self, name: str) -> bool:
        """True for an argument that is one number."""
        d = self.arguments.declared[name]
        return not d.sizes and d.role != "index"


def public(more: Sequence[str]) -> str:
    """The list of public names."""
    return "[" + listed([f'"{x}"' for x in sorted(("Workspace", *FIRST, *more))], "") + "]"


def spliced(before: str, lines: Sequence[str], after: str) -> list[str]:
    """Lines with something in front of the first and behind the last."""
    joined = list(lines)
    joined[0] = before + joined[0]
    joined[-1] += after
    return joined


def globals_of(program: Program) -> set[str]:
    """The names of NumPy that the operations of a program may use."""
    return {v.op for v in program.values.all}.union(GLOBALS, LINALG)


def overflows(kernel: Kernel) -> bool:
    """True if a value may overflow on the way to a result that is finite."""
    for step in kernel.steps:
        for v in step.values:
            if v.op == "reciprocal" and v.args[0].op == "add" and any(a.op == "exp" for a in v.args[0].args):
                return True
            if v.op == "where" and not all(a.tame for a in v.args):
                return True
    return False


__all__ = ["Formulas", "Module", "carried", "imports_of_numbers"]
