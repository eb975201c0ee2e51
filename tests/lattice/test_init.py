"""The public interface: every name is there, is imported at its first use, and is known to a type checker."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import lattice
import lattice.data

PACKAGES = (lattice, lattice.data)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_every_public_name_can_be_had(package):
    for name in package.__all__:
        assert getattr(package, name) is not None
        assert name in dir(lattice) or package is lattice.data


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_a_type_checker_sees_the_same_names_in_the_same_modules(package):
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    (checked,) = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    typed = {alias.name: node.module for node in checked.body for alias in node.names}
    lazy = {name: module for module, names in package._NAMES_OF.items() for name in names}
    assert typed == lazy
    assert set(package.__all__) - {"__version__"} == set(lazy)
    for name, module in lazy.items():
        assert getattr(importlib.import_module(module), name) is getattr(package, name)


def test_a_name_that_does_not_exist_is_refused():
    with pytest.raises(AttributeError, match="module 'lattice' has no attribute 'load_pupil'"):
        _ = lattice.load_pupil
    with pytest.raises(ImportError, match="cannot import name 'Pupil' from 'lattice'"):
        from lattice import Pupil  # noqa: F401


def test_importing_lattice_is_light_and_readers_need_no_torch():
    code = """
import sys
import lattice
before = {"torch", "numpy", "pydantic"} & set(sys.modules)
from lattice import READERS, Plugins, Reader, Rows
from lattice.formats import is_checkpoint
print(sorted(before), list(READERS), "torch" in sys.modules, "numpy" in sys.modules)
"""
    root = Path(lattice.__file__).parent.parent
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert result.stdout == (
        "[] ['embeddings', 'vector_lines', 'word_lines', 'binary_word_vectors', 'neighbours', 'projector', "
        "'projector_config', 'hdf5', 'texts'] False False\n"
    )
