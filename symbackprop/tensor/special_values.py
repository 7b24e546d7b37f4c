"""Values of the special operations for NumPy arrays, over the last m axes, as their entries define them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from ..errors import MissingRule

Values: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


def _last(axes: int) -> tuple[int, ...]:
    return tuple(range(-axes, 0))


def inverse(x: Values, axes: int) -> Values:
    """The matrix inverse; not a number where there is none."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        return np.full(x.shape, np.nan)


def logdet(x: Values, axes: int) -> Values:
    """log|det x|."""
    return np.asarray(np.linalg.slogdet(x)[1])


def det(x: Values, axes: int) -> Values:
    """The determinant."""
    return np.asarray(np.linalg.det(x))


def softmax(x: Values, axes: int) -> Values:
    """e^x / Σ e^x."""
    small = np.exp(x - x.max(axis=_last(axes), keepdims=True))
    return np.asarray(small / small.sum(axis=_last(axes), keepdims=True))


def logsumexp(x: Values, axes: int) -> Values:
    """log Σ e^x."""
    top = x.max(axis=_last(axes), keepdims=True)
    return np.asarray(np.log(np.exp(x - top).sum(axis=_last(axes))) + top.reshape(x.shape[: x.ndim - axes]))


def argmax(x: Values, axes: int) -> Values:
    """1 at the first greatest entry (row-major), 0 elsewhere."""
    flat = x.reshape((*x.shape[: x.ndim - axes], -1))
    hot = np.arange(flat.shape[-1]) == flat.argmax(-1)[..., None]
    return np.asarray(hot.astype(float).reshape(x.shape))


def stop(x: Values, axes: int) -> Values:
    """x itself; its derivative is 0 by declaration."""
    return x


def standardize(x: Values, axes: int, eps: Values) -> Values:
    """(x − mean) / √(var + ε)."""
    centred = x - x.mean(axis=_last(axes), keepdims=True)
    return np.asarray(centred / np.sqrt(np.square(centred).mean(axis=_last(axes), keepdims=True) + eps))


def expectation(x: Values, axes: int, *laws: Values) -> Values:
    """There is no sampling: an expectation has a value once it is taken."""
    raise MissingRule("An expectation has no value by entries before it is taken.", remedy="Take it: `taken(term)`.")


def deviation(x: Values, axes: int, eps: Values) -> Values:
    """√(var + ε)."""
    return np.asarray(np.sqrt(x.var(axis=_last(axes)) + eps))
