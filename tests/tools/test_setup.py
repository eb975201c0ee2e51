"""`tools/setup.sh`: one environment, installed once, and again when what is asked for has changed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAKE_PYTHON = """#!/usr/bin/env bash
[ "$3" = --version ] && exit 0
echo "$*" >>calls.log
[ ! -e pip-fails ]
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project's install files, with an environment whose pip only writes down what it was told."""
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup.sh", tmp_path / "tools")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    return tmp_path


def set_up(checkout: Path, *purposes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "tools/setup.sh", *purposes], cwd=checkout, check=False, capture_output=True, text=True
    )


def calls(checkout: Path) -> list[str]:
    log = checkout / "calls.log"
    return log.read_text().splitlines() if log.exists() else []


@pytest.mark.parametrize(
    ("purpose", "target"),
    [("run", "-e ."), ("test", "-e .[test,offline-teacher,onnx,hdf5,trackers]"), ("lint", "-e .[dev,test]")],
)
def test_installs_with_the_pinned_versions(checkout, purpose, target):
    result = set_up(checkout, purpose)
    assert result.returncode == 0, result.stderr
    (call,) = calls(checkout)
    assert call.startswith("-m pip install")
    assert call.endswith(f"-c constraints.txt {target}")


def test_second_time_does_nothing(checkout):
    set_up(checkout, "run")
    result = set_up(checkout, "run")
    assert len(calls(checkout)) == 1
    assert result.stdout == ""


def test_each_purpose_is_installed_for_itself(checkout):
    for purpose in ("run", "test", "run", "test"):
        set_up(checkout, purpose)
    assert len(calls(checkout)) == 2


def test_two_purposes_are_one_install(checkout):
    set_up(checkout, "lint", "test")
    (call,) = calls(checkout)
    assert call.endswith("-e .[dev,test,test,offline-teacher,onnx,hdf5,trackers]")
    for purpose in ("lint", "test"):
        set_up(checkout, purpose)
    assert len(calls(checkout)) == 1
    set_up(checkout, "bench", "test")
    assert len(calls(checkout)) == 2


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed(checkout, name):
    set_up(checkout, "run")
    with (checkout / name).open("a") as file:
        file.write("# changed\n")
    set_up(checkout, "run")
    assert len(calls(checkout)) == 2


def test_failed_install_is_tried_again(checkout):
    (checkout / "pip-fails").touch()
    assert set_up(checkout, "run").returncode != 0
    (checkout / "pip-fails").unlink()
    assert set_up(checkout, "run").returncode == 0
    assert len(calls(checkout)) == 2


def test_unknown_purpose_is_refused(checkout):
    result = set_up(checkout, "fly")
    assert result.returncode == 2
    assert "unknown purpose 'fly': expected run, test, lint or bench" in result.stderr


def test_too_old_a_python_is_refused(checkout):
    shutil.rmtree(checkout / ".venv")
    result = subprocess.run(
        ["bash", "tools/setup.sh", "run"],
        cwd=checkout,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHON": "false"},
    )
    assert result.returncode != 0
    assert "Cellcube needs Python 3.11 or newer" in result.stderr
