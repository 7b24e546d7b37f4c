"""The command `symbackprop`: reads a network, prints or writes what follows from it.

Exit codes: 0 all right, 1 something is wrong, 2 unreadable input or bad usage, 3 undecided or timed out.
Nothing heavy is imported before a command runs: `symbackprop --help` answers at once.
"""

from __future__ import annotations

import click

from .derive import derive
from .gallery import gallery
from .grade import grade
from .new import new
from .verify import verify

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="symbackprop")
def main() -> None:
    """Gradients of a network, node by node, with reasons: as text, as a report and as NumPy code."""


main.add_command(derive)
main.add_command(gallery)
main.add_command(grade)
main.add_command(new)
main.add_command(verify)
