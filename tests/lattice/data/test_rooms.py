"""The imports within `lattice/data`: no circle, those inside functions and for type checkers included."""

import ast
from pathlib import Path

import lattice.data

ROOT = Path(lattice.data.__file__).resolve().parents[2]


def modules() -> dict[str, Path]:
    paths = sorted((ROOT / "lattice").rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


def imports(path: Path, known: set[str]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & known) or {node.module}
    return found & known


def test_no_module_of_the_data_room_imports_itself_over_others():
    files = modules()
    graph = {name: imports(path, set(files)) for name, path in files.items()}
    assert "lattice.data.readers.base" in graph["lattice.data.readers.choice"]
    circles = {}
    for name in (name for name in graph if name.startswith("lattice.data") or name in ("lattice", "lattice.plugins")):
        reached, waiting = set(), set(graph[name])
        while waiting:
            reached |= waiting
            waiting = set().union(*(graph[module] for module in waiting)) - reached
        if name in reached:
            circles[name] = sorted(module for module in reached if name in graph[module])
    assert circles == {}
