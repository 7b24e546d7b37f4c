"""Functions that generated modules carry along when they use them. Each is copied as it stands here."""

import math

import numpy as np


def _cuts(rows, width, limit=128 * 1024):
    """(first, last + 1) of blocks of rows of `width` bytes each, so that an array's block stays in the cache."""
    step = rows if rows * width <= 2 * limit else max(1, limit // width)
    return [(i, min(i + step, rows)) for i in range(0, rows, step)]


def _line(start, step, count):
    """The slice start, start + step, ... of `count` positions."""
    stop = start + step * count
    return slice(start, stop if stop >= 0 else None, step)


def _windows(x, axis, start, steps, counts):
    """A view in which one axis is read at start + Σ step · position, with one new axis for each step."""
    strides = tuple(step * x.strides[axis] for step in steps)
    x = x[(slice(None),) * axis + (slice(start, None),)]
    shape = (*x.shape[:axis], *counts, *x.shape[axis + 1 :])
    strides = (*x.strides[:axis], *strides, *x.strides[axis + 1 :])
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)


def _padded(x, axis, before, after):
    """x with zeros in front of and behind one axis; a negative number takes entries away."""
    x = x[(slice(None),) * axis + (slice(max(0, -before), x.shape[axis] - max(0, -after)),)]
    if before <= 0 and after <= 0:
        return x
    widths = [(0, 0)] * x.ndim
    widths[axis] = max(0, before), max(0, after)
    return np.pad(x, widths)


def _first_greatest(x, axes):
    """True at the first greatest entry of the last axes, in row-major order."""
    flat = x.reshape(*x.shape[: x.ndim - axes], -1)
    return (np.arange(flat.shape[-1]) == flat.argmax(-1)[..., None]).reshape(x.shape)


# (1 + 2x) e^(x²) erfc(x) for x ≥ 0 as a polynomial in (x − 3) / (x + 3): its Chebyshev series, to 1e-17, in powers.
_TAIL = (
    1.2530080582697296,
    -0.13562110612458117,
    -0.0475622943534492,
    0.1296451587027594,
    -0.11927366341538638,
    0.0683080273440099,
    -0.02377051491717134,
    0.0025293918156939696,
    0.0018886903449991718,
    -0.0007798322696543306,
    -0.00010515971958448065,
    0.0001250993424583729,
    4.949196649968345e-06,
    -2.0100542268525612e-05,
    -7.308281468783614e-07,
    3.472370944977168e-06,
    3.5576086684080595e-07,
    -6.166011460398726e-07,
    -1.4047654315428462e-07,
    1.0183620603842736e-07,
    4.1064013667940355e-08,
    -1.3312919661038687e-08,
    -8.217595058711455e-09,
    9.862533510345587e-10,
    8.393734858690877e-10,
)


def _erfc(x):
    """The complementary error function for x ≥ 0."""
    t = (x - 3) / (x + 3)
    total = np.full_like(t, _TAIL[-1])
    for c in _TAIL[-2::-1]:
        total *= t
        total += c
    total /= 2 * x + 1
    total *= np.exp(-x * x)
    return total


def _erf(x):
    """The error function: its series where |x| < 1/2, else 1 − erfc."""
    x = np.asarray(x)
    size = np.abs(x)
    square = np.minimum(size, 0.5) ** 2
    total = np.zeros_like(square)
    for n in range(13, -1, -1):
        total *= square
        total += (-1) ** n * 2 / math.sqrt(math.pi) / (math.factorial(n) * (2 * n + 1))
    return np.where(size < 0.5, x * total, np.copysign(1 - _erfc(np.minimum(size, 30)), x))[()]


def _normal_cdf(x):
    """The distribution function of the standard normal law."""
    x = np.asarray(x)
    half = _erfc(np.minimum(np.abs(x), 45) * math.sqrt(0.5)) / 2
    return np.where(x > 0, 1 - half, half)[()]


def _lgamma(x):
    """log Γ(x) for x > 0: by recurrence to x ≥ 12 and Stirling's series (Abramowitz & Stegun 6.1.40)."""
    x = np.where(np.asarray(x) > 0, x, np.nan).astype(np.result_type(x, np.float32))
    total = np.zeros_like(x)
    while (small := x < 12).any():
        total -= np.where(small, np.log(np.where(small, x, 1)), 0)
        x = np.where(small, x + 1, x)
    w = 1 / (x * x)
    series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * 691 / 360360))))) / x
    return (total + (x - 0.5) * np.log(x) - x + 0.5 * math.log(2 * math.pi) + series)[()]


def _digamma(x):
    """(log Γ)'(x) for x > 0: by recurrence to x ≥ 12 and the asymptotic series (Abramowitz & Stegun 6.3.18)."""
    x = np.where(np.asarray(x) > 0, x, np.nan).astype(np.result_type(x, np.float32))
    total = np.zeros_like(x)
    while (small := x < 12).any():
        total -= np.where(small, 1 / np.where(small, x, 1), 0)
        x = np.where(small, x + 1, x)
    w = 1 / (x * x)
    series = w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (1 / 132 - w * 691 / 32760)))))
    return (total + np.log(x) - 0.5 / x - series)[()]


def _polygamma(m, x):
    """The derivative of digamma of order m ≥ 1 for x > 0 (Abramowitz & Stegun 6.4.6, 6.4.11)."""
    x = np.where(np.asarray(x) > 0, x, np.nan).astype(np.result_type(x, np.float32))
    total = np.zeros_like(x)
    while (small := x < 12 + 2 * m).any():
        total += np.where(small, math.factorial(m) * np.where(small, x, 1) ** -(m + 1.0), 0)
        x = np.where(small, x + 1, x)
    total += math.factorial(m - 1) * x ** -float(m) + math.factorial(m) / 2 * x ** -(m + 1.0)
    for k, b in enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6), 1):
        total += b * math.factorial(2 * k + m - 1) / math.factorial(2 * k) * x ** -(2.0 * k + m)
    return ((-1) ** (m + 1) * total)[()]
