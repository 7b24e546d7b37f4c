"""NumPy programs as people write them: each is read as terms and also run, and both must give the same numbers."""

# ruff: noqa: B905, C408, E731, RET505, SIM108

from __future__ import annotations

import math

import numpy as np


def products(X, W, b, A, v):
    return X @ W + b, X.dot(W), np.dot(A, X), np.matmul(X.T, A), v @ X, v.dot(v), np.dot(X, 2), np.outer(v, b)


def reductions(X, Y):
    return (
        X.sum(), np.sum(X, axis=0), X.sum(1, keepdims=True), X.mean(), np.mean(X, 0), X.mean(axis=1, keepdims=True),
        X.var(0), np.std(X, axis=1), X.max(1, keepdims=True), np.min(X), np.sum(X * Y, axis=(0, 1)), sum(X),
    )  # fmt: skip


def elementwise(X, Y, P):
    return (
        np.exp(X), np.log(P), np.sqrt(P), np.tanh(X), np.square(X), np.abs(X), np.sign(X), X**2, X**-1, P**0.5, 2**X,
        np.maximum(X, 0), np.maximum(0, X), np.minimum(X, Y), np.where(X > 0, X, 0.1 * X), np.clip(X, -0.5, 0.5),
        np.power(X, 3), np.heaviside(X, 0), np.multiply(X, Y), np.divide(X, Y), -X, +X, np.log1p(P), np.reciprocal(P),
    )  # fmt: skip


def shapes(X, W, b, v):
    n, d = X.shape
    return (
        X.reshape(-1), X.reshape(d, n), np.reshape(X, (d * n, 1)), X.ravel(), X.flatten(), X[:, None, :], v[:, None],
        v[None], v.reshape(-1, 1), X.T.T, np.transpose(X), X.transpose(), b[np.newaxis, :], np.tile(v, (3, 1)),
        np.tile(v, 2), np.repeat(v, 3), np.tile(v[:, None], (1, 4)), np.expand_dims(v, 0), X.reshape((n, 1, d)),
        np.concatenate([X, X], axis=0), np.vstack([v, v]), np.hstack([X, X]), np.stack([v, v], 1), np.atleast_2d(v),
        np.column_stack([v, v]), np.squeeze(v[:, None], axis=1), X.swapaxes(0, 1), np.repeat(X, 2, axis=1),
    )  # fmt: skip


def sizes(X, W):
    m = X.shape[0]
    n = len(X)
    return X / m, X / X.size, X * (n + 1), np.ones((m, 2)) / n, X.T @ np.ones(n), np.zeros_like(X) + m, W / W.shape[-1]


def creation(X):
    n = X.shape[0]
    return np.eye(n), np.ones_like(X), np.full((n, 2), 0.5), np.arange(n), np.zeros(n) + 1, np.identity(n) * 2


def parts(X, v):
    return X[0], X[:, 1], X[-1], X[1:], X[:-1], v[::2], X[1:, :1], X[0, 1], v[0] * v[1], X[..., 0], v[::-1]


def einsums(X, W, A):
    return (
        np.einsum("nd,dh->nh", X, W), np.einsum("ij,ij->", X, X), np.tensordot(X, W, axes=1), np.trace(A), np.diag(A),
        np.tensordot(X, W, axes=([1], [0])), np.inner(X, X), np.vdot(X, X),
    )  # fmt: skip


def masks(X, Y):
    g = Y.copy()
    g[X <= 0] = 0
    h = Y.copy()
    h[X > 0] *= 2
    k = Y.copy()
    k[X < 0] = 0.1 * k[X < 0]
    l = (X > 0) * Y
    m = (X > 0).astype(float) * Y
    o = np.where((X > 0) & (Y > 0), 1.0, 0.0)
    p = ((X > 0) | ~(Y > 0)) * 1.0
    return g, h, k, l, m, o, p, 1.0 * (X > 0) - (X < 0), 1 - (X > 0), (X > 0).sum(0)


def row_mask(X, v):
    g = X.copy()
    g[v > 0] = 0
    return g


def labels_in_rows(P, labels):
    n = P.shape[0]
    G = P.copy()
    G[range(n), labels] -= 1
    H = P.copy()
    H[np.arange(n), labels] = 0
    T = np.zeros_like(P)
    T[np.arange(n), labels] = 1
    K = np.eye(P.shape[1])[labels]
    E = (labels[:, None] == np.arange(P.shape[1])) * 1.0
    L = -np.log(P[np.arange(n), labels]).mean()
    return G, H, T, K, E, L


def added_up(P, labels, X):
    D = np.zeros((P.shape[1], X.shape[1]))
    np.add.at(D, labels, X)
    return D


def in_place(X, Y):
    a = X.copy()
    a += Y
    a *= 2
    a -= 1
    a /= X.shape[0]
    b = a
    b += 1
    return a, b


def scalars_are_replaced(X):
    s = X.sum()
    t = s
    s += 1
    return s, t


def slices_in_place(X, v):
    a = np.zeros_like(X)
    a[:, 0] = v
    a[0] += 1
    a[1:, 1:] -= X[1:, 1:]
    b = X.copy()
    b[:] = 0
    c = X.copy()
    c[...] *= 3
    return a, b, c


def lists(X, Y, W, V):
    a = [X]
    for w in (W, V):
        a.append(np.tanh(a[-1] @ w))
    gs = [None, None]
    for i in reversed(range(2)):
        gs[i] = a[i].T @ a[i + 1]
    total = 0
    for x, y in zip([X, Y], [Y, X]):
        total = total + (x * y).sum()
    for i, x in enumerate([X, Y]):
        total += (i + 1) * x.mean()
    both = [x + 1 for x in (X, Y)]
    return gs[0], gs[1], total, both[1], a[2], len([X] * 2), len(a)


def dictionaries(X, Y):
    cache = {"x": X, "y": Y}
    cache["z"] = cache["x"] + cache["y"]
    cache["z"] += 1
    grads = dict(a=X)
    for key, value in cache.items():
        grads[key + "1"] = value * 2
    return grads["z1"], grads["a"], cache.get("y")


def named_by_strings(X, Y):
    grads = {}
    for l in range(1, 3):
        grads["dW" + str(l)] = X * l
        grads["db%d" % l] = Y * l  # noqa: UP031
        grads["dc{}".format(l)] = X + l  # noqa: UP032
        grads[f"dd{l}"] = Y + l
    return grads["dW1"], grads["db2"], grads["dc2"], grads["dd1"]


def numbers(X):
    m = X.shape[0]
    return (
        X * 1.0,
        X / 2.0,
        1.0 / m * X,
        X * 0.5,
        X + 1e-8,
        X * 1.5e1,
        3 * X // 1 * 0 + X,
        X * (7 // 2),
        X * (7 % 4),
        X * (2**3),
    )


def helpers(X, Y):
    def softmax_rows(z):
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    scale = lambda u, c=3: c * u
    return softmax_rows(X), scale(Y), scale(Y, c=2), both(X, Y)[0]


def both(x, y):
    return x * y, x + y


def branches(s, X):
    relu = lambda u: u if u > 0 else 0
    return relu(s), soft(s), max(0, s), min(s, 1), abs(s), sign_of(s) * X, np.maximum(0, s)


def soft(u):
    if u > 1:
        return u - 1
    elif u < -1:
        return u + 1
    return 0 * u


def sign_of(u):
    if u > 0:
        k = 1
    else:
        k = -1
    return k


def reduced(X, axis=None):
    if axis is None:
        a = X.sum()
    else:
        a = X.sum(axis)
    if X.ndim == 2:
        a = a + 1
    return a


def known_branches(X):
    return reduced(X), reduced(X, 0)


def with_math(s):
    e = math.e
    return math.exp(s), e**s, math.tanh(s) ** 2, math.sqrt(2) * s, math.pi * s, pow(s, 2)


def batchnorm(X, b):
    mu = X.mean(axis=0)
    var = ((X - mu) ** 2).mean(axis=0)
    return (X - mu) / np.sqrt(var + 1e-5)


def loops_with_ranges(X, W):
    total = np.zeros((X.shape[0], W.shape[1]))
    for i in range(1, 6, 2):
        total += i * (X @ W)
        if i == 3:
            continue
        if i > 3:
            break
    return total


def a_view_of_a_copy(X):
    a = X.copy()
    a[0] = 0
    b = a.T
    return b, a


def unused_things(X):
    print("loss", X.sum())
    assert X.ndim == 2
    if X.shape[0] != X.shape[0]:
        raise ValueError("never")
    """a string"""
    return X


def symmetric_matrices(A):
    return A + A.T, np.linalg.inv(A + 20 * np.eye(A.shape[0])), np.linalg.norm(A), np.trace(A @ A.T)


PROGRAMS = [
    products, reductions, elementwise, shapes, sizes, creation, parts, einsums, masks, row_mask, labels_in_rows,
    added_up, in_place, scalars_are_replaced, slices_in_place, lists, dictionaries, helpers, branches, known_branches,
    with_math, batchnorm, loops_with_ranges, a_view_of_a_copy, unused_things, symmetric_matrices,
]  # fmt: skip


def one_example_after_another(X, Y, W, b):
    n = X.shape[0]
    dW = np.zeros_like(W)
    db = np.zeros(b.shape)
    loss = 0
    for i in range(n):
        z = np.tanh(X[i] @ W + b)
        dW += np.outer(X[i], z)
        db = db + z
        loss += z.sum() * (X[i] @ Y[i]) / n
    return dW, db, loss


def rows_of_arrays(X, Y, v):
    total = np.zeros(X.shape[1])
    other = 0.0
    for x, y in zip(X, Y):
        total += x * (x @ y)
    for i, x in enumerate(X):
        other += v[i] * np.exp(x).sum()
    for j in range(X.shape[1]):
        total[j] += X[:, j].sum() * v[0]
    return total, other


def a_loop_in_a_loop(X, W):
    S = np.zeros((X.shape[0], W.shape[1]))
    for i in range(X.shape[0]):
        for j in range(W.shape[1]):
            S[i, j] += X[i] @ W[:, j]
    return S


def rows_filled_one_by_one(X, W):
    Z = np.zeros((X.shape[0], W.shape[1]))
    for i in range(X.shape[0]):
        Z[i] = np.tanh(X[i] @ W)
    D = np.zeros_like(X)
    for i, z in enumerate(Z):
        D[i, :] = W @ z
    return Z, D


def softmax_row_by_row(X, W):
    g = {"W": np.zeros(W.shape), "s": 0}
    for x in X:
        s = x @ W
        p = np.exp(s - np.max(s))
        p /= np.sum(p)
        g["W"] += np.outer(x, p)
        g["s"] += p[0]
    return g["W"], g["s"]


PROGRAMS += [
    named_by_strings, numbers, rows_filled_one_by_one, one_example_after_another, rows_of_arrays, a_loop_in_a_loop,
    softmax_row_by_row,
]  # fmt: skip
