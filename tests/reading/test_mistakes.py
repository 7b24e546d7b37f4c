"""What is printed for each mistake in a network file: a table of texts, in tests/data/network_mistakes.txt."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.errors import ManyErrors, SymbackpropError
from symbackprop.reading.netfile import parse

TABLE = Path(__file__).resolve().parent.parent / "data" / "network_mistakes.txt"


def rows() -> list[tuple[str, str, str]]:
    """Title, network, and what is printed for it."""
    found = []
    for block in TABLE.read_text(encoding="utf-8").split("\n=== ")[1:]:
        title, _, rest = block.partition("\n")
        network, _, printed = rest.partition("\n---\n")
        found.append((title, network, printed.strip()))
    return found


def told(error: SymbackpropError) -> str:
    span = error.span
    at = f"{span.line}:{span.column}-{span.end_column}" if span else "no place"
    return f"{at} {type(error).__name__}: {error}"


@pytest.mark.parametrize(("network", "printed"), [row[1:] for row in rows()], ids=[row[0] for row in rows()])
def test_a_mistake_is_told_once_with_its_place_and_its_remedy(network: str, printed: str) -> None:
    with pytest.raises(SymbackpropError) as caught:
        parse(network)
    error = caught.value
    errors = error.errors if isinstance(error, ManyErrors) else (error,)
    assert "\n".join(map(told, errors)) == printed


def test_every_message_in_the_table_has_a_remedy() -> None:
    bare = []
    for title, network, _ in rows():
        with pytest.raises(SymbackpropError) as caught:
            parse(network)
        error = caught.value
        errors = error.errors if isinstance(error, ManyErrors) else (error,)
        bare += [f"{title}: {e}" for e in errors if not e.remedy]
    # A name that cannot exist, and a comparison of sizes that only the author can put right.
    assert [
        b for b in bare if not b.startswith(("hostile", "outer sizes", "axis", "not square", "function itself"))
    ] == []


def test_the_table_has_a_row_for_every_mistake_that_was_promised() -> None:
    assert len(rows()) > 90
