"""Importing a plugin's file: always as it is now, under a name that belongs to this file alone.

The file may import modules that lie beside it. They belong to it: they are imported under its own name, as those of a
package are, so that `helper` of one plugin is never that of another, and `sys.path` stays as it is.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib.machinery
import importlib.util
import linecache
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from lattice.errors import PluginError

_PREFIX = "cellcube_plugin_"
_PROGRAM = frozenset({"app", "lattice", "main"})
"""Never taken from a plugin's folder, where that is the program's own."""


def module_name(path: Path) -> str:
    """Return a name that belongs to one file, whatever others have the same stem."""
    stem = re.sub(r"\W", "_", path.stem)  # a dot would make it a module of a package that is not there
    return f"{_PREFIX}{stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"


def belongs(module: str, own: str) -> bool:
    """Say whether a module's name is `own`, or that of a module below it."""
    return module == own or module.startswith(f"{own}.")


def module_files(own: str) -> tuple[Path, ...]:
    """Return the files of an imported module and of those below it."""
    files = [getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if belongs(name, own)]
    return tuple(Path(file) for file in files if file is not None)


def forget_modules(own: str) -> None:
    """Take a module and those below it out of `sys.modules`."""
    for name in [name for name in sys.modules if belongs(name, own)]:
        linecache.cache.pop(str(getattr(sys.modules[name], "__file__", "")), None)
        del sys.modules[name]


class _FreshLoader(importlib.machinery.SourceFileLoader):
    """Compiles the file as it is now: bytecode that is kept beside it is dated to the second only."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run the file; its import statements, those in functions too, look beside the plugin as well."""
        plugin = module.__name__.partition(".")[0]
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _Import(plugin)}
        super().exec_module(module)


class _Finder:
    """Finds the modules beside a plugin's file, whose names begin with the plugin's own."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if path is None or not fullname.startswith(_PREFIX):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            linecache.checkcache(spec.loader.path)
            spec.loader = _FreshLoader(fullname, spec.loader.path)
        return spec


class _Import:
    """`__import__` of one plugin's modules."""

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin

    def __call__(
        self,
        name: str,
        importer: Mapping[str, object] | None = None,
        names: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """Import as `builtins.__import__` does, whose arguments these are."""
        top = name.partition(".")[0]
        if level or not self._beside(top):
            return builtins.__import__(name, importer, names, fromlist or (), level)
        module = builtins.__import__(f"{self._plugin}.{name}", importer, names, fromlist or (), 0)
        return module if fromlist else sys.modules[f"{self._plugin}.{top}"]

    def _beside(self, top: str) -> bool:
        """Say whether a module lies beside the plugin, and Python finds none of its name elsewhere."""
        own = f"{self._plugin}.{top}"
        if own in sys.modules:
            return True
        if top in _PROGRAM or top in sys.modules or self._plugin not in sys.modules:
            return False
        beside = importlib.util.find_spec(own)
        if beside is None:
            return False
        elsewhere = importlib.util.find_spec(top)
        return elsewhere is None or elsewhere.origin == beside.origin  # found by the folder that it was started in


def import_file(path: Path) -> ModuleType:
    """Import a file as it is now and return its module; raises `PluginError` where there is no file.

    Modules beside it that it imported before are imported again as they are now.
    """
    if not path.is_file():
        raise PluginError(f"there is no plugin at {path}: give a file that ends in .py, or a module's name")
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())  # before Python's own, which knows no fresh loader
    linecache.updatecache(str(path))
    importlib.invalidate_caches()
    name = module_name(path)
    forget_modules(name)
    loader = _FreshLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(
        name, path, loader=loader, submodule_search_locations=[str(path.parent)]
    )
    assert spec is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
