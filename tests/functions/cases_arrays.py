"""What every function must give, continued: reductions, linear algebra, shapes, subscripts, windows, normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.functions.cases import Case, Shape, t

AXES: list[tuple[Shape, Any]] = [
    (("n",), None),
    (("n", "d"), None),
    (("n", "d"), 0),
    (("n", "d"), -1),
    (("n", "d", "h"), 1),
    (("n", "d", "h"), (0, 2)),
]


def reduction(name: str, value: Any, torch: Any, domain: str = "real", default: Any = None) -> list[Case]:
    """A reduction over every kind of axis, with and without keepdims."""
    cases = [Case(f"{name}(x)", {"x": ("n", "d")}, lambda x: value(x, default, False), None, domain)]
    for shape, axis in AXES:
        for keep in (False, True):
            text = f"{name}(x, axis={axis}, keepdims={keep})"

            def by_torch(x: Any, axis: Any = axis, keep: bool = keep) -> Any:
                axes = tuple(range(x.ndim)) if axis is None else axis
                return torch(x, axes, keep)

            cases.append(Case(text, {"x": shape}, lambda x, a=axis, k=keep: value(x, a, k), by_torch, domain))
    return cases


def np_logsumexp(x: Any, axis: Any, keep: bool) -> Any:
    """By its definition; the entries are small."""
    return np.log(np.exp(x).sum(axis=axis, keepdims=keep))


def softmax(x: Any, axis: Any = -1) -> Any:
    """By its definition; the entries are small."""
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


REDUCTIONS = [
    *reduction("sum", lambda x, a, k: x.sum(axis=a, keepdims=k), lambda x, a, k: x.sum(a, keepdim=k)),
    *reduction("mean", lambda x, a, k: x.mean(axis=a, keepdims=k), lambda x, a, k: x.mean(a, keepdim=k)),
    *reduction("var", lambda x, a, k: x.var(axis=a, keepdims=k), lambda x, a, k: x.var(a, correction=0, keepdim=k)),
    *reduction("std", lambda x, a, k: x.std(axis=a, keepdims=k), lambda x, a, k: x.std(a, correction=0, keepdim=k)),
    *reduction("max", lambda x, a, k: x.max(axis=a, keepdims=k), lambda x, a, k: x.amax(a, keepdim=k), "apart"),
    *reduction("min", lambda x, a, k: x.min(axis=a, keepdims=k), lambda x, a, k: x.amin(a, keepdim=k), "apart"),
    *reduction("logsumexp", np_logsumexp, lambda x, a, k: t("logsumexp")(x, a, keepdim=k)),
    Case(
        "var(x, axis=1, ddof=1)", {"x": ("n", "d")}, lambda x: x.var(axis=1, ddof=1), lambda x: x.var(1, correction=1)
    ),
    *(
        Case("norm2(x)", {"x": s}, lambda x: np.sqrt((x * x).sum()), t("linalg.vector_norm"))
        for s in (("n",), ("n", "d"))
    ),
    Case("norm2(x)**2", {"x": ("n", "d", "h")}, lambda x: (x * x).sum(), lambda x: (x * x).sum()),
    Case("sum(x, 1)", {"x": ("n", "d")}, lambda x: x.sum(1), lambda x: x.sum(1)),
    Case(
        "x - mean(x, axis=0) - mean(x, axis=1, keepdims=True)",
        {"x": ("n", "d")},
        lambda x: x - x.mean(0) - x.mean(1, keepdims=True),
        lambda x: x - x.mean(0) - x.mean(1, keepdim=True),
    ),
]

MATMUL: list[dict[str, Shape]] = [
    {"x": ("d",), "y": ("d",)},
    {"x": ("n", "d"), "y": ("d",)},
    {"x": ("n",), "y": ("n", "d")},
    {"x": ("n", "d"), "y": ("d", "h")},
    {"x": ("k", "n", "d"), "y": ("d", "h")},
    {"x": ("n", "d"), "y": ("k", "d", "h")},
    {"x": ("k", "n", "d"), "y": ("k", "d", "h")},
    {"x": ("k", "n", "d"), "y": ("d",)},
    {"x": ("k", 1, "n", "d"), "y": ("h", "d", 2)},
]
DOT: list[dict[str, Shape]] = [
    {"x": (), "y": ("n", "d")},
    {"x": ("n",), "y": ()},
    *MATMUL[:5],
    {"x": ("n", "d"), "y": ("k", "d", "h")},
]


def positive_definite(x: Any) -> Any:
    """A well-conditioned matrix from any."""
    return x @ x.swapaxes(-1, -2) + 2 * np.eye(x.shape[-1])


SQUARE = "x @ transpose(x, 0, 2, 1) + 2 * eye(n)"
LINEAR = [
    *(Case("x @ y", s, np.matmul, t("matmul")) for s in MATMUL),
    *(Case("dot(x, y)", s, np.dot, None) for s in DOT),
    Case("outer(x, y)", {"x": ("n",), "y": ("d",)}, np.outer, t("outer")),
    Case("outer(x, y)", {"x": ("n", "d"), "y": ("h",)}, np.outer, None),
    Case("kron(x, y)", {"x": ("n", "d"), "y": ("h", "k")}, np.kron, t("kron")),
    Case("kron(x, y)", {"x": ("n",), "y": ("d",)}, np.kron, t("kron")),
    Case("trace(x)", {"x": ("n", "n")}, np.trace, t("trace")),
    Case("trace(x)", {"x": ("n", "n", "d")}, np.trace, lambda x: t("einsum")("iid->d", x)),
    Case("trace(x)", {"x": ("n", "n", "d", "h")}, np.trace, lambda x: t("einsum")("iidh->dh", x)),
    Case("diag(x)", {"x": ("n",)}, np.diag, t("diag")),
    Case("diag(x)", {"x": ("n", "n")}, np.diag, t("diag")),
    Case("inv(x)", {"x": ("n", "n")}, np.linalg.inv, t("linalg.inv"), "diagonal"),
    Case("inv(x.T)", {"x": ("n", "n")}, lambda x: np.linalg.inv(x.T), lambda x: t("linalg.inv")(x.T), "diagonal"),
    Case(
        f"inv({SQUARE})",
        {"x": ("d", "n", "n")},
        lambda x: np.linalg.inv(positive_definite(x)),
        lambda x: t("linalg.inv")(x @ x.mT + 2 * t("eye")(x.shape[-1])),
    ),
    Case("det(x)", {"x": ("n", "n")}, np.linalg.det, t("linalg.det"), "diagonal"),
    Case("det(x)", {"x": ("d", "n", "n")}, np.linalg.det, t("linalg.det"), "diagonal"),
    Case(
        "logdet(x)",
        {"x": ("n", "n")},
        lambda x: np.linalg.slogdet(x)[1],
        lambda x: t("linalg.slogdet")(x)[1],
        "diagonal",
    ),
    Case(
        "logdet(-x)",
        {"x": ("n", "n")},
        lambda x: np.linalg.slogdet(-x)[1],
        lambda x: t("linalg.slogdet")(-x)[1],
        "diagonal",
    ),
    Case(
        f"logdet({SQUARE})",
        {"x": ("d", "n", "n")},
        lambda x: np.linalg.slogdet(positive_definite(x))[1],
        lambda x: t("logdet")(x @ x.mT + 2 * t("eye")(x.shape[-1])),
    ),
    *(
        Case(
            f"einsum('{s}', {', '.join(shapes)})",
            shapes,
            lambda *a, s=s: np.einsum(s, *a),
            lambda *a, s=s: t("einsum")(s, *a),
        )
        for s, shapes in (
            ("ij,jk->ki", {"x": ("n", "d"), "y": ("d", "h")}),
            ("ii->i", {"x": ("n", "n")}),
            ("ij,j", {"x": ("n", "d"), "y": ("d",)}),
            ("bij,bkj,b->ik", {"x": ("k", "n", "d"), "y": ("k", "h", "d"), "z": ("k",)}),
        )
    ),
    Case("transpose(x)", {"x": ("n", "d", "h")}, np.transpose, lambda x: x.permute(2, 1, 0)),
    Case("x.T", {"x": ("n",)}, np.transpose, None),
    Case("transpose(x, 1, 2, 0)", {"x": ("n", "d", "h")}, lambda x: x.transpose(1, 2, 0), lambda x: x.permute(1, 2, 0)),
    Case("transpose(x, (1, -1, 0))", {"x": ("n", "d", "h")}, lambda x: x.transpose(1, 2, 0), None),
]

SHAPING = [
    Case("flip(x)", {"x": ("n", "d")}, np.flip, lambda x: x.flip(0, 1)),
    Case("flip(x, axis=0)", {"x": ("n", "d")}, lambda x: np.flip(x, 0), lambda x: x.flip(0)),
    Case(
        "concatenate([x, y, x])",
        {"x": ("n", "d"), "y": ("h", "d")},
        lambda x, y: np.concatenate([x, y, x]),
        lambda x, y: t("cat")([x, y, x]),
    ),
    Case(
        "concatenate((x, y), axis=-1)",
        {"x": ("n", "d"), "y": ("n", "h")},
        lambda x, y: np.concatenate([x, y], 1),
        lambda x, y: t("cat")([x, y], 1),
    ),
    Case(
        "stack([x, y], axis=1)",
        {"x": ("n", "d"), "y": ("n", "d")},
        lambda x, y: np.stack([x, y], 1),
        lambda x, y: t("stack")([x, y], 1),
    ),
    Case(
        "[x, y, x * y]",
        {"x": (), "y": ()},
        lambda x, y: np.stack([x, y, x * y]),
        lambda x, y: t("stack")([x, y, x * y]),
    ),
    Case("array([[x, y], [y, 2 * x]])", {"x": ("n",), "y": ("n",)}, lambda x, y: np.array([[x, y], [y, 2 * x]]), None),
    *(
        Case(f"reshape(x, {shape})", {"x": old}, lambda x, f=new: x.reshape(f(x)), lambda x, f=new: x.reshape(f(x)))
        for old, shape, new in (
            (("n", "d"), "(n * d,)", lambda x: (-1,)),
            (("n", "d"), "(-1,)", lambda x: (-1,)),
            (("n", "d", "h"), "(n, -1)", lambda x: (x.shape[0], -1)),
            (("n", "d", "h"), "(n * d, h)", lambda x: (-1, x.shape[2])),
            (("n", "d"), "(d, n)", lambda x: (x.shape[1], x.shape[0])),
            (("n", 6), "(n, 2, 3)", lambda x: (x.shape[0], 2, 3)),
            ((6, "n"), "(2, -1)", lambda x: (2, -1)),
            (("n", "d"), "(n, 1, d, 1)", lambda x: (x.shape[0], 1, x.shape[1], 1)),
            (("n", 1, "d"), "(n, d)", lambda x: (x.shape[0], x.shape[2])),
        )
    ),
    Case("reshape(reshape(x, (n * d,)), (n, d)) - x", {"x": ("n", "d")}, lambda x: 0 * x, None),
    Case("x.reshape(d, -1)", {"x": ("n", "d")}, lambda x: x.reshape(x.shape[1], -1), None),
    Case(
        "broadcast_to(x, (h, n, d))",
        {"x": ("n", 1), "y": ("h", "d")},
        lambda x, y: np.broadcast_to(x, (y.shape[0], x.shape[0], y.shape[1])),
        None,
    ),
    Case("x * ones((n, d)) + zeros(d)", {"x": ("n", 1), "y": ("d",)}, lambda x, y: x + 0 * y, None),
    Case("eye(n) @ x + eye(n, d) @ y", {"x": ("n",), "y": ("d",)}, lambda x, y: x + np.eye(len(x), len(y)) @ y, None),
    Case("arange(n) * x", {"x": ("n",)}, lambda x: np.arange(len(x)) * x, None),
    Case("x * arange(3, 3 + 2 * n, 2)", {"x": ("n",)}, lambda x: x * np.arange(3, 3 + 2 * len(x), 2), None),
    Case("x * arange(n, 0, -1)", {"x": ("n",)}, lambda x: x * np.arange(len(x), 0, -1), None),
    Case("onehot(i, n) * x", {"x": ("n",)}, lambda x, i: np.eye(len(x))[i] * x, None, indices={"i": ((), "n")}),
    Case("onehot(i, d) @ x", {"x": ("d", "h")}, lambda x, i: x[i], None, indices={"i": (("n",), "d")}),
    Case("E(x * x) * x", {"x": ("n",)}, lambda x: x**3, lambda x: x**3),  # nothing is random here
    Case("stop_gradient(x) * x", {"x": ("n",)}, lambda x: x * x, lambda x: x.detach() * x, smooth=False),
]

PICK = {"i": (("h",), "n"), "j": (("h",), "d"), "s": ((), "d")}


def subscripted(text: str, shape: Shape, indices: tuple[str, ...] = ()) -> Case:
    """x[...] means what NumPy and torch say; sizes are read off the shape."""

    def chosen(x: Any, *given: Any) -> Any:
        scope = {**dict(zip(map(str, shape), x.shape, strict=True)), **dict(zip(indices, given, strict=True))}
        return eval(text, {**scope, "x": x, "arange": np.arange})  # noqa: S307  # a literal of this file

    torch = None if "::-" in text or "[[" in text else chosen
    return Case(text, {"x": shape}, chosen, torch, indices={i: PICK[i] for i in indices})


SUBSCRIPTS = [
    subscripted("x[0]", ("n",)),
    subscripted("x[-1]", ("n", "d")),
    subscripted("x[1, 2]", ("n", "d")),
    subscripted("x[:, 1]", ("n", "d")),
    subscripted("x[..., 0]", ("n", "d", "h")),
    subscripted("x[1:, :-1]", ("n", "d")),
    subscripted("x[::2, 1::2]", ("n", "d")),
    subscripted("x[:n]", ("n", "d")),
    subscripted("x[d - 1]", ("d", "h")),
    subscripted("x[::-1]", ("n", "d")),
    subscripted("x[:, ::-2]", ("n", "d")),
    subscripted("x[None, :, None]", ("n", "d")),
    subscripted("x[:, None] * x", ("n",)),
    subscripted("x[2:7:3]", (8,)),
    subscripted("x[:2, None, -1]", ("n", "d")),
    subscripted("x[[0, 1, 0]]", ("n", "d")),
    subscripted("x[:, [1, 0]]", ("n", "d")),
    subscripted("x[i]", ("n", "d"), ("i",)),
    subscripted("x[:, s]", ("n", "d"), ("s",)),
    subscripted("x[i, j]", ("n", "d"), ("i", "j")),
    subscripted("x[i, s]", ("n", "d"), ("i", "s")),
    subscripted("x[arange(n), s]", ("n", "d"), ("s",)),
    subscripted("x[i, :, j]", ("n", "k", "d"), ("i", "j")),
    Case("x[0, :, j]", {"x": ("n", "k", "d")}, lambda x, j: x[0, :, j], None, indices={"j": PICK["j"]}),
    subscripted("x[:, i, j]", ("k", "n", "d"), ("i", "j")),
    subscripted("x[n - 1 - i]", ("n",), ("i",)),
    Case(
        "x[i, arange(h)]",
        {"x": ("n", "h")},
        lambda x, i: x[i, np.arange(len(i))],
        lambda x, i: x[i, np.arange(len(i))],
        indices={"i": (("h",), "n")},
    ),
    Case(
        "x[:h] + x[n:] * x[-h:]",
        {"x": ("n + h",), "y": ("h",), "z": ("n",)},
        lambda x, y, z: x[: len(y)] + x[len(z) :] * x[-len(y) :],
        lambda x, y, z: x[: len(y)] + x[len(z) :] * x[-len(y) :],
    ),
]


def correlate1(x: Any, w: Any, stride: int = 1, padding: int = 0) -> Any:
    """(…, C, L) and (O, C, K) by loops over windows."""
    x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(padding, padding)])
    starts = range(0, x.shape[-1] - w.shape[-1] + 1, stride)
    return np.stack([np.einsum("...ck,ock->...o", x[..., s : s + w.shape[-1]], w) for s in starts], -1)


def correlate2(x: Any, w: Any, stride: int = 1, padding: int = 0) -> Any:
    """(…, C, H, W) and (O, C, M, N) by loops over windows."""
    x = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2)
    m, n = w.shape[-2:]
    rows, columns = range(0, x.shape[-2] - m + 1, stride), range(0, x.shape[-1] - n + 1, stride)
    window = [[np.einsum("...cmn,ocmn->...o", x[..., a : a + m, b : b + n], w) for b in columns] for a in rows]
    return np.moveaxis(np.array(window), (0, 1), (-2, -1))


def pooled(x: Any, width: int = 2) -> Any:
    """The greatest entry of each whole window along the last axis."""
    whole = x.shape[-1] // width * width
    return x[..., :whole].reshape(*x.shape[:-1], -1, width).max(-1)


CONVOLUTION = [
    Case("conv1d(x, w)", {"x": ("c", "l"), "w": ("o", "c", "k")}, correlate1, t("nn.functional.conv1d")),
    Case(
        "conv1d(x, w, stride=2, padding=1)",
        {"x": ("c", "l"), "w": ("o", "c", "k")},
        lambda x, w: correlate1(x, w, 2, 1),
        lambda x, w: t("nn.functional.conv1d")(x, w, stride=2, padding=1),
    ),
    Case(
        "conv1d(x, w, 3)",
        {"x": ("n", "c", "l"), "w": ("o", "c", "k")},
        lambda x, w: correlate1(x, w, 3),
        lambda x, w: t("nn.functional.conv1d")(x, w, stride=3),
    ),
    Case("conv1d(x, w)", {"x": ("l",), "w": ("k",)}, lambda x, w: np.correlate(x, w, "valid"), None),
    Case(
        "conv2d(x, w)",
        {"x": ("l", "m"), "w": ("k", "c")},
        lambda x, w: correlate2(x[None], w[None, None])[0],
        lambda x, w: t("nn.functional.conv2d")(x[None], w[None, None])[0],
    ),
    Case(
        "conv2d(x, w, padding=2)",
        {"x": ("c", "l", "m"), "w": ("o", "c", "k", 2)},
        lambda x, w: correlate2(x, w, 1, 2),
        lambda x, w: t("nn.functional.conv2d")(x, w, padding=2),
    ),
    Case(
        "conv2d(x, w, stride=2)",
        {"x": ("n", "c", "l", "m"), "w": ("o", "c", 2, "k")},
        lambda x, w: correlate2(x, w, 2),
        lambda x, w: t("nn.functional.conv2d")(x, w, stride=2),
    ),
    Case("max_pool(x)", {"x": ("n", "l")}, pooled, lambda x: t("nn.functional.max_pool1d")(x, 2), "apart"),
    Case(
        "max_pool(x, width=3)",
        {"x": ("l",)},
        lambda x: pooled(x, 3),
        lambda x: t("nn.functional.max_pool1d")(x[None], 3)[0],
        "apart",
    ),
]


def normalised(x: Any, axis: Any, eps: float = 1e-5) -> Any:
    """(x − mean)/√(var + eps) along the axes, for NumPy and torch alike."""
    centred = x - x.mean(axis, keepdims=True)
    return centred / ((centred**2).mean(axis, keepdims=True) + eps) ** 0.5


NORMALISATION = [
    *(
        Case(f"softmax(x, axis={a})", {"x": s}, lambda x, a=a: softmax(x, a), lambda x, a=a: t("softmax")(x, a))
        for s, a in ((("n",), 0), (("n", "d"), 0), (("n", "d"), -1), (("n", "d", "h"), 1))
    ),
    Case("softmax(x)", {"x": ("n", "d")}, softmax, None),
    Case("softmax(x, axis=None)", {"x": ("n", "d")}, lambda x: softmax(x, None), None),
    *(
        Case(
            f"log_softmax(x, axis={a})",
            {"x": s},
            lambda x, a=a: np.log(softmax(x, a)),
            lambda x, a=a: t("log_softmax")(x, a),
        )
        for s, a in ((("n",), -1), (("n", "d"), 0), (("n", "d"), -1), (("n", "d", "h"), 1))
    ),
    Case("log_softmax(x)", {"x": ("n", "d")}, lambda x: np.log(softmax(x)), None),
    Case("layer_norm(x)", {"x": ("n", "d")}, lambda x: normalised(x, -1), lambda x: normalised(x, -1)),
    Case(
        "layer_norm(x, g, b)",
        {"x": ("n", "d"), "g": ("d",), "b": ("d",)},
        lambda x, g, b: g * normalised(x, 1) + b,
        lambda x, g, b: t("nn.functional.layer_norm")(x, (x.shape[1],), g, b),
    ),
    Case(
        "layer_norm(x, g, b, eps=e)",
        {"x": ("d",), "g": (), "b": ("d",), "e": ()},
        lambda x, g, b, e: g * normalised(x, 0, e) + b,
        lambda x, g, b, e: g * normalised(x, 0, e) + b,
        "positive",
    ),
    Case(
        "layer_norm(x, axis=(1, 2), eps=0.25)",
        {"x": ("n", "d", "h")},
        lambda x: normalised(x, (1, 2), 0.25),
        lambda x: normalised(x, (1, 2), 0.25),
    ),
    Case("layer_norm(x, axis=1)", {"x": ("n", "d", "h")}, lambda x: normalised(x, 1), lambda x: normalised(x, 1)),
    Case(
        "batch_norm(x, g, b)",
        {"x": ("n", "d"), "g": ("d",), "b": ("d",)},
        lambda x, g, b: g * normalised(x, 0) + b,
        lambda x, g, b: t("nn.functional.batch_norm")(x, None, None, g, b, training=True),
    ),
    Case("batch_norm(x)", {"x": ("n",)}, lambda x: normalised(x, 0), lambda x: normalised(x, 0)),
]
