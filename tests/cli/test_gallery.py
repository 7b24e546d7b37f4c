"""`symbackprop gallery`."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from symbackprop.cli import main


def test_a_page_is_written_into_a_folder_of_its_own(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["gallery", "tanh_neurons", "-o", str(tmp_path / "les pages")])
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "les pages" / "tanh_neurons"
    assert (folder / "report.tex").is_file()
    assert done.stdout.startswith(f"{folder}: ")
    assert [path.name for path in folder.parent.iterdir()] == ["tanh_neurons"]


def test_a_network_without_a_page_is_named_and_nothing_written(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["gallery", "tanh_neurons", "tanh_nurons", "-o", str(tmp_path / "pages")])
    assert done.exit_code == 2
    assert "no page called `tanh_nurons`" in done.stderr
    assert not (tmp_path / "pages").exists()
