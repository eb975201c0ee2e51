"""Importing a plugin's file: always as it is now, under a name that belongs to this file alone."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import linecache
import sys
from pathlib import Path
from types import CodeType, ModuleType

from lattice.errors import PluginError


def module_name(path: Path) -> str:
    """Return a name that belongs to one file, whatever others have the same stem."""
    return f"cellcube_plugin_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"


class _FreshLoader(importlib.machinery.SourceFileLoader):
    """Compiles the file as it is now: bytecode that is kept beside it is dated to the second only."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True)


def import_file(path: Path) -> ModuleType:
    """Import a file as it is now and return its module; raises `PluginError` where there is no file."""
    if not path.is_file():
        raise PluginError(f"there is no plugin at {path}: give a file that ends in .py, or a module's name")
    linecache.updatecache(str(path))
    name = module_name(path)
    spec = importlib.util.spec_from_loader(name, _FreshLoader(name, str(path)))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
