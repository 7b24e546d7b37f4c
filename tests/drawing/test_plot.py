from __future__ import annotations

import re
from math import exp, inf, nan
from xml.etree import ElementTree

import pytest

from symbackprop.document import Plot, Series
from symbackprop.drawing.axes import HEIGHT, MOST_POINTS, WIDTH, axes
from symbackprop.drawing.plot import curves
from symbackprop.errors import ValueProblem

HUNDRED = tuple(float(k) for k in range(100))


def plot(*series: Series, log_y: bool = False) -> Plot:
    return Plot("Loss", "epoch", "error", series, log_y=log_y)


def test_ticks_are_round_numbers_around_the_data() -> None:
    found = axes(plot(Series("a", (0.0, 9.7), (0.13, 0.92))))
    assert [tick.text for tick in found.y_ticks] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert [tick.text for tick in found.x_ticks] == ["0", "2", "4", "6", "8"]


def test_a_logarithmic_axis_has_powers_of_ten() -> None:
    found = axes(plot(Series("a", HUNDRED, tuple(1e3 * exp(-k / 10) for k in HUNDRED)), log_y=True))
    assert [tick.text for tick in found.y_ticks] == ["0.01", "0.1", "1", "10", "100", "1000"]
    assert found.y_ticks[-1].at == 0


def test_points_lie_in_the_area_in_order() -> None:
    for log_y in (False, True):
        found = axes(plot(Series("a", HUNDRED, tuple(7 * exp(-k / 12) + 0.09 for k in HUNDRED)), log_y=log_y))
        for x, y in found.curves[0].points:
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
        assert list(found.curves[0].points) == sorted(found.curves[0].points)


def test_a_long_curve_is_thinned_to_its_outline() -> None:
    y = [0.0] * 5000
    y[1234], y[4321] = 1.0, -1.0
    found = axes(plot(Series("a", tuple(map(float, range(5000))), tuple(y))))
    heights = [at for _, at in found.curves[0].points]
    assert len(heights) <= MOST_POINTS + 2
    assert min(heights) == 0
    assert max(heights) == HEIGHT


@pytest.mark.parametrize("y", [(1.0, 1.0), (0.0, 0.0), (-3.0, 5.0), (1e-12, 2e-12), (1e12, 1e12)])
def test_flat_and_tiny_curves_are_drawn(y: tuple[float, float]) -> None:
    assert "polyline" in curves(plot(Series("", (0.0, 1.0), y)))[0]


def test_what_is_not_finite_is_left_out_and_nothing_at_all_is_an_error() -> None:
    found = axes(plot(Series("a", (0.0, 1.0, 2.0), (1.0, inf, 2.0)), Series("b", (0.0,), (nan,))))
    assert [len(curve.points) for curve in found.curves] == [2, 0]
    with pytest.raises(ValueProblem, match="no finite point"):
        axes(plot(Series("a", (0.0,), (nan,))))
    with pytest.raises(ValueProblem, match="3 x and 2 y"):
        axes(plot(Series("a", (0.0, 1.0, 2.0), (1.0, 2.0))))


def test_series_differ_in_their_dashes() -> None:
    svg, tikz = curves(plot(*(Series(name, (0.0, 1.0), (0.0, 1.0)) for name in "abcd")))
    assert len(set(re.findall(r"stroke-dasharray:[^;}]+", svg))) == 3
    assert len(set(re.findall(r"dash pattern=[^\]]+", tikz))) == 3


def test_words_are_escaped() -> None:
    svg, tikz = curves(
        Plot("<t>", "x & y", "100 %", (Series("a_1 <b>", (0.0, 1.0), (0.0, 1.0)), Series("c", (0.0,), (0.0,))))
    )
    ElementTree.fromstring(svg)  # noqa: S314 - our own
    assert "a_1 &lt;b&gt;" in svg
    assert r"a\_1 \textless{}b\textgreater{}" in tikz
    assert r"100 \%" in tikz
