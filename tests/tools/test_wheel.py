"""The wheel: what is in it, and that it runs where no checkout is."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lattice.version import __version__

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def committed() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=False, capture_output=True, text=True)
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


pytestmark = [pytest.mark.slow, pytest.mark.skipif(not committed(), reason="not a git checkout")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy of the committed files without network, so that the checkout stays clean."""
    folder, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in committed():
        if name.startswith(("app/", "docs/", "lattice/", "resources/", "tests/")) or "/" not in name:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-c", BUILD, str(out)], cwd=folder, check=True, capture_output=True, timeout=120)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """A folder into which only the wheel was installed."""
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([*command, str(wheel)], env=environment, check=True, capture_output=True, timeout=120)
    return target


def run(installed: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in another folder, where `lattice` and `app` can only be those of the wheel."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, "-P", *command], cwd=folder, env=environment, check=False, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip


def test_it_holds_the_code_and_what_the_code_reads(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    metadata = f"cellcube-{__version__}.dist-info/"
    expected = {name for name in committed() if name.startswith(("app/", "lattice/"))}
    expected |= {f"cellcube_{name}" for name in committed() if name.startswith("resources/")}
    expected |= {f"cellcube_{name}" for name in committed() if name.startswith("docs/") and name.endswith(".md")}
    assert {name for name in names if not name.startswith(metadata)} == expected
    assert f"{metadata}licenses/LICENSE" in names
    assert "app/cube/shaders/" in {re.sub(r"[^/]*$", "", name) for name in names}


def test_it_trains_on_the_bundled_data_away_from_any_checkout(installed, tmp_path):
    result = run(
        installed, tmp_path, "-m", "app", "--headless", "--json", "--preset", "debug", "--training-steps", "2",
        "--device", "cpu", "--max-total-samples", "50", "--set", "lattice.dimensions=4,4,4",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert '"training_steps": 2' in result.stdout
    assert str(ROOT) not in result.stderr


def test_its_own_copy_and_resources_are_used(installed, tmp_path):
    code = """
from pathlib import Path
import app, lattice
from app.cube.gl import shader
from lattice.paths import demo_folder, pages_folder, resources_folder
print(Path(lattice.__file__).parent.parent, Path(app.__file__).parent.parent, resources_folder().name)
print(pages_folder().name, (pages_folder() / "guide.md").is_file())
print(*lattice.preset_names(), (demo_folder() / "texts.tsv").is_file(), (resources_folder() / "icon.svg").is_file())
"""
    result = run(installed, tmp_path, "-c", code)
    assert result.stdout.splitlines() == [
        f"{installed} {installed} cellcube_resources", "cellcube_docs True",
        "wave debug memories experiment optimized True True",
    ]  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="there the command is an .exe")
def test_the_command_is_installed(installed, tmp_path):
    command = installed / "bin" / "cellcube"
    assert run(installed, tmp_path, str(command), "--version").stdout == f"Cellcube {__version__}\n"
    assert "usage: cellcube [-h]" in run(installed, tmp_path, str(command), "--help").stdout
    refused = run(installed, tmp_path, str(command), "--nonsense")
    assert refused.returncode == 2
    assert "`cellcube --help` lists the options" in refused.stderr
