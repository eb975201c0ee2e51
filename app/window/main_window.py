"""The main window: makes the parts and hands each of them what it uses; who hears whom is in `connections`."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtGui import QCloseEvent, QIcon
from PyQt6.QtWidgets import QMainWindow

from app.actions import table
from app.actions.apply import ApplyActions
from app.actions.cells import CellActions
from app.actions.close import Closing
from app.actions.copy_command import CopyCommand
from app.actions.dialogs import ErrorDialog
from app.actions.divergence import DivergenceActions
from app.actions.file_dialogs import FileDialogs
from app.actions.help import HelpActions
from app.actions.open import OpenActions
from app.actions.pictures import PictureActions
from app.actions.plugins import PluginActions
from app.actions.probe import Probe
from app.actions.push import PushActions
from app.actions.recovery import offer_recovery
from app.actions.registry import Actions
from app.actions.resume_proof import ResumeProofActions
from app.actions.samples import SampleActions
from app.actions.save import SaveActions
from app.actions.save_prompt import SavePrompt
from app.actions.single_steps import SingleSteps
from app.actions.start import StartActions
from app.actions.texts import TextActions
from app.actions.trackers import TrackerActions
from app.actions.undo import UndoActions
from app.actions.view import ViewActions
from app.cube.color.colormaps import prepare_color_cubes
from app.monitoring.sampler import DeviceSampler
from app.options import StartOptions
from app.panels.appearance import AppearancePanel
from app.panels.curves import CurvesPanel
from app.panels.data.panel import DataPanel
from app.panels.device import DevicePanel
from app.panels.inspector.panel import InspectorPanel
from app.panels.lattice.dock import LatticeDock
from app.panels.log import LogPanel
from app.panels.sample.panel import SamplePanel
from app.panels.spec import PanelServices
from app.panels.training import TrainingPanel
from app.run.autosave import Autosave
from app.run.controller import RunController
from app.run.messages import Failed
from app.run.trainer_factory import RunFactory
from app.session.display import Display
from app.session.preferences import Preferences
from app.session.sample_scores import SampleScores
from app.session.selection import Selection
from app.widgets.theme import ThemeController
from app.window.central import CentralArea
from app.window.docks import DockLayout
from app.window.file_drop import FileDrop
from app.window.focus import move_focus
from app.window.keys import KeyGuard
from app.window.menus import MainToolBar, build_menus
from app.window.mode_list import ModeList
from app.window.panel_host import PanelHost
from app.window.panels import BUILT_IN_PANELS
from app.window.status_bar import RunStatusBar
from lattice.paths import resources_folder


class MainWindow(QMainWindow):
    """One window, one run. `open_window` makes one whose parts are connected; `launch` starts its worker."""

    def __init__(
        self,
        options: StartOptions,
        preferences: Preferences,
        theme: ThemeController,
        runs: RunFactory | None = None,
        *,
        asks: bool = True,
    ) -> None:
        """Make all parts.

        Args:
            options: how it was requested to start.
            preferences: what it remembers between starts.
            theme: the application's look.
            runs: makes trainers; None for the real ones.
            asks: whether to offer saving before a run is left.
        """
        super().__init__()
        self.options, self.preferences, self.theme = options, preferences, theme
        self._launched = self._interrupted = False
        self.setWindowTitle("Cellcube")
        self.setWindowIcon(QIcon(str(resources_folder() / "icon.svg")))
        self.controller, self.central = RunController(runs, self), CentralArea()
        self.setCentralWidget(self.central)
        self.cube, self.timeline = self.central.cube, self.central.timeline
        self.display = Display(self.controller, self.cube, self)
        self.picked = Selection(self.cube, self)
        self.status = RunStatusBar()
        self.setStatusBar(self.status)
        self.errors = ErrorDialog(self)
        self.scores = SampleScores(self.controller, self.status.notify, self)
        self._make_panels()
        self._make_features(asks=asks)
        self._make_bars()
        self._keys = KeyGuard(self, self.cube)

    def _make_panels(self) -> None:
        self.services = PanelServices(self.controller, self.display, self.cube, self.picked, self.status.notify)
        self.docks = DockLayout(self, self.preferences)
        for name, spec in BUILT_IN_PANELS.items():
            self.docks.add(name, spec, self.services)
        self.appearance = self.docks.panel(AppearancePanel)
        self.inspector = self.docks.panel(InspectorPanel)
        self.sample_panel = self.docks.panel(SamplePanel)
        self.curves = self.docks.panel(CurvesPanel)
        self.training_panel = self.docks.panel(TrainingPanel)
        self.data_panel = self.docks.panel(DataPanel)
        self.device_panel = self.docks.panel(DevicePanel)
        self.lattice = self.docks.panel(LatticeDock)
        self.log_panel = self.docks.panel(LogPanel)
        self.log_panel.attach()
        self.sampler = DeviceSampler(parent=self)

    def _make_features(self, *, asks: bool) -> None:
        controller, preferences, notify, fail = self.controller, self.preferences, self.status.notify, self.show_failure
        self.autosave = Autosave(controller, self)
        dialogs = FileDialogs(preferences, self, fail)
        self.saver = SaveActions(controller, self.curves, preferences, dialogs, notify, fail, self)
        self.prompt = SavePrompt(controller, self.saver.save, self, asks=asks)
        self.opener = OpenActions(controller, preferences, self.prompt, dialogs, fail, autostart=self.options.autostart)
        self.texts = TextActions(controller, preferences, self.opener, self.central.banner, self)
        self.plugins = PluginActions(controller, dialogs, notify, fail, self)
        self.samples = SampleActions(self.data_panel, self.sample_panel, self.docks.raise_panel, notify)
        self.probe = Probe(controller, self.display, self.sample_panel.probe)
        self.pictures = PictureActions(
            controller, self.display, self.cube, self.theme, preferences, dialogs, notify, fail, self
        )
        self.view = ViewActions(self.cube, self.display, self.picked, self.theme, preferences, self)
        self.start = StartActions(controller, preferences)
        self.edits = ApplyActions(controller, self.lattice, self.prompt, self)
        self.divergence = DivergenceActions(controller, self.central.alarm, self)
        self.undo = UndoActions(controller, self.curves, notify, self.divergence.offer, self)
        self.cells = CellActions(
            self.cube, self.display, self.picked, self.appearance, self.docks.raise_panel, notify, self
        )
        self.single = SingleSteps(controller, lambda: self._keys.repeating, notify)
        self.copy_command = CopyCommand(controller, lambda: self.saver.path, notify, fail)
        self.help = HelpActions(lambda: self.actions_.shortcut_groups(), self.menuBar, self)  # noqa: PLW0108
        self._drop = FileDrop(self, self.opener.open_path)
        self.proof = ResumeProofActions(controller, self.central.banner, self.saver.save)
        self.push = PushActions(controller, notify, self)
        self.trackers = TrackerActions(controller, notify, fail, self)
        self._closing = Closing(controller, self.prompt, self.close, notify, self)

    def _make_bars(self) -> None:
        self.actions_ = Actions(
            self,
            (
                *table.file_actions(
                    self.opener, self.saver, self.texts, self.plugins, self.pictures, self.push, self.view, self.close
                ),
                *table.run_actions(
                    self.controller,
                    self.start,
                    self.edits,
                    self.undo,
                    self.divergence,
                    self.samples,
                    self.single,
                    self.copy_command.act,
                    self.proof,
                    self.scores,
                ),
                *table.cube_actions(self.display, self.appearance, self.view, self.cells, self.timeline),
                *table.view_actions(self.cube, self.view, self.docks),
                *table.help_actions(self.help),
            ),
        )
        bar = self.menuBar()
        assert bar is not None
        self.menus = build_menus(bar, self.actions_, self.docks.toggles, self.opener.open_preset)
        self.panels = PanelHost(self.docks, self.services, self.menus.panels, self.show_failure)
        self.toolbar = MainToolBar(self.actions_, self)
        self.addToolBar(self.toolbar)
        self.modes = ModeList(self.display, self.actions_, self.menus.colors, self.toolbar.modes)

    def launch(self) -> None:
        """Start the worker and open the run that the options name; a second call does nothing."""
        if self._launched:
            return
        self._launched = True
        prepare_color_cubes(self.theme.theme.dark)
        self.controller.launch()
        self.trackers.choose(self.options.trackers)
        self.opener.open_first(self.options)
        if self.prompt.asks and self.options.resume is None:
            trains = self.opener.trains_next
            offer_recovery(self.controller, self.central.banner, self.prompt, self.autosave, trains=trains)

    def interrupt(self) -> None:
        """Close without a question, as after Ctrl-C; what was trained stays as an autosave, unless writing it fails."""
        if self._interrupted:
            return
        self._interrupted = True
        self.prompt.silence()
        self.controller.pause()  # no step is trained after the autosave
        if not self.autosave.save_now(then=self.close):
            self.close()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Close once the worker is gone; until then, see to it that it goes."""
        if event is None or self._closing.holds_open(event):
            return
        if self.options.screenshot is None:
            self.docks.store()
            self.preferences.curves = self.curves.choices
        self.preferences.sync()
        self.display.close()
        self.pictures.close()
        self.plugins.close()
        self.autosave.close(clean=not self._interrupted)
        self._keys.close()
        self.sampler.stop()
        for part in (*self.docks.panels.values(), self.status, self.errors):
            part.close()
        self.central.close_parts()
        event.accept()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Go to the next or previous input that can be seen, in the order of the panels."""
        return move_focus(self, lambda: super(MainWindow, self).focusNextPrevChild(next))

    def take_preferences(self) -> None:
        """Follow the stored preferences."""
        self.autosave.set_minutes(self.preferences.autosave_minutes)
        self.actions_.check("autostart", self.preferences.autostart)
        self.actions_.check("captions", self.preferences.captions)

    def show_failure(self, failure: Failed) -> None:
        """Say what went wrong, without holding anything up."""
        texts = self.opener.refused_texts(failure)
        if failure.teacher and texts is not None:
            way_out = ("Choose another teacher...", lambda: self.texts.ask_teacher(texts))
            self.errors.show_failure(replace(failure, advice=""), way_out)
        else:
            self.errors.show_failure(failure, self.opener.way_out(failure))
