"""A network, a class that is written down in a dictionary, and a grader with a judge that does as it is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from symbackprop.grading.batch import Grader, Settings
from symbackprop.grading.networks import Network
from symbackprop.network import Model

TEXT = '"""Two layers <b>."""\nx: input(d)\nW: parameter(h, d)\nb: parameter(h)\nz = W @ x + b\nJ: loss = norm2(z)**2\n'
NETWORK = Network(TEXT, "net")
Class = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture(scope="session")
def model() -> Model:
    return NETWORK.model()


@pytest.fixture
def submitted(tmp_path: Path) -> Class:
    """Write the files of a class."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        for name, text in files.items():
            path = tmp_path / "class" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / "class"

    return write


@pytest.fixture
def grader(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Grader]:
    """A grader whose judge is in fakes.py."""
    path = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
    monkeypatch.setenv("PYTHONPATH", path)

    def make(*, workers: int = 2, scheduler: str | None = None, **more: Any) -> Grader:
        log = {"log": str(tmp_path / "log")}
        settings = Settings(**{"timeout": 20.0, "judge": "fakes:judge", "options": log} | more)
        return Grader(model, NETWORK, tmp_path / "grades", settings, workers=workers, scheduler=scheduler)

    return make
