"""A figure as SVG: one element, fit for a page of its own and for the middle of another, light and dark.

Colours are CSS variables with a light fallback. A page that knows dark defines them; the file alone asks the browser.
"""

from __future__ import annotations

from html import escape

from .boxes import small
from .figure import LEGEND_SIZE, SAMPLE, Figure
from .labels import Label, Run, width
from .layout import Placed, Point, Wire
from .theme import DOUBLE, INK, LOOKS, STROKE, WIRE, corner

MARGIN = 3.0
SCREEN = 1.6  # CSS pixels for a point: a label as large as the words around it
HEAD = (5.0, 2.1)  # an arrow head's length and half its width, in points at 10 pt type
SERIF = "'Latin Modern Math','STIX Two Math','STIX Two Text','Cambria Math',Cambria,'Times New Roman',serif"
SANS = "system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"


def svg(figure: Figure, title: str, description: str) -> str:
    """The `<svg>` element; `title` and `description` are plain words, for those who do not see the picture."""
    box = (-MARGIN, -MARGIN, figure.width + 2 * MARGIN, figure.height + 2 * MARGIN)
    lines = opening("sb-graph", box, title, description, STYLE)
    lines.append(f'<g transform="translate({_n(figure.shift)} 0)">' if figure.shift else "<g>")
    em = figure.layout.font_size
    lines += [_wire(wire, em, figure.layout.downwards) for wire in figure.layout.wires]
    for placed in figure.layout.boxes:
        lines += _box(placed, em)
    lines.append("</g>")
    for entry in figure.legend:
        x, y = entry.x + SAMPLE[0] / 2, entry.y + SAMPLE[1] / 2
        lines += _outline(entry.role, x, y, *SAMPLE)
        lines.append(
            f'<text class="sb-word" x="{_n(entry.x + SAMPLE[0] + 4)}" y="{_n(y + 0.34 * LEGEND_SIZE)}"'
            f' font-size="{_n(LEGEND_SIZE)}">{escape(entry.word)}</text>'
        )
    return "\n".join([*lines, "</svg>"])


def placard(title: str, words: str) -> str:
    """A picture that says only why there is none."""
    lines = opening("sb-graph", (0.0, 0.0, 300.0, 40.0), title, words, STYLE)
    lines.append(f'<text class="sb-word" x="150" y="24" font-size="11" text-anchor="middle">{escape(words)}</text>')
    return "\n".join([*lines, "</svg>"])


def opening(kind: str, box: tuple[float, float, float, float], title: str, description: str, style: str) -> list[str]:
    """The opening tag of class `kind`, with what is read aloud and the style sheet; `box` as x, y, width, height."""
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": kind,
        "role": "img",
        "viewBox": " ".join(map(_n, box)),
        "width": _n(box[2] * SCREEN),
        "height": _n(box[3] * SCREEN),
    }
    return [
        "<svg " + " ".join(f'{name}="{value}"' for name, value in attributes.items()) + ">",
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(description)}</desc>",
        f"<style>{style}</style>",
    ]


def _n(value: float) -> str:
    """A coordinate with at most one decimal, never -0."""
    rounded = round(value, 1) + 0.0
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def _p(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _wire(wire: Wire, em: float, downwards: bool) -> str:
    """A line that stops where its arrow head begins, and the head."""
    length, half = HEAD[0] * em / 10, HEAD[1] * em / 10
    x, y = wire.pieces[-1][-1]
    base = (x, y - length) if downwards else (x - length, y)
    left, right = (
        ((x - half, base[1]), (x + half, base[1])) if downwards else ((base[0], y - half), (base[0], y + half))
    )
    inner = (x, y - 0.75 * length) if downwards else (x - 0.75 * length, y)
    drawn = [f"M{_p(wire.start)}"]
    for k, piece in enumerate(wire.pieces):
        points = piece if k + 1 < len(wire.pieces) or len(piece) > 1 else (inner,)
        drawn.append(("L" if len(points) == 1 else "C") + " ".join(map(_p, points)))
    head = f"M{_p((x, y))}L{_p(left)}L{_p(inner)}L{_p(right)}Z"
    return f'<path class="sb-wire" d="{"".join(drawn)}"/><path class="sb-head" d="{head}"/>'


def _outline(role: str, x: float, y: float, width_: float, height: float) -> list[str]:
    """The box around a centre."""
    look = next(found for name, found in LOOKS.items() if name == role)
    shapes = [(0.0, "")]
    if look.double:
        shapes.append((DOUBLE + STROKE, " sb-inner"))
    drawn = []
    for inset, more in shapes:
        w, h = width_ - 2 * inset, height - 2 * inset
        radius = max(corner(look, height) - inset, 0.0)
        rounded = f' rx="{_n(radius)}"' if radius else ""
        drawn.append(
            f'<rect class="sb-box sb-{role}{more}" x="{_n(x - w / 2)}" y="{_n(y - h / 2)}"'
            f' width="{_n(w)}" height="{_n(h)}"{rounded}/>'
        )
    return drawn


def _box(placed: Placed, em: float) -> list[str]:
    """Outline and label."""
    box, x, y = placed.box, placed.x, placed.y
    lines = _outline(box.role, x, y, placed.width, placed.height)
    if box.below:
        lines.append(_label(box.shown, x, y - 0.08 * em, em))
        lines.append(_label(box.below, x, y + 0.2 * em + 0.85 * small(em), small(em), word=not box.below_latex))
    else:
        lines.append(_label(box.shown, x, y + 0.32 * em, em))
    return lines


def _label(runs: Label, x: float, y: float, em: float, *, word: bool = False) -> str:
    """Runs in the middle of x with their base line at y."""
    kind = "sb-word sb-op" if word else "sb-math"
    rise, spans = 0.0, []
    for run in runs:
        spans.append(_span(run, rise, em))
        rise = run.rise
    fits = (
        f' textLength="{_n(width(runs) * em)}" lengthAdjust="spacingAndGlyphs"'
        if word and len(runs[0].text) > 24
        else ""
    )
    return (
        f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" font-size="{_n(em)}" text-anchor="middle"{fits}>'
        f"{''.join(spans)}</text>"
    )


def _span(run: Run, rise: float, em: float) -> str:
    """One run, moved up or down from the one before it."""
    attributes = ""
    if run.rise != rise:
        attributes += f' dy="{_n((rise - run.rise) * em)}"'
    if run.back:
        attributes += f' dx="{_n(-run.back * em)}"'
    if run.size != 1.0:
        attributes += f' font-size="{_n(run.size * em)}"'
    if run.italic:
        attributes += ' font-style="italic"'
    if run.bold:
        attributes += ' font-weight="bold"'
    text = escape(run.text)
    return f"<tspan{attributes}>{text}</tspan>" if attributes else text


def _style() -> str:
    """The style sheet: every colour a variable with its light value behind it."""
    rules = [
        f".sb-graph{{max-width:none}}.sb-math{{font-family:{SERIF}}}.sb-word{{font-family:{SANS}}}",
        f".sb-math,.sb-word{{fill:var(--sb-ink,#{INK[0]})}}.sb-op{{fill-opacity:.72}}",
        f".sb-wire{{fill:none;stroke:var(--sb-wire,#{WIRE[0]});stroke-width:{STROKE}}}",
        f".sb-head{{fill:var(--sb-wire,#{WIRE[0]})}}.sb-box{{stroke-width:{STROKE}}}",
    ]
    for role, look in LOOKS.items():
        dash = f";stroke-dasharray:{look.dash[0]:g} {look.dash[1]:g};stroke-linecap:round" if look.dash else ""
        rules.append(
            f".sb-{role}{{fill:var(--sb-{role}-fill,#{look.fill[0]});stroke:var(--sb-{role},#{look.stroke[0]}){dash}}}"
        )
    rules.append(f"@media (prefers-color-scheme:dark){{svg:root{{{variables(dark=True)}}}}}")
    return "".join(rules)


def variables(*, dark: bool) -> str:
    """The colours as CSS declarations, for the page that a figure stands in."""
    k = int(dark)
    colours = [f"--sb-ink:#{INK[k]}", f"--sb-wire:#{WIRE[k]}"]
    for role, look in LOOKS.items():
        colours += [f"--sb-{role}:#{look.stroke[k]}", f"--sb-{role}-fill:#{look.fill[k]}"]
    return ";".join(colours)


STYLE = _style()
