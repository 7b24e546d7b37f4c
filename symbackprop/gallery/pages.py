"""What each page shows: numbers that it is worked with, a truth table, the curves of a training run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..derive import Derivation, derive
from ..reading.netfile import read
from ..reporting import Extras
from ..write import Prepared, prepare
from . import Progress, path
from .training import classification, regression
from .truth import truth_table


@dataclass(frozen=True, slots=True)
class Page:
    """`values`: numbers beside the network; `extras`: shown besides the derivation; `hessian`: its section, too."""

    values: str = ""
    lr: float | None = None
    digits: int | None = None
    extras: Callable[[Derivation, Mapping[str, Any], Progress], Extras] | None = None
    hessian: bool = False


def _table(derivation: Derivation, values: Mapping[str, Any], progress: Progress) -> Extras:
    return Extras(tables=(truth_table(derivation, values),))


def _regression(derivation: Derivation, values: Mapping[str, Any], progress: Progress) -> Extras:
    return Extras(curves=regression(derivation, progress))


def _classification(derivation: Derivation, values: Mapping[str, Any], progress: Progress) -> Extras:
    return Extras(curves=classification(derivation, progress))


PAGES: Mapping[str, Page] = {
    "three_layer_relu": Page(),
    "three_layer_relu_batch": Page(extras=_regression),
    "threshold": Page("threshold.values.json", digits=1, extras=_table),
    "tanh_neurons": Page(),
    "relu_regression": Page(),
    "sigmoid_classifier": Page(extras=_classification),
    "softmax_2_3_2": Page("softmax_2_3_2.values.json", lr=0.5, digits=2),
    "gaussian_regression": Page(hessian=True),
}


def prepared(name: str, progress: Progress) -> Prepared:
    """The page of one network."""
    page = PAGES[name]
    derivation = derive(read(path(name)))
    values = numbers(path(name).parent / page.values) if page.values else None
    extras = page.extras(derivation, values or {}, progress) if page.extras else None
    return prepare(derivation, hessian=page.hessian, values=values, lr=page.lr, digits=page.digits, extras=extras)


def numbers(file: Path) -> dict[str, Any]:
    """A shipped file of numbers."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
