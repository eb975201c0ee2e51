"""Plugins while the window is open: loading, unloading, and loading again when their file was saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from app.actions.file_dialogs import FileDialogs
from app.platform.file_watch import FileWatch
from app.run.commands import ReloadRule, RuleReloaded
from app.run.controller import RunController
from app.run.messages import Failed, input_failure
from lattice.errors import CellcubeError
from lattice.log import logger
from lattice.plugin_loading import LoadedPlugin, load_plugin, loaded_plugins, reload, unload
from lattice.plugins import CELL_RULES, OBJECTIVES
from lattice.units import plural

FILES = "Plugins (*.py)"


class PluginActions(QObject):
    """Loads plugins by hand, and again at each save of their files; an error leaves what was loaded before."""

    changed = pyqtSignal()
    """The registries hold other entries: lists of rules, objectives, readers, modes and panels are out of date."""

    mended = pyqtSignal(str)
    """A plugin was loaded: its file's path or module's name. What was shown of its faults is out of date."""

    def __init__(
        self,
        controller: RunController,
        dialogs: FileDialogs,
        notify: Callable[[str], None],
        show_failure: Callable[[Failed], None],
        parent: QObject,
    ) -> None:
        """Watch the files of the plugins that are loaded already.

        Args:
            controller: of the run, whose cell rule may come from a plugin.
            dialogs: ask for files.
            notify: says in the status bar what was done.
            show_failure: shows why a plugin can't be loaded.
            parent: owner.
        """
        super().__init__(parent)
        self._controller, self._dialogs = controller, dialogs
        self._notify, self._show_failure = notify, show_failure
        self._watch = FileWatch(self)
        self._watch.saved.connect(self._on_saved)
        self._watch_files()

    def ask_load(self) -> None:
        """Choose a plugin's file."""
        self._dialogs.ask_open("Load plugin", FILES, self.load)

    def load(self, path: Path) -> None:
        """Load a plugin's file; say what it brings, or show what is wrong with it."""
        try:
            plugin = load_plugin(path)
        except CellcubeError as error:
            self._fail(f"Can't load the plugin {path.name}", error)
            return
        self._after(plugin, f"Loaded {path.name}: {_brings(plugin)}")

    def load_again(self, name: str) -> None:
        """Load a loaded plugin as its file is now; what was loaded before stays if that fails."""
        rules = {entry.name: entry.value for entry in CELL_RULES.entries() if entry.plugin == name}
        try:
            plugin = reload(name, self._trial(name))
        except CellcubeError as error:
            self._fail(f"{short(name)} was not loaded again; the version before goes on", error)
            return
        self._after(plugin, f"Loaded {short(name)} again: {_brings(plugin)}", rules)

    def unload(self, name: str) -> None:
        """Remove what a plugin brought; a cube that runs on its rule goes on until it is built again."""
        rest = self._left_behind(name)
        try:
            unload(name)
        except CellcubeError as error:
            self._fail(f"Can't unload {short(name)}", error)
            return
        self._watch_files()
        self.changed.emit()
        self._notify(f"Unloaded {short(name)}{rest}")

    def close(self) -> None:
        """Watch no file any more."""
        self._watch.close()

    def _after(self, plugin: LoadedPlugin, told: str, rules_before: Mapping[str, Any] = MappingProxyType({})) -> None:
        """Report a plugin, and have the run continue with its rule; if that can't be used, the rule before stays."""

        def on_failed(_failure: Failed | None) -> None:
            for name, rule in rules_before.items():
                CELL_RULES.add(name, rule, plugin.name)
            self.changed.emit()

        self._watch_files()
        self.mended.emit(plugin.name)
        self.changed.emit()
        summary = self._controller.summary
        rule = "" if summary is None else summary.config.model.rule
        if rule in rules_before and (renamed := CELL_RULES.renamed(rule)):
            told = f"{renamed}; the cube goes on with the old one. Name it so again, or choose another"
            logger.warning("%s", told)
        self._notify(told)
        if self._runs_on(plugin.name):
            self._controller.request(
                ReloadRule(), lambda outcome: self._notify(_outcome_text(plugin, outcome)), on_failed
            )

    def _fail(self, title: str, error: CellcubeError) -> None:
        logger.error("%s: %s", title, error)
        self._show_failure(input_failure(title, error))

    def _trial(self, plugin: str) -> Callable[[], None] | None:
        """Return what tries the objective of the run, if a plugin brought it; training would stop at a broken one."""
        summary = self._controller.summary
        brought = {entry.name for entry in OBJECTIVES.entries() if entry.plugin == plugin}
        if summary is None or summary.config.training_embedding.objective not in brought:
            return None
        config, width = summary.config, summary.dataset.width

        def trial() -> None:
            import torch

            from lattice.training.objective_trial import try_objective  # a run has brought torch by now

            try_objective(config, width, torch.device("cpu"))

        return trial

    def _runs_on(self, plugin: str) -> bool:
        summary = self._controller.summary
        if summary is None or summary.config.model.rule not in CELL_RULES:
            return False
        return CELL_RULES.entry(summary.config.model.rule).plugin == plugin

    def _left_behind(self, plugin: str) -> str:
        """Return what becomes of the run without a plugin, to go on a sentence with."""
        summary = self._controller.summary
        if self._runs_on(plugin):
            return "; the present cube keeps its cell rule until it is built again"
        if summary is None:
            return ""
        objective = summary.config.training_embedding.objective
        if objective in OBJECTIVES and OBJECTIVES.entry(objective).plugin == plugin:
            return f"; the run can't train without its objective '{objective}': load it again or choose another"
        return ""

    def _watch_files(self) -> None:
        self._watch.watch([plugin.path for plugin in loaded_plugins() if plugin.path is not None])

    def _on_saved(self, path: Path) -> None:
        for plugin in loaded_plugins():
            if plugin.path == path:
                self.load_again(plugin.name)


def short(name: str) -> str:
    """Return a plugin's name for people: a file without its folder."""
    return Path(name).name if name.endswith(".py") else name


def _brings(plugin: LoadedPlugin) -> str:
    return ", ".join(plugin.brings) or "it registers nothing"


def _outcome_text(plugin: LoadedPlugin, outcome: RuleReloaded) -> str:
    kept = f"{plural(len(outcome.kept), 'weight tensor')} kept"
    begun = f", {plural(len(outcome.renewed), 'weight tensor')} begun again" if outcome.renewed else ""
    gone = f", removed: {', '.join(outcome.dropped)}" if outcome.dropped else ""
    return f"The cube runs on {short(plugin.name)} as it is now: {kept}{begun}{gone}"
