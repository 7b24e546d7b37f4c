"""A figure as a `tikzpicture` that needs nothing but TikZ: no library, no package, no font size of its own class."""

from __future__ import annotations

from ..escape import tex
from .boxes import small
from .figure import LEGEND_SIZE, SAMPLE, Figure
from .layout import Placed, Point, Wire
from .theme import DOUBLE, LOOKS, ROUND, STROKE, WIRE, corner


def tikz(figure: Figure) -> str:
    """The `tikzpicture` environment with the colours that it defines for itself."""
    em = figure.layout.font_size
    roles = [role for role in LOOKS if any(entry.role == role for entry in figure.legend)]
    lines = [r"\begin{tikzpicture}[x=1pt, y=-1pt, >=stealth, inner sep=0pt, outer sep=0pt,"]
    lines += [
        rf"  sb wire/.style={{->, draw=sbwire, line width={STROKE}pt}},",
        rf"  sb box/.style={{draw, line width={STROKE}pt, align=center}},",
        rf"  sb label/.style={{font={_size(em)}}},",
        rf"  sb word/.style={{font={_size(LEGEND_SIZE)}\sffamily, anchor=base west}},",
    ]
    for role in roles:
        look = LOOKS[role]
        options = [f"fill=sb{role}fill", f"draw=sb{role}"]
        if look.corner == "round":
            options.append(f"rounded corners={ROUND:g}pt")
        if look.dash:
            options.append(f"dash pattern=on {look.dash[0]:g}pt off {look.dash[1]:g}pt")
        if look.double:
            options.append(f"double=sb{role}fill, double distance={DOUBLE:g}pt")
        lines.append(f"  sb {role}/.style={{sb box, {', '.join(options)}}},")
    lines[-1] = lines[-1].removesuffix(",") + "]"
    lines.append(rf"\definecolor{{sbwire}}{{HTML}}{{{WIRE[0]}}}")
    for role in roles:
        look = LOOKS[role]
        lines.append(
            rf"\definecolor{{sb{role}}}{{HTML}}{{{look.stroke[0]}}}"
            rf"\definecolor{{sb{role}fill}}{{HTML}}{{{look.fill[0]}}}"
        )
    lines += [_wire(wire, figure.shift) for wire in figure.layout.wires]
    lines += [_box(placed, figure.shift, em) for placed in figure.layout.boxes]
    for entry in figure.legend:
        x, y = entry.x + SAMPLE[0] / 2, entry.y + SAMPLE[1] / 2
        lines.append(_node(entry.role, x, y, SAMPLE[0], SAMPLE[1], ""))
        lines.append(rf"\node[sb word] at ({x + SAMPLE[0] / 2 + 4:.1f}, {y + 2.6:.1f}) {{{tex(entry.word)}}};")
    return "\n".join([*lines, r"\end{tikzpicture}"])


def _size(points: float) -> str:
    return rf"\fontsize{{{points:g}}}{{{1.2 * points:g}}}\selectfont"


def _p(point: Point, shift: float) -> str:
    return f"({point[0] + shift:.1f}, {point[1]:.1f})"


def _wire(wire: Wire, shift: float) -> str:
    drawn = [_p(wire.start, shift)]
    for piece in wire.pieces:
        points = [_p(point, shift) for point in piece]
        drawn.append(
            f"-- {points[0]}" if len(points) == 1 else f".. controls {points[0]} and {points[1]} .. {points[2]}"
        )
    return rf"\draw[sb wire] {' '.join(drawn)};"


def _box(placed: Placed, shift: float, em: float) -> str:
    box = placed.box
    label = f"${box.latex}$"
    if box.below:
        below = f"${box.below_latex}$" if box.below_latex else rf"\sffamily {tex(box.below[0].text)}"
        label += rf"\\{_size(small(em))} {below}"
    return _node(box.role, placed.x + shift, placed.y, placed.width, placed.height, label)


def _node(role: str, x: float, y: float, width: float, height: float, label: str) -> str:
    """One box; a capsule's corners depend on its height."""
    look = next(found for name, found in LOOKS.items() if name == role)
    capsule = f", rounded corners={corner(look, height):.1f}pt" if look.corner == "capsule" else ""
    font = ", sb label" if label else ""
    size = f"minimum width={width:.1f}pt, minimum height={height:.1f}pt"
    return rf"\node[sb {role}{font}{capsule}, {size}] at ({x:.1f}, {y:.1f}) {{{label}}};"
