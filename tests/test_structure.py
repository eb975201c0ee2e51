"""The house: no circle of imports, the window known to nobody below it, no file that holds two ideas."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.trees import tree_of

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 250
TABLES = {"app/actions/table.py", "app/run/commands.py"}
"""Files whose one idea is a long table."""
KNOWS_THE_WINDOW = ("app/application.py", "app/window/")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for room in ("app", "lattice") for path in sorted((ROOT / room).rglob("*.py"))}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield every imported name, in full, wherever it stands: in functions, under TYPE_CHECKING, by `import_module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            yield from (part.value for part in node.args[:1] if isinstance(part, ast.Constant))


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def edges() -> dict[str, set[str]]:
    """Return which module imports which."""
    found: dict[str, set[str]] = {}
    for name, path in SOURCES.items():
        targets = (target if target in SOURCES else target.rpartition(".")[0] for target in imported(tree_of(path)))
        found[name] = {target for target in targets if target in SOURCES and target != name}
    return found


def importers(beginnings: str | tuple[str, ...]) -> list[str]:
    """Return the modules that import a name with one of these beginnings."""
    return [
        name
        for name, path in SOURCES.items()
        if any(target.startswith(beginnings) for target in imported(tree_of(path)))
    ]


def circles(graph: dict[str, set[str]]) -> set[str]:
    """Return the strongly connected components of more than one node, each as its nodes in order (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: set[str] = set()

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph[node]:
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                found.add(" ".join(sorted(component)))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def named(modules: Iterable[str]) -> list[str]:
    return [SOURCES[module].relative_to(ROOT).as_posix() for module in modules]


def test_circles_are_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}
    assert circles(graph) == {"a b c", "d e"}


@pytest.mark.parametrize(
    "text",
    [
        "import lattice.config",
        "from lattice import config",
        "def f():\n    from lattice import config",
        "import_module('lattice.config')",
        "importlib.import_module('lattice.config', None)",
        "__import__('lattice.config')",
    ],
)
def test_imports_are_found(text):
    assert list(imported(ast.parse(text))) == ["lattice.config"]


def test_no_circle_of_imports():
    assert circles(edges()) == set()


def test_the_window_is_known_to_nobody_below_it():
    knowing = [
        path
        for path in named(name for name, path in SOURCES.items() if _names(tree_of(path), "MainWindow"))
        if not path.startswith(KNOWS_THE_WINDOW)
    ]
    assert knowing == []


def _names(tree: ast.AST, word: str) -> bool:
    return any(
        word in (getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "name", ""))
        or (isinstance(node, ast.Constant) and node.value == word)
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("toolkit", ["PyQt6.QtWidgets", "PyQt6.QtGui"])
def test_the_run_needs_no_widget(toolkit):
    """Training can be steered without a screen: of Qt it uses threads and signals."""
    users = importers(toolkit)
    assert [name for name in users if name.startswith("app.run")] == []


def test_the_core_uses_nothing_of_the_window():
    users = importers(("app.", "PyQt6", "vispy", "pyqtgraph", "qtawesome"))
    assert [name for name in users if name.startswith("lattice")] == []


def test_a_file_holds_one_idea():
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in named(SOURCES)}
    assert {path for path, length in lengths.items() if length > LONGEST} - TABLES == set()


def test_the_picture_of_the_house_is_what_the_contracts_say():
    check = [sys.executable, str(ROOT / "tools" / "draw_house.py"), "--check"]
    result = subprocess.run(check, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
