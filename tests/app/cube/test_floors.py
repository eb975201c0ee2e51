"""The floors inside `app.cube`: each imports what lies below only, and nothing goes round in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import app.cube

ROOT = Path(app.cube.__file__).parent
FLOORS = (
    ("view",),
    ("picture",),
    ("mouse", "picture_queue"),
    ("scene",),
    ("gl", "overlay"),
    ("camera",),
    ("color",),
    ("state",),
)
"""From the top to the bottom; what stands side by side does not know each other."""
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
BELOW = {"options", "platform", "widgets"}
"""Rooms of `app` that the cube may import."""


def imports(path: Path) -> set[str]:
    """Return modules of `app` that a file imports, those for type checking included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "app":
            folder = ROOT.parent.parent.joinpath(*node.module.split(".")).is_dir()
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if folder else {node.module}
    return found


IMPORTS = {
    ".".join(("app.cube", *path.relative_to(ROOT).with_suffix("").parts)): imports(path)
    for path in ROOT.rglob("*.py")
    if path.name != "__init__.py"
}


def test_every_file_stands_on_a_floor():
    assert {name.split(".")[2] for name in IMPORTS} == set(FLOOR)


@pytest.mark.parametrize("name", sorted(IMPORTS))
def test_a_file_imports_only_what_lies_below(name):
    own = name.split(".")[2]
    for module in IMPORTS[name]:
        _, room, *rest = module.split(".")
        if room != "cube":
            assert room in BELOW, f"{name} imports {module}"
        elif rest[0] != own:
            assert FLOOR[rest[0]] > FLOOR[own], f"{name} imports {module}"


def test_no_imports_go_round_in_a_circle():
    left = {name: {module for module in found if module in IMPORTS} for name, found in IMPORTS.items()}
    while free := {name for name, found in left.items() if not found}:
        left = {name: found - free for name, found in left.items() if name not in free}
    assert left == {}
