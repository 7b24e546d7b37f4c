"""Networks at the edges: axes of size 1, constants, aliases, stacks, windows, pieces, gathers; by entries."""

from __future__ import annotations

import pytest

from tests.codegen.making import arrays_of, close, compiled, expected, given, network, sizes_of

NETWORKS = {
    "one by one": """x: parameter(n, 1)
A: parameter(n, n)
J: loss = x.T @ A @ x""",
    "param": """w: parameter()
x: input(n)
J: loss = w""",
    "param1": """w: parameter(1, 1)
x: input(n)
J: loss = w""",
    "const": """w: parameter(n)
J: loss = 3""",
    "constn": """w: parameter(n)
J: loss = n * 2 + 0 * sum(w)""",
    "unused": """w: parameter(n)
v: parameter(n, k)
J: loss = sum(w)""",
    "index2": """E: parameter(v, d)
i: index(n, m, of=v, repeat=True)
G: constant(n, m, d)
J: loss = sum(E[i] * G)""",
    "stack": """A: parameter(b, n, m)
B: parameter(b, m, k)
C: constant(k, l)
J: loss = sum((A @ B @ C)**2)""",
    "heads": """X: input(n, e)
W: parameter(h, e, d)
V: parameter(h, e, d)
Q = einsum("ne,hed->hnd", X, W)
K = einsum("ne,hed->hnd", X, V)
A = softmax(einsum("hnd,hmd->hnm", Q, K) / sqrt(d))
O = einsum("hnm,hmd->nhd", A, K)
J: loss = sum(O.reshape(n, h * d)**2)""",
    "pool": """x: input(c, l)
w: parameter(o, c, 3)
z = conv1d(x, w, padding=1)
p = max_pool(relu(z), 2)
J: loss = sum(p**2)""",
    "pool2": """x: input(n, c, H, W)
w: parameter(o, c, 3, 3)
b: parameter(o, 1, 1)
z = conv2d(x, w, padding=1) + b
J: loss = mean(relu(z)**2)""",
    "var": """X: input(n, d)
g: parameter(d)
J: loss = sum(var(X * g, axis=0)) + sum(std(X, axis=1))""",
    "bool only": """a: input(n)
w: parameter(n)
h = step(a) * step(w - a)
g = h + 1
J: loss = sum(h * w) + sum(g) + sum(h)""",
    "bool out": """a: input(n)
w: parameter()
h = where(a > w, 1, 0)
k = (a > 0) + (a > w)
J: loss = sum(h) * w + sum(k)""",
    "cat": """a: parameter(n, k)
b: parameter(m, k)
c = concatenate([a, b, a * 2])
d = concatenate([c, c], axis=1)
J: loss = sum(d**3)""",
    "toep": """a: parameter(n)
J: loss = sum((a[1:] - a[:-1])**2) + sum(a[::2]) + a[0] * a[-1]""",
    "trace": """A: parameter(n, n)
J: loss = trace(A @ A) + sum(diag(A)**2) + sum(diag(diag(A)))""",
    "eye": """A: parameter(n, n)
J: loss = sum(inv(A @ A.T + eye(n))) + logdet(A @ A.T + 2 * eye(n)) + det(A)""",
    "alias": """x: input(n)
y = x
z = y
w: parameter(n)
v = w
J: loss = sum(z * v)""",
    "pick": """p: parameter(n, k)
i: index(n, of=k, repeat=True)
j: index(of=n)
J: loss = sum(log(softmax(p)[arange(n), i])) + p[j, 0] * 2 + sum(p[j])""",
    "min": """p: parameter(n, k)
J: loss = sum(min(p, axis=1)) + max(p) + sum(max(p, axis=0) * min(p, axis=0))""",
    "kron": """A: parameter(n, m)
B: parameter(k, l)
J: loss = sum(kron(A, B)**2) + sum(outer(A[0], B[:, 0]))""",
    "flip": """A: parameter(n, m)
J: loss = sum(flip(A) * A) + sum(flip(A, axis=1)[0])""",
    "stop": """A: parameter(n, m)
b = stop_gradient(A)
J: loss = sum(b * A)""",
    "pow": """a: parameter(n, positive=True)
b: parameter()
J: loss = sum(a**b) + sum(a**0.5) + sum(a**-1.5) + sum(a**7) + sum(1 / a**2) + sum(a**(1/3))""",
    "lse": """a: parameter(n, m)
J: loss = sum(logsumexp(a, axis=0)**2) - logsumexp(a, axis=None) + sum(log_softmax(a, axis=0) * a)""",
    "ln": """x: parameter(n, d)
g: parameter(d)
b: parameter(d)
y = layer_norm(x, g, b)
z = batch_norm(y)
J: loss = sum(z**3)""",
    "size1": """x: input(n, 1)
W: parameter(1, h)
b: parameter(1, h)
V: parameter(h, 1)
z = tanh(x @ W + b) @ V
J: loss = mean(z**2)""",
    "softmax1": """x: parameter(n, 1)
J: loss = sum(softmax(x) * x) + sum(log_softmax(x)) + sum(x / norm2(x))""",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_generated_code_agrees_with_the_terms_by_entries(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    model, module = network(NETWORKS[name] + "\n"), compiled(NETWORKS[name] + "\n")
    sizes = sizes_of(model, 4)
    arrays = arrays_of(model, sizes)
    wanted = expected(model, arrays, sizes, module.GRADIENTS)
    arguments = given(module, arrays, sizes)
    for options in ({}, {"workspace_": module.Workspace()}):
        value, found = module.loss_and_grad(**arguments, wrt_=module.GRADIENTS, **options)
        nodes = module.forward(**arguments, **options)
        assert close(
            value, wanted[model.loss].reshape(()) if hasattr(wanted[model.loss], "reshape") else wanted[model.loss]
        )
        assert all(close(found[n], wanted["d " + n]) for n in module.GRADIENTS)
        assert all(close(nodes[n], wanted[n]) for n in model.equations)
    assert module._main() == 0, capsys.readouterr().out
