"""Long campaigns and benchmarks run rarely: what they import of the program must be there all the same."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([*ROOT.glob("tools/**/*.py"), *ROOT.glob("benchmarks/**/*.py"), *ROOT.glob("examples/**/*.py")])


def source_of(module: str) -> Path:
    """Return the file of a module of this project."""
    place = ROOT.joinpath(*module.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def names_bound(nodes: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements bind, those inside `if` and `try` included."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        else:
            yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
            for inner in ("body", "orelse", "finalbody"):
                yield from names_bound(getattr(node, inner, []))


@functools.cache
def names_in(path: Path) -> frozenset[str]:
    """Return the names that a module has."""
    found = frozenset(names_bound(ast.parse(path.read_text(encoding="utf-8")).body))
    return found | {inner.stem for inner in path.parent.iterdir()} if path.name == "__init__.py" else found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_name_that_is_imported_is_there(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("lattice", "app"):
            source = source_of(node.module or "")
            assert source.is_file(), f"{file.name}: there is no module {node.module}"
            names = names_in(source)
            if "__getattr__" not in names:
                missing = [alias.name for alias in node.names if alias.name not in names]
                assert not missing, f"{file.name}: {node.module} has no {', '.join(missing)}"
