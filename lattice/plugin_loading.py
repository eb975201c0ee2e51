"""Loading, unloading and reloading plugins: files, modules and entry points.

A plugin has a function `setup(plugins)`. Whatever goes wrong in it ends as one `PluginError` with file and line, and
the registries and loaded modules are then as they were before.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from lattice.config.base import Settings, check_defaults, check_types
from lattice.errors import DeclarationError, PluginError
from lattice.log import logger
from lattice.plugin_faults import fault_line, fault_place, kind_text
from lattice.plugin_files import belongs, forget_modules, import_file, module_files, module_name
from lattice.plugins import CELL_RULES, OBJECTIVES, REGISTRIES, Plugins

GROUP = "cellcube.plugins"
"""Entry points of this group are loaded at start; each names a function `setup(plugins)` or a module with one."""


@dataclass(frozen=True)
class LoadedPlugin:
    """One plugin that is loaded."""

    name: str
    """What `unload` and `reload` take: a file's path, or a module's name."""
    module: str
    """The name of its module in `sys.modules`."""
    path: Path | None
    """Its file; None for a module without one."""
    setup: str
    """The function that registered it."""
    brings: tuple[str, ...]
    """What it registered, such as `cell rule 'waves'`."""


_loaded: dict[str, LoadedPlugin] = {}


def loaded_plugins() -> tuple[LoadedPlugin, ...]:
    """Return the loaded plugins in the order in which they were loaded; the built-ins are none."""
    return tuple(_loaded.values())


def plugin_fault(error: BaseException) -> str:
    """Return `FILE, line N: KeyError: ...` if an error passed through a loaded plugin's code; empty if not."""
    for plugin in loaded_plugins():
        for file in (plugin.path, *module_files(plugin.module)):
            if fault_place(error, file):
                return fault_line(error, file)
    return ""


def load_plugins(sources: Iterable[str]) -> None:
    """Load the entry points, then `sources` in order, as at the start of the program.

    A broken entry point is a warning in the log: it must not keep the program from starting.

    Raises:
        PluginError: one of `sources` is broken.
    """
    points, sources = importlib.metadata.entry_points(group=GROUP), tuple(sources)
    if sys.platform == "win32" and (points or sources):
        import torch  # noqa: F401  # before Qt, which a plugin's panel imports: else torch's libraries fail to load
    for point in points:
        try:
            load_plugin(point.value.partition(":")[0], setup=point.attr or "setup")
        except PluginError as error:
            logger.warning("The installed plugin '%s' was left out: %s", point.name, error)
    for source in sources:
        load_plugin(source)


def load_plugin(source: str | Path, *, setup: str = "setup", trial: Callable[[], None] | None = None) -> LoadedPlugin:
    """Load a plugin; one that is loaded already is loaded again.

    Args:
        source: `FILE.py` or `package.module`.
        setup: the function in it that registers what it offers.
        trial: called when all is registered; where it raises, what was loaded before stays.

    Raises:
        PluginError: it can't be loaded; nothing was changed.
    """
    name, path = _identify(source)
    before = _loaded.get(name)
    with _undone_on_failure(name, path):
        for registry in REGISTRIES:
            registry.remove_plugin(name)
        module = import_file(path) if path is not None else _import_module(name)
        function = getattr(module, setup, None)
        if not callable(function):
            raise PluginError(f"{path or name} has no function {setup}(plugins): define it and register there")
        function(Plugins(name))
        _check_settings(name)
        if trial is not None:
            trial()
        brings = tuple(
            f"{registry.kind} '{entry.name}'" for registry in REGISTRIES for entry in registry.of_plugin(name)
        )
    file = getattr(module, "__file__", None)
    plugin = LoadedPlugin(name, module.__name__, path or (None if file is None else Path(file)), setup, brings)
    _loaded[name] = plugin
    logger.info("Plugin %s %s: %s", name, "reloaded" if before else "loaded", ", ".join(brings) or "it offers nothing")
    return plugin


def reload(name: str, trial: Callable[[], None] | None = None) -> LoadedPlugin:
    """Load a loaded plugin again, as after an edit of its file.

    Raises:
        PluginError: it isn't loaded, or is broken now; what was loaded before then stays.
    """
    plugin = _known(name)
    return load_plugin(plugin.name, setup=plugin.setup, trial=trial)


def unload(name: str) -> None:
    """Remove what a plugin registered; a student that runs on its rule is left alone.

    Raises:
        PluginError: it isn't loaded.
    """
    plugin = _known(name)
    for registry in REGISTRIES:
        registry.remove_plugin(plugin.name)
    forget_modules(plugin.module)
    del _loaded[plugin.name]
    logger.info("Plugin %s unloaded", plugin.name)


def _known(name: str) -> LoadedPlugin:
    key, _ = _identify(name)
    if key not in _loaded:
        raise PluginError(f"the plugin {key} isn't loaded: loaded are {', '.join(_loaded) or 'none'}")
    return _loaded[key]


def _identify(source: str | Path) -> tuple[str, Path | None]:
    """Return a plugin's name, and the path if it is a file."""
    text = str(source)
    if isinstance(source, str) and not text.endswith(".py") and "/" not in text and "\\" not in text:
        return text, None
    path = Path(source).expanduser().resolve()
    return str(path), path


@contextmanager
def _undone_on_failure(name: str, path: Path | None) -> Iterator[None]:
    """Put registries and modules back if the block fails, and turn what it raised into a `PluginError`.

    A run in another thread goes on with what was registered before until the block has ended well.
    """
    modules = dict(sys.modules)
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # it is dated to the second only
    try:
        with ExitStack() as drafts:
            for registry in REGISTRIES:
                drafts.enter_context(registry.drafted())
            yield
    except BaseException as error:
        own = module_name(path) if path is not None else name
        source = _source_of(path, own, error)
        forget_modules(own)
        sys.modules.update({key: module for key, module in modules.items() if belongs(key, own)})
        if not isinstance(error, Exception | SystemExit):
            raise
        if not isinstance(error, PluginError):
            raise PluginError(f"the plugin can't be loaded: {fault_line(error, source)}") from error
        if isinstance(error, DeclarationError):
            raise PluginError(f"the plugin can't be loaded: {error}") from error
        if (place := fault_place(error, source)) is None:
            raise
        raise PluginError(f"the plugin can't be loaded: {place}: {error}") from error
    finally:
        sys.dont_write_bytecode = writes_bytecode


def _source_of(path: Path | None, own: str, error: BaseException) -> Path | None:
    """Return where to look for the line that raised: the module beside a plugin's file, the file, or the package."""
    if path is None:
        return _package_folder(own)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    inside = [frame for frame in frames if belongs(str(frame.f_globals.get("__name__")), own)]
    return Path(inside[-1].f_code.co_filename) if inside else path


def _package_folder(name: str) -> Path | None:
    """Return the folder or file of the package that a module belongs to, None where it isn't found."""
    try:
        found = importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError):
        return None
    if found is None or found.origin is None:
        return None
    origin = Path(found.origin)
    return origin.parent if found.submodule_search_locations else origin


def _import_module(name: str) -> ModuleType:
    if name in _loaded:
        forget_modules(name)
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        raise PluginError(
            f"there is no module '{name}': install it, put the folder that holds it on PYTHONPATH, or give the path "
            "of a file that ends in .py"
        ) from None


def _check_settings(plugin: str) -> None:
    """Raise `PluginError` unless the settings of what a plugin registered can be shown and have defaults."""
    for registry in (CELL_RULES, OBJECTIVES):
        for entry in registry.of_plugin(plugin):
            settings: object = entry.value.settings
            if settings is None:
                continue
            if not (isinstance(settings, type) and issubclass(settings, Settings)):
                raise PluginError(
                    f"the settings of the {registry.kind} '{entry.name}' of {plugin} are {kind_text(settings)}: "
                    "expected a class made from lattice.config.Settings"
                )
            check_types(settings)
            check_defaults(settings)
    for entry in OBJECTIVES.of_plugin(plugin):
        from lattice.objectives import check_baselines  # with torch, which the objective's class has brought

        check_baselines(entry.value.load())
