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
from tests.trees import tree_of

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 350
MAX_TEST_LINES = 500


def _committed_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=False, capture_output=True, text=True)
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


FILES = _committed_files()
TEXTS = [path for path in FILES if b"\0" not in path.read_bytes()[:8192]]
SOURCES = [path for path in FILES if path.suffix == ".py"]
PROGRAM = [path for path in SOURCES if not path.is_relative_to(ROOT / "tests")]
UNLIKE_THEIR_MODULES = {"umap": "umap-learn"}
"""Modules of extras that may not be installed here, with the name of the library that brings them."""
OUR_OWN = {"app", "benchmarks", "lattice", "tools"}
MARKDOWN = [path for path in FILES if path.suffix == ".md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINS = dict(line.lower().replace("_", "-").split("==") for line in CONSTRAINTS if not line.startswith("#"))
pytestmark = pytest.mark.skipif(not FILES, reason="not a git checkout")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imported_modules(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_no_machine_or_registry_is_named():
    hosts = ["pypi" + ".org", "python" + "hosted", "deb." + "debian", "registry." + "npmjs", "download." + "pytorch"]
    folders = ["/" + name + "/" for name in ("work", "root", "home", "Users", "opt")]
    pattern = "|".join([*map(re.escape, hosts), rf"(?<![\w.$}}{{~)*-])(?:{'|'.join(folders)})"])
    found = {named(path): re.findall(pattern, path.read_text(encoding="utf-8")) for path in TEXTS}
    assert {path: names for path, names in found.items() if names} == {}


def test_every_python_file_says_what_it_is():
    summaries = {named(path): (ast.get_docstring(tree_of(path)) or "").partition("\n")[0] for path in SOURCES}
    assert [path for path, summary in summaries.items() if not summary] == []
    assert [path for path, summary in summaries.items() if not summary.endswith((".", ":", "?"))] == []


def test_python_files_hold_one_idea():
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    limits = {path: MAX_TEST_LINES if path.startswith("tests/") else MAX_LINES for path in lengths}
    assert {path: length for path, length in lengths.items() if length > limits[path]} == {}


def test_log_and_console_texts_are_ascii():
    """A Windows console with an old code page must be able to show them all."""
    found = []
    for path in PROGRAM:
        for call in ast.walk(tree_of(path)):
            if isinstance(call, ast.Call) and _writes_to_log_or_console(call):
                texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)]
                found += [
                    f"{named(path)}:{call.lineno}" for text in texts if isinstance(text, str) and not text.isascii()
                ]
    assert found == []


def _writes_to_log_or_console(call: ast.Call) -> bool:
    function = ast.unparse(call.func)
    return function == "print" or bool(re.fullmatch(r"(\w+\.)*(logger|stderr|stdout)\.\w+", function))


def test_no_emoji():
    emoji = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
    assert [named(path) for path in TEXTS if emoji.search(path.read_text(encoding="utf-8"))] == []


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

    def test_what_is_imported_is_asked_for(self):
        """A library that only comes along with another one may stop doing so."""
        groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
        asked_for = {re.split(r"[<>=\[;]", need)[0].lower().replace("_", "-") for group in groups for need in group}
        brought_by = importlib.metadata.packages_distributions()
        for path in PROGRAM:
            for module in _imported_modules(tree_of(path)) - set(sys.stdlib_module_names) - OUR_OWN:
                names = {
                    name.lower().replace("_", "-")
                    for name in brought_by.get(module, [UNLIKE_THEIR_MODULES.get(module, module)])
                }
                assert names & asked_for, f"{named(path)} imports {module}"

    def test_what_is_installed_is_what_is_pinned(self):
        for name in ("torch", "PyQt6", "PyQt6-Qt6", "vispy", "numpy", "pydantic", "safetensors"):
            assert importlib.metadata.version(name).partition("+")[0] == PINS[name.lower()]

    def test_changelog_knows_this_version(self):
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert re.search(rf"^## \[({re.escape(lattice.__version__)}|Unreleased)\]", changelog, re.MULTILINE)


class TestDocuments:
    def test_links_and_pictures_exist(self):
        for path in MARKDOWN:
            targets = re.findall(r"\]\(([^)#]+?)\)", path.read_text(encoding="utf-8"))
            local = [target for target in targets if not target.startswith(("https://", "mailto:"))]
            assert [target for target in local if not (path.parent / target).exists()] == [], named(path)

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
