"""Curves over two axes, as SVG and as a `tikzpicture`; series differ in their dashes too, not in colour alone."""

from __future__ import annotations

from html import escape

from ..document import Plot
from ..escape import tex
from .axes import HEIGHT, WIDTH, Axes, axes
from .labels import Run, width
from .svg import SANS, opening
from .theme import INK, WIRE

LEFT, BELOW, ABOVE, RIGHT = 46.0, 34.0, 22.0, 12.0
SIZE = 8.0
COLOURS = (("2B6CB0", "7FB4E8"), ("C05621", "F0A36B"), ("2F7D57", "7CCBA2"), ("7A4FA8", "BC9BE8"))
DASHES = ((), (5.0, 2.2), (1.2, 1.8), (6.0, 2.0, 1.2, 2.0))
LINE = 1.1


def curves(plot: Plot) -> tuple[str, str]:
    """The plot as an `<svg>` element and as a `tikzpicture`.

    Raises:
        ValueProblem: there is nothing finite to draw, or a series has more x than y or fewer.
    """
    found = axes(plot)
    return _svg(plot, found), _tikz(plot, found)


def _legend(plot: Plot) -> list[tuple[float, str]]:
    """Where each series' sample begins, above the area, and its name; none for a single curve without a name."""
    places, x = [], 0.0
    for series in plot.series:
        places.append((x, series.name))
        x += 24 + SIZE * width((Run(series.name),)) + 14
    return places if len(plot.series) > 1 or plot.series[0].name else []


def _svg(plot: Plot, found: Axes) -> str:
    box = (-LEFT, -ABOVE, LEFT + WIDTH + RIGHT, ABOVE + HEIGHT + BELOW)
    names = ", ".join(series.name for series in plot.series)
    lines = opening("sb-plot", box, plot.title, f"{plot.y_label} over {plot.x_label}: {names}", STYLE)
    for tick in found.y_ticks:
        lines.append(f'<path class="sb-grid" d="M0 {tick.at:g}H{WIDTH:g}"/>')
        lines.append(_text(tick.text, -5, tick.at + 0.34 * SIZE, "end"))
    for tick in found.x_ticks:
        lines.append(f'<path class="sb-tick" d="M{tick.at:g} {HEIGHT:g}v3"/>')
        lines.append(_text(tick.text, tick.at, HEIGHT + 12, "middle"))
    lines.append(f'<path class="sb-axis" d="M0 0V{HEIGHT:g}H{WIDTH:g}"/>')
    lines.append(_text(plot.x_label, WIDTH / 2, HEIGHT + 27, "middle"))
    turned = f'transform="rotate(-90)" x="{-HEIGHT / 2:g}" y="{9 - LEFT:g}" text-anchor="middle"'
    lines.append(f'<text font-size="{SIZE:g}" {turned}>{escape(plot.y_label)}</text>')
    for k, curve in enumerate(found.curves):
        points = " ".join(f"{x:g},{y:g}" for x, y in curve.points)
        lines.append(f'<polyline class="sb-curve sb-c{k % len(COLOURS)}" points="{points}"/>')
    for k, (x, name) in enumerate(_legend(plot)):
        lines.append(f'<path class="sb-curve sb-c{k % len(COLOURS)}" d="M{x:.1f} -12h20"/>')
        lines.append(_text(name, x + 24, -12 + 0.34 * SIZE, "start"))
    return "\n".join([*lines, "</svg>"])


def _text(words: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{SIZE:g}" text-anchor="{anchor}">{escape(words)}</text>'


def _style() -> str:
    """The style sheet; as in a graph, the file alone asks the browser whether the page is dark."""
    rules = [
        f".sb-plot text{{font-family:{SANS};fill:var(--sb-ink,#{INK[0]})}}",
        ".sb-plot path,.sb-plot polyline{fill:none;stroke-linejoin:round}",
        f".sb-curve{{stroke-width:{LINE}}}.sb-axis,.sb-tick,.sb-grid{{stroke:var(--sb-wire,#{WIRE[0]});stroke-width:.7}}",
        ".sb-grid{stroke-opacity:.22}",
    ]
    for k, (colour, dash) in enumerate(zip(COLOURS, DASHES, strict=True)):
        dashed = f";stroke-dasharray:{' '.join(f'{d:g}' for d in dash)}" if dash else ""
        rules.append(f".sb-c{k}{{stroke:var(--sb-c{k},#{colour[0]}){dashed}}}")
    rules.append(
        f"@media (prefers-color-scheme:dark){{svg:root{{--sb-ink:#ECECE6;--sb-wire:#A3A39D;{variables(dark=True)}}}}}"
    )
    return "".join(rules)


def variables(*, dark: bool) -> str:
    """The curves' colours as CSS declarations, for the page that a plot stands in."""
    return ";".join(f"--sb-c{k}:#{colour[int(dark)]}" for k, colour in enumerate(COLOURS))


STYLE = _style()


def _tikz(plot: Plot, found: Axes) -> str:
    small = rf"\fontsize{{{SIZE:g}}}{{{1.2 * SIZE:g}}}\selectfont\sffamily"
    lines = [rf"\begin{{tikzpicture}}[x=1pt, y=-1pt, font={small}, line join=round]"]
    lines += [rf"\definecolor{{sbc{k}}}{{HTML}}{{{colour[0]}}}" for k, colour in enumerate(COLOURS[: len(plot.series)])]
    for tick in found.y_ticks:
        lines.append(rf"\draw[gray!35, line width=0.4pt] (0, {tick.at:.1f}) -- ({WIDTH:.1f}, {tick.at:.1f});")
        lines.append(rf"\node[anchor=east, inner sep=0pt] at (-5, {tick.at:.1f}) {{{tick.text}}};")
    for tick in found.x_ticks:
        lines.append(rf"\draw[line width=0.5pt] ({tick.at:.1f}, {HEIGHT:.1f}) -- ++(0, 3);")
        lines.append(rf"\node[anchor=north, inner sep=0pt] at ({tick.at:.1f}, {HEIGHT + 6:.1f}) {{{tick.text}}};")
    lines.append(rf"\draw[line width=0.5pt] (0, 0) -- (0, {HEIGHT:.1f}) -- ({WIDTH:.1f}, {HEIGHT:.1f});")
    lines.append(rf"\node[anchor=north] at ({WIDTH / 2:.1f}, {HEIGHT + 15:.1f}) {{{tex(plot.x_label)}}};")
    lines.append(rf"\node[rotate=90, anchor=south] at ({14 - LEFT:.1f}, {HEIGHT / 2:.1f}) {{{tex(plot.y_label)}}};")
    for k, curve in enumerate(found.curves):
        path = " -- ".join(f"({x:.1f}, {y:.1f})" for x, y in curve.points)
        lines.append(rf"\draw[{_pen(k)}] {path};")
    for k, (x, name) in enumerate(_legend(plot)):
        lines.append(rf"\draw[{_pen(k)}] ({x:.1f}, -12) -- ++(20, 0);")
        lines.append(rf"\node[anchor=base west, inner sep=0pt] at ({x + 24:.1f}, -9.3) {{{tex(name)}}};")
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _pen(k: int) -> str:
    """The options of the k-th curve's line."""
    dash = DASHES[k % len(DASHES)]
    pattern = " ".join(f"{'on' if i % 2 == 0 else 'off'} {d:g}pt" for i, d in enumerate(dash))
    return f"sbc{k % len(COLOURS)}, line width={LINE}pt" + (f", dash pattern={pattern}" if dash else "")
