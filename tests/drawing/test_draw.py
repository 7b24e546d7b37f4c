from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from symbackprop.document import Graph, Math, Vertex
from symbackprop.drawing.boxes import wiring
from symbackprop.drawing.draw import ALIKE, INSIDE, draw
from symbackprop.drawing.figure import PAGE_HEIGHT, PAGE_WIDTH
from symbackprop.drawing.grouping import folded, grouped
from symbackprop.drawing.theme import LOOKS

Networks = dict[str, Callable[..., Graph]]
SVG = "{http://www.w3.org/2000/svg}"


def sizes(tikz: str) -> list[float]:
    return [float(size) for size in re.findall(r"\\fontsize\{([0-9.]+)\}", tikz)]


def boxes(svg: str) -> int:
    """Boxes outside the legend."""
    inner = next(iter(ElementTree.fromstring(svg).iter(f"{SVG}g")))  # noqa: S314 - our own
    return sum("sb-inner" not in rect.get("class", "") for rect in inner.iter(f"{SVG}rect"))


@pytest.mark.parametrize(("kind", "size"), [("perceptron", (9,)), ("recurrence", (10,)), ("anything", (38, 1))])
def test_forty_values_fit_a_page_in_legible_type(networks: Networks, kind: str, size: tuple[int, ...]) -> None:
    graph = networks[kind](*size)
    assert 34 <= len(graph.vertices) <= 40
    picture = draw(graph, "a graph")
    assert picture.tikz
    assert picture.table is None
    assert boxes(picture.svg) == len(graph.vertices), "values are missing"
    assert min(sizes(picture.tikz)) >= 7
    *_, width, height = map(float, (ElementTree.fromstring(picture.svg).get("viewBox") or "").split())  # noqa: S314
    assert width <= PAGE_WIDTH + 10
    assert height <= PAGE_HEIGHT + 60


def test_a_deep_network_is_grouped_and_says_so(networks: Networks) -> None:
    picture = draw(networks["perceptron"](1000), "deep")
    assert picture.tikz
    assert boxes(picture.svg) < 20
    assert picture.caption == (ALIKE,)
    assert r"z_{3},\,\ldots,\,a_{998}" in picture.tikz
    assert "996 layers alike" in picture.tikz
    assert min(sizes(picture.tikz)) >= 7


def test_shared_weights_stay_outside_a_group(networks: Networks) -> None:
    small = grouped(wiring(networks["recurrence"](50)))
    names = [box.name for box in small.boxes]
    assert {"W", "U", "b"} <= set(names)
    group = names.index("z_3..h_49")
    assert {(names.index(name), group) for name in "WUb"} <= set(small.arrows)
    assert (group, names.index("z_50")) in small.arrows


def test_layers_that_differ_are_not_grouped(networks: Networks) -> None:
    graph = networks["perceptron"](12)
    changed = tuple(
        Vertex(v.name, v.role, v.symbol, f"{v.operation} {k}" if v.operation else "")
        for k, v in enumerate(graph.vertices)
    )
    whole = wiring(Graph(changed, graph.arrows))
    assert grouped(whole) is whole


def test_parameters_of_one_value_fold_into_it(networks: Networks) -> None:
    small = folded(wiring(networks["perceptron"](2)))
    by_name = {box.name: box for box in small.boxes}
    assert set(by_name) == {"x", "y", "z_1", "a_1", "z_2", "J"}
    assert by_name["z_1"].below_latex == r"W_{1},\,b_{1}"
    assert len(small.arrows) == 5


def test_parameters_that_serve_twice_do_not(networks: Networks) -> None:
    assert {"W", "U", "b"} <= {box.name for box in folded(wiring(networks["recurrence"](3))).boxes}


def test_a_graph_without_a_pattern_becomes_a_table(networks: Networks) -> None:
    graph = networks["anything"](200, 5)
    picture = draw(graph, "two hundred")
    assert picture.tikz == ""
    assert picture.table is not None
    assert 90 <= len(picture.table.rows) <= 101
    assert picture.svg.startswith("<svg")
    assert boxes(picture.svg) > 100
    last = picture.table.rows[-1]
    assert last[0] == (graph.vertices[-1].symbol,)


def test_a_graph_beyond_any_screen_says_how_large_it_is(networks: Networks) -> None:
    picture = draw(networks["anything"](1500, 5), "too many")
    assert "1500 values" in picture.svg
    assert picture.table is not None


def test_folding_says_so() -> None:
    symbols = {
        name: Math(name, f"<mi>{name}</mi>", name) for name in ("x", *(f"w{k}" for k in range(40)), "a", "b", "J")
    }
    vertices = [Vertex("x", "input", symbols["x"])]
    vertices += [Vertex(f"w{k}", "parameter", symbols[f"w{k}"]) for k in range(40)]
    vertices += [Vertex(f"v{k}", "node", symbols["a"]) for k in range(20)] + [Vertex("J", "loss", symbols["J"])]
    arrows = [(f"w{k}", f"v{k % 20}") for k in range(40)]
    arrows += [("x", f"v{k}") for k in range(20)] + [(f"v{k}", "J") for k in range(20)]
    picture = draw(Graph(tuple(vertices), tuple(arrows)), "folded")
    assert picture.caption == (INSIDE,)
    assert boxes(picture.svg) == 22


def test_the_picture_is_xml_with_a_title_and_the_graph_in_words(graph: Graph) -> None:
    root = ElementTree.fromstring(draw(graph, "The <graph> & its title").svg)  # noqa: S314 - our own
    assert root.findtext(f"{SVG}title") == "The <graph> & its title"
    assert " from " in (root.findtext(f"{SVG}desc") or "")
    assert root.get("role") == "img"


def test_every_role_has_an_outline_of_its_own_without_colour() -> None:
    outlines = {role: (look.corner, look.dash, look.double) for role, look in LOOKS.items()}
    assert len(set(outlines.values())) == len(outlines), outlines


def test_labels_are_words_in_svg_and_words_in_tex() -> None:
    hostile = Vertex("v", "node", Math("v", "<mi>v</mi>", "v"), "<b>& {{7*7}} \\input{x} 50%")
    picture = draw(Graph((Vertex("x", "input", Math("x", "<mi>x</mi>", "x")), hostile), (("x", "v"),)), "t")
    assert "&lt;b&gt;&amp; {{7*7}} \\input{x} 50%" in picture.svg
    assert r"\textless{}b\textgreater{}\& \{\{7*7\}\} \textbackslash{}input\{x\} 50\%" in picture.tikz


def test_the_same_graph_gives_the_same_bytes(graph: Graph) -> None:
    assert draw(graph, "t") == draw(graph, "t")
