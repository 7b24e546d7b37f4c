"""Whatever stands in a verdict, it can be shown: in text without control characters, in HTML without foreign markup."""

from __future__ import annotations

import contextlib
import io
import json
from html.parser import HTMLParser
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.cli.verdicts import print_judgement
from symbackprop.verification.concealing import Show, concealed_all
from symbackprop.verification.show import bundle_all
from symbackprop.verification.showing.page import html
from symbackprop.verification.verdict import Counterexample, Diagnosis, Judgement, Kind, PassedOver, Status, Verdict

PIECES = [
    *(
        "dW",
        " = ",
        "x",
        "^T",
        "_{12}",
        r"\frac",
        "{",
        "}",
        "(",
        ")",
        "@",
        "np.",
        ".T",
        "\n",
        "\x1b[0m",
        "<img>",
        "&",
        "'",
    ),
    *(r"\begin{cases}", r"\end{cases}", r"\\", "return ", "[", "]", "δ", "∂", "=", "+", "-", "  ", '"', "\u202e", "%"),
]
words = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=20)
numbers = st.floats() | st.integers(-9, 9)
values = st.recursive(numbers, lambda inner: st.lists(inner, max_size=3), max_leaves=9)
examples = st.builds(
    Counterexample, st.dictionaries(words, st.integers(1, 3), max_size=2), st.dictionaries(words, values, max_size=3),
    st.lists(st.integers(0, 3), max_size=3).map(tuple), st.none() | st.floats(), st.floats(), st.none() | st.floats(),
)  # fmt: skip
diagnoses = st.builds(
    Diagnosis, st.sampled_from(get_args(Kind)), words, words, st.none() | words, st.none() | words,
    st.none() | st.integers(-1, 9),
)  # fmt: skip
places = st.integers(-2, 60)
verdicts = st.builds(
    Verdict, file=words | st.just("a.py"), network=words, line=st.integers(1, 5), start=places, end=places, claim=words,
    target=words, status=st.sampled_from(get_args(Status)), proof=st.sampled_from([None, "symbolic", "numeric"]),
    condition=st.none() | words, diagnosis=st.none() | diagnoses, counterexample=st.none() | examples, reason=words,
    cell=st.none() | st.integers(1, 3), part=words, follows=st.none() | st.integers(1, 5), points=st.integers(0, 9),
    fragment=st.none() | st.tuples(places, places), claim_numpy=st.none() | words,
)  # fmt: skip
several = st.lists(words, max_size=2).map(tuple)
judgements = st.builds(
    Judgement, words, words, st.lists(verdicts, max_size=3).map(tuple), words, several, several,
    st.lists(st.builds(PassedOver, st.integers(1, 9), words, words), max_size=2).map(tuple), several, several, words,
)  # fmt: skip


class Tags(HTMLParser):
    """The elements of a page, and their attributes that could do something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attrs if name.startswith("on") or name in ("src", "href"))}


@settings(max_examples=60)
@given(judgements, st.sampled_from(get_args(Show)))
def test_anything_can_be_shown(judgement: Judgement, show: Show) -> None:
    found = concealed_all(judgement, show)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        print_judgement(found)
    assert all(c.isprintable() or c == "\n" for c in out.getvalue())
    tags = Tags()
    for page in (html(found), bundle_all(found.verdicts)["text/html"]):
        tags.feed(page)
    assert not tags.found & {"img", "script", "src", "iframe", "object"}
    assert not {name for name in tags.found if name.startswith("on")}
    lines: list[Any] = [json.loads(json.dumps(v.as_dict())) for v in found.verdicts]
    assert len(lines) == len(judgement.verdicts)
