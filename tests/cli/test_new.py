"""`symbackprop new`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from symbackprop.cli import main
from symbackprop.cli.new import STARTER
from symbackprop.cli.sources import shipped


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["mlp.net", "mlp", "mon réseau.net"])
def test_a_starter_is_written_and_the_next_command_named(folder: Path, name: str) -> None:
    done = CliRunner().invoke(main, ["new", name])
    path = folder / f"{name.removesuffix('.net')}.net"
    assert done.exit_code == 0, done.output
    assert path.read_bytes() == STARTER.encode()
    shown = f'"{path.name}"' if " " in path.name else path.name
    assert done.stdout == f"Wrote {path.name}. What follows from it: symbackprop derive {shown}\n"


def test_an_existing_file_is_never_overwritten(folder: Path) -> None:
    (folder / "mlp.net").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(main, ["new", "mlp.net"])
    assert done.exit_code == 2
    assert "exists already and is left as it is" in done.stderr
    assert (folder / "mlp.net").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["mlp.txt", "", "missing/mlp.net", "."])
def test_what_cannot_be_a_network_file_is_refused(folder: Path, name: str) -> None:
    done = CliRunner().invoke(main, ["new", name])
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert list(folder.iterdir()) == []


def test_a_shipped_network_can_be_the_beginning(folder: Path) -> None:
    name, path = next(iter(shipped().items()))
    assert CliRunner().invoke(main, ["new", "mine.net", "--like", name]).exit_code == 0
    assert (folder / "mine.net").read_text(encoding="utf-8") == path.read_text(encoding="utf-8")
    unknown = CliRunner().invoke(main, ["new", "other.net", "--like", name + "x"])
    assert unknown.exit_code == 2
    assert f"`{name}`" in unknown.stderr
    assert not (folder / "other.net").exists()


def test_the_starter_is_a_network() -> None:
    import symbackprop as sb

    net = sb.Network.parse(STARTER)
    assert set(sb.derive(net).gradient("W_1").shape) == {*sb.dims("h d")}
