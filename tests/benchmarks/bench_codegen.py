"""Generated gradient code beside hand-written NumPy, torch, jax and autograd, in one run of a peer script.

    PYTHONPATH=. python tests/benchmarks/bench_codegen.py PEERS.py [NET/ACT/DTYPE ...] [-- OPTIONS OF THE SCRIPT]

PEERS.py is a script that times peers side by side and takes `--module LABEL=PATH` for one more column: a module with
`prepare(params, x, y)`, which returns a callable of loss_and_grad's signature. The nets are 1-64-64-1 ("small", mean
squared error) and 784-512-256-10 ("mnist", softmax cross-entropy), for relu, tanh, sigmoid and gelu. What the script
prints is printed: medians, spread, ratios of one run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from symbackprop.codegen import generate
from symbackprop.reading.netfile import parse

LAYERS = {"small": 3, "mnist": 3, "large": 4}
ACTIVATION = {"relu": "relu({})", "tanh": "tanh({})", "sigmoid": "sigmoid({})", "gelu": 'gelu({}, approximate="tanh")'}
CASES = [f"{net}/{act}/float64" for net in ("small", "mnist") for act in ACTIVATION]
ADAPTER = '''

def prepare(params, x, y):
    """The gradients in a workspace of their own, as the script calls them."""
    workspace = Workspace()

    def call(*args):
        *parameters, x, y = args
        value, gradients = loss_and_grad(x, y, *parameters, workspace_=workspace)
        return value, tuple(gradients.values())

    return call
'''


def network(net: str, act: str) -> str:
    """The network file of one of the script's nets."""
    depth = LAYERS[net]
    lines = ["x: input(n, d_0)", f"y: target(n, d_{depth}{', onehot=True' if net != 'small' else ''})"]
    previous = "x"
    for k in range(1, depth + 1):
        lines += [f"W{k}: parameter(d_{k - 1}, d_{k})", f"b{k}: parameter(d_{k})", f"z{k} = {previous} @ W{k} + b{k}"]
        if k < depth:
            lines.append(f"a{k} = {ACTIVATION[act].format(f'z{k}')}")
            previous = f"a{k}"
    last = f"z{depth}"
    loss = f"mean(({last} - y)**2)" if net == "small" else f"-sum(y * log(softmax({last}))) / n"
    return "\n".join([*lines, f"J: loss = {loss}", ""])


def main(arguments: list[str]) -> int:
    """Write the modules and run the script."""
    rest = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    script, cases = own[0], own[1:] or CASES
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            net, act, dtype = case.split("/")
            source = generate(parse(network(net, act)))
            Path(folder, f"{net}_{act}_{dtype}.py").write_text(source + ADAPTER, encoding="utf-8")
        modules = f"generated={folder}/{{net}}_{{act}}_{{dtype}}.py"
        command = [sys.executable, script, "grad", "--cases", *cases, "--module", modules, *rest]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
