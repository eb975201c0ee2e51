"""The program's folders: the bundled ones exist, the user's ones belong to the program."""

import subprocess
import sys
from pathlib import Path

import pytest

from lattice import paths

ROOT = Path(__file__).resolve().parents[2]


def test_resources_are_bundled():
    assert paths.resources_folder() == ROOT / "resources"
    assert (paths.presets_folder() / "debug.toml").is_file()
    assert paths.demo_folder().is_dir()


@pytest.mark.parametrize("folder", [paths.cache_folder, paths.config_folder, paths.data_folder])
def test_user_folders_are_named_after_the_program_and_not_made_by_asking(folder):
    path = folder()
    assert path.is_absolute()
    assert "cellcube" in path.parts
    assert not path.exists()


def test_user_folders_differ():
    assert len({paths.cache_folder(), paths.config_folder(), paths.data_folder()}) == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders are Linux's")
def test_user_folders_follow_the_platform(monkeypatch, tmp_path):
    for variable, folder in [
        ("XDG_CACHE_HOME", paths.cache_folder),
        ("XDG_CONFIG_HOME", paths.config_folder),
        ("XDG_DATA_HOME", paths.data_folder),
    ]:
        monkeypatch.setenv(variable, str(tmp_path / variable))
        assert folder() == tmp_path / variable / "cellcube"


def test_resources_are_found_from_any_working_folder(tmp_path):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from lattice.paths import presets_folder as f; print(f())"
    printed = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert Path(printed.stdout.strip()) == ROOT / "resources" / "presets"
