"""The shipped networks, and the pages made of them: the files under `outputs/` of the checkout."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import ReadError

if TYPE_CHECKING:
    from ..write import Prepared, Written

HERE = Path(__file__).resolve().parent
NAMES = (
    "three_layer_relu",
    "three_layer_relu_batch",
    "threshold",
    "tanh_neurons",
    "relu_regression",
    "sigmoid_classifier",
    "softmax_2_3_2",
    "gaussian_regression",
)
Progress: TypeAlias = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much


def names() -> tuple[str, ...]:
    """The networks that have a page, in the order of the gallery."""
    return NAMES


def path(name: str) -> Path:
    """The file of a shipped network, one with a page or a starter; ReadError names those that there are."""
    found = {file.stem: file for file in sorted(HERE.rglob("*.net"))}
    if name not in found:
        raise ReadError(f"No shipped network is called `{name}`.", remedy=f"There are {', '.join(found)}.")
    return found[name]


def prepare(name: str, progress: Progress | None = None) -> Prepared:
    """The checked report of one network and all its files as text; its training runs, if it has one."""
    from .pages import prepared

    if name not in NAMES:
        raise ReadError(f"The gallery has no page called `{name}`.", remedy=f"It has {', '.join(NAMES)}.")
    return prepared(name, progress or _silent)


def build(
    names: Iterable[str] | None = None,
    folder: str | Path = "outputs",
    progress: Progress | None = None,
    *,
    pdf: bool = True,
) -> tuple[Written, ...]:
    """Write the pages of these networks (all without them), each into a folder of its own inside `folder`.

    `progress` is told what is being done: (text, done, total). Raises ReadError for a name that is not in the gallery.
    """
    from ..files import write_files
    from ..write import Written, typeset

    wanted = tuple(names) if names is not None else NAMES
    for name in wanted:
        if name not in NAMES:
            raise ReadError(f"The gallery has no page called `{name}`.", remedy=f"It has {', '.join(NAMES)}.")
    tell = progress or _silent
    made = []
    for place, name in enumerate(wanted):
        tell(name, place, len(wanted))
        target = Path(folder) / name
        written = write_files(target, prepare(name, progress).files)
        made.append(typeset(target, written) if pdf else Written(target, written, None, ""))
    tell("", len(wanted), len(wanted))
    return tuple(made)


def _silent(text: str, done: int, total: int) -> None:
    """No progress bar."""


__all__ = ["NAMES", "Progress", "build", "names", "path", "prepare"]
