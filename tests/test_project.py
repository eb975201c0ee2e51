"""Rules for the repository itself: what may be in its files, and that its documents are true."""

import ast
import importlib.metadata
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import lattice

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 350
MAX_TEST_LINES = 400


def _committed_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=False, capture_output=True, text=True)
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


FILES = _committed_files()
TEXTS = [path for path in FILES if b"\0" not in path.read_bytes()[:8192]]
SOURCES = [path for path in FILES if path.suffix == ".py"]
PROGRAM = [path for path in SOURCES if not path.is_relative_to(ROOT / "tests")]
MARKDOWN = [path for path in FILES if path.suffix == ".md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINS = dict(line.lower().replace("_", "-").split("==") for line in CONSTRAINTS if not line.startswith("#"))
pytestmark = pytest.mark.skipif(not FILES, reason="not a git checkout")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=named)


@each(TEXTS)
def test_no_machine_or_registry_is_named(path):
    hosts = ["pypi" + ".org", "python" + "hosted", "deb." + "debian", "registry." + "npmjs", "download." + "pytorch"]
    folders = ["/" + name + "/" for name in ("work", "root", "home", "Users", "opt")]
    text = path.read_text(encoding="utf-8")
    assert [word for word in hosts if word in text] == []
    assert [word for word in folders if re.search(rf"(?<![\w.$}}{{~)*-]){word}", text)] == []


@each(SOURCES)
def test_python_file_says_what_it_is(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, "no module docstring"
    assert docstring.splitlines()[0].endswith((".", ":", "?")), "the docstring's first line is no sentence"


@each(SOURCES)
def test_python_file_holds_one_idea(path):
    limit = MAX_TEST_LINES if named(path).startswith("tests/") else MAX_LINES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


@each(PROGRAM)
def test_log_and_console_texts_are_ascii(path):
    """A Windows console with an old code page must be able to show them all."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        function = ast.unparse(call.func)
        if function == "print" or re.fullmatch(r"(\w+\.)*(logger|stderr|stdout)\.\w+", function):
            texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)]
            assert all(text.isascii() for text in texts if isinstance(text, str)), f"line {call.lineno}"


@each(SOURCES)
def test_no_emoji(path):
    assert not re.search("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]", path.read_text(encoding="utf-8"))


def test_test_folders_are_no_packages():
    assert [named(path) for path in FILES if path.match("tests/**/__init__.py")] == []


def test_committed_files_are_small():
    assert [named(path) for path in FILES if path.stat().st_size > 10 * 2**20] == []


def test_scripts_can_be_run():
    scripts = [path for path in FILES if path.suffix == ".sh" or named(path) == ".ci/run"]
    assert scripts
    for script in scripts:
        assert script.stat().st_mode & stat.S_IXUSR, named(script)
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_importing_the_core_has_no_side_effects():
    """Every module of lattice is imported: nothing heavy or graphical comes along, no logger is set up."""
    code = """
import logging, pkgutil, sys
import lattice
for module in pkgutil.walk_packages(lattice.__path__, "lattice."):
    __import__(module.name)
heavy = {"PyQt6", "vispy", "pyqtgraph", "app", "transformers", "datasets", "sentence_transformers"} & set(sys.modules)
assert not heavy, f"imported: {sorted(heavy)}"
assert not logging.getLogger("cellcube").handlers, "the logger was set up"
assert not logging.getLogger().handlers, "the root logger was set up"
"""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""


class TestVersions:
    def test_everything_that_is_asked_for_is_pinned(self):
        groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
        names = {re.split(r"[<>=\[;]", need)[0].lower().replace("_", "-") for group in groups for need in group}
        assert names - set(PINS) == set()

    def test_pins_are_plain_versions(self):
        assert [version for version in PINS.values() if not re.fullmatch(r"[0-9][0-9.]*(post\d+)?", version)] == []

    def test_what_is_installed_is_what_is_pinned(self):
        for name in ("torch", "PyQt6", "PyQt6-Qt6", "vispy", "numpy", "pydantic", "safetensors"):
            assert importlib.metadata.version(name).partition("+")[0] == PINS[name.lower()]

    def test_changelog_knows_this_version(self):
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert re.search(rf"^## \[({re.escape(lattice.__version__)}|Unreleased)\]", changelog, re.MULTILINE)


class TestDocuments:
    @each(MARKDOWN)
    def test_links_and_pictures_exist(self, path):
        targets = re.findall(r"\]\(([^)#]+?)\)", path.read_text(encoding="utf-8"))
        local = [target for target in targets if not target.startswith(("https://", "mailto:"))]
        assert [target for target in local if not (path.parent / target).exists()] == []

    def test_readme_names_only_make_targets_that_exist(self):
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        named_ones = set(re.findall(r"(?:`|^ {4})make ([a-z]+)", readme, re.MULTILINE))
        assert {"run", "test", "lint", "bench"} <= targets
        assert named_ones <= targets

    @pytest.mark.parametrize("document", ["README.md", "docs/architecture.md"])
    def test_files_that_are_named_exist(self, document):
        text = (ROOT / document).read_text(encoding="utf-8")
        paths = re.findall(r"`((?:app|lattice|tests|tools|docs|resources|benchmarks)/[\w./-]*)`", text)
        assert paths
        assert [path for path in paths if not (ROOT / path).exists()] == []

    def test_make_alone_lists_the_commands(self):
        listing = subprocess.run(["make", "-s"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for target in ("run", "test", "lint", "bench"):
            assert re.search(rf"^  make {target} +\w", listing, re.MULTILINE)
