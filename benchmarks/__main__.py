"""`python -m benchmarks NAME [options]`: every module here with a `main(arguments) -> int` is a benchmark."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

from lattice.allocator import keep_freed_memory
from lattice.errors import CellcubeError
from lattice.threads import share_cores


def benchmarks() -> dict[str, str]:
    """Return the first line of documentation per benchmark, by name, without importing any."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        runs = any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)
        if runs and not path.name.startswith("_"):
            found[path.stem.replace("_", "-")] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def run(arguments: list[str]) -> int:
    """Run the benchmark named first, with the other arguments; return its exit code."""
    available = benchmarks()
    if not arguments or arguments[0] in {"-h", "--help"}:
        print("usage: python -m benchmarks NAME [options]; NAME --help lists the options\n")
        for name, summary in available.items():
            print(f"  {name:<18}{summary}")
        return 0
    name, *rest = arguments
    if name not in available:
        print(f"unknown benchmark {name!r}: expected one of {', '.join(available)}", file=sys.stderr)
        return 2
    try:
        code: int = importlib.import_module(f"benchmarks.{name.replace('-', '_')}").main(rest)
    except CellcubeError as error:
        print(error, file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    # As in the program itself.
    share_cores()
    keep_freed_memory()
    sys.exit(run(sys.argv[1:]))
