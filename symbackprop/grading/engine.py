"""One file of a submission, judged: where grading meets verification."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from .networks import Network

if TYPE_CHECKING:
    from ..network import Model
    from ..verification.verdict import Judgement


def judge(model: Model, name: str, text: str, options: Mapping[str, Any]) -> Judgement:
    """The judgement of a text that was in the file `name`; errors as of `judge_answer`.

    `options`: "let" {theirs: ours}, "run", and "parts" {heading: a network as a dictionary}.
    """
    from ..verification.verify import Options, judge_answer

    parts = {heading: Network.from_dict(other).model() for heading, other in options.get("parts", {}).items()}
    wanted = Options(let=dict(options.get("let", {})), run=bool(options.get("run", False)), parts=parts)
    suffix = PurePosixPath(name).suffix or (".tex" if "\\documentclass" in text else ".md")
    return judge_answer(model, text, wanted, name=name, text=suffix)
