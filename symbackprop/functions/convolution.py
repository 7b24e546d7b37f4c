"""Windows that slide: cross-correlation, which frameworks call convolution, and pooling."""

from __future__ import annotations

from ..errors import ShapeError
from ..tensor.normal import bracket, product
from ..tensor.size import ZERO, Size, size
from ..tensor.terms import Factor, Term
from .reductions import max_
from .shapes import shape_text
from .table import function


def conv1d(x: Term, w: Term, stride: int = 1, padding: Size = ZERO) -> Term:
    """Σ_ck w_ock x_c,(t·stride + k − padding): (C, L) and (O, C, K) give (O, (L + 2·padding − K) // stride + 1).

    Entries beyond the ends of x are 0. (L) and (K) give one channel; (N, C, L) is a batch.
    """
    return _correlate(x, w, 1, stride, padding)


def conv2d(x: Term, w: Term, stride: int = 1, padding: Size = ZERO) -> Term:
    """Σ_cmn w_ocmn x_c,(s·stride + m − padding),(t·stride + n − padding): (H, W), (M, N) give (H − M + 1, W − N + 1).

    (C, H, W) and (O, C, M, N) give (O, …), (B, C, H, W) a batch of them; a side is (H + 2·padding − M) // stride + 1,
    and entries beyond the border of x are 0.
    """
    return _correlate(x, w, 2, stride, padding)


def _correlate(x: Term, w: Term, space: int, stride: int, padding: Size) -> Term:
    """Windows over the last `space` axes; in front of them channels and, for x, perhaps a batch."""
    lead, kernel = len(x.sizes) - space, len(w.sizes) - space
    if (lead, kernel) not in ((0, 0), (1, 2), (2, 2)):
        plain, channels = ("(L)", "(K)"), ("(C, L)", "(O, C, K)")
        if space == 2:
            plain, channels = ("(H, W)", "(M, N)"), ("(C, H, W)", "(O, C, M, N)")
        raise ShapeError(f"shapes must be {plain[0]} and {plain[1]}, or {channels[0]} and {channels[1]}.")
    if lead and x.sizes[lead - 1] is not w.sizes[1]:
        raise ShapeError(f"the channels {x.sizes[lead - 1]} and {w.sizes[1]} must agree.")
    if stride < 1:
        raise ShapeError(f"the stride must be a positive integer, not {stride}.")
    if (-padding - 1).surely_nonnegative():
        raise ShapeError(f"the padding must not be negative, as {padding} is.")
    sizes: dict[int, Size] = {}

    def new(length: Size) -> int:
        sizes[len(sizes)] = length
        return len(sizes) - 1

    batch = [new(x.sizes[0])] if lead == 2 else []
    out_channel = [new(w.sizes[0])] if lead else []
    in_channel = [new(w.sizes[1])] if lead else []
    outside, inside, taps, windows = [], [], [], list[Factor]()
    for length, width in zip(x.sizes[lead:], w.sizes[kernel:], strict=True):
        room = length + 2 * padding - width
        if (-room - 1).surely_nonnegative():
            raise ShapeError(f"a window of {width} does not fit into {length + 2 * padding}.")
        t, position, k = new(room // stride + 1), new(length), new(width)
        place = bracket((length, sizes[t], width), (1, -stride, -1), padding)
        windows.append((place, (position, t, k), 1))
        outside.append(t)
        inside.append(position)
        taps.append(k)
    factors: list[Factor] = [
        (x, (*batch, *in_channel, *inside), 1), (w, (*out_channel, *in_channel, *taps), 1), *windows,
    ]  # fmt: skip
    return product(1, factors, (*batch, *out_channel, *outside), sizes)


def max_pool(x: Term, width: int = 2) -> Term:
    """max_k x_…,(t·width + k) for k < width: (…, L) gives (…, L // width); what is left over is dropped."""
    if not x.sizes:
        raise ShapeError("a scalar has no axis to pool over.")
    if width < 1:
        raise ShapeError(f"the width must be a positive integer, not {width}.")
    length, last = x.sizes[-1], len(x.sizes) - 1
    count = length // width
    if count is ZERO:
        raise ShapeError(f"{shape_text(x.sizes)} has fewer than {width} entries along its last axis.")
    place = bracket((length, count, size(width)), (1, -width, -1))
    inner = (*range(last), last + 2)
    windows = product(1, [(x, inner, 1), (place, (last + 2, last, last + 1), 1)], range(last + 2))
    return max_(windows, -1)


CONVOLUTION = tuple(function("convolution", f) for f in (conv1d, conv2d, max_pool))
