"""The main window: puts the parts together and answers the actions that belong to no part alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QIcon
from PyQt6.QtWidgets import QMainWindow

from app.actions.close import Closing, ask_to_save
from app.actions.dialogs import ErrorDialog
from app.actions.file_kinds import is_text_file
from app.actions.files import FileActions
from app.actions.pictures import PictureActions
from app.actions.probe import Probe
from app.actions.recovery import offer_recovery
from app.actions.registry import Actions
from app.actions.start import StartAction
from app.actions.table import action_table
from app.actions.texts import DataActions
from app.actions.undo import Undo
from app.actions.view import ViewActions
from app.cube.color.colormaps import color_cube
from app.cube.view import CubeView
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
from app.panels.training import TrainingPanel
from app.run.autosave import Autosave
from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.messages import Failed
from app.run.trainer_factory import RunFactory
from app.session.display import Display
from app.session.preferences import Preferences
from app.session.selection import PickedCell
from app.widgets.theme import ThemeController
from app.window import connections
from app.window.central import CentralArea
from app.window.docks import DockLayout
from app.window.keys import KeyGuard
from app.window.menus import MainToolBar, build_menus, fill_recent
from app.window.status_bar import RunStatusBar
from app.window.timeline import Timeline
from lattice.paths import resources_folder

DEFAULT_SIZE = (1600, 1000)
FRAME = (4, 38)
"""Logical pixels that a desktop's frame and title bar may take; nobody knows how many before the window is shown."""


class MainWindow(QMainWindow):
    """One window, one run. `launch` starts the worker; until then the window only shows itself."""

    def __init__(
        self,
        options: StartOptions,
        preferences: Preferences,
        theme: ThemeController,
        runs: RunFactory | None = None,
        *,
        asks: bool = True,
    ) -> None:
        """Build the window.

        Args:
            options: how it was asked to start.
            preferences: what it remembers between starts.
            theme: the application's look.
            runs: makes trainers; None for the real ones.
            asks: whether to offer saving before a run is left.
        """
        super().__init__()
        self.options, self.preferences, self.theme = options, preferences, theme
        self.asks = asks
        self.trains = preferences.autostart if options.autostart is None else options.autostart
        self.setWindowTitle("Cellcube")
        self.setWindowIcon(QIcon(str(resources_folder() / "icon.svg")))
        self.setAcceptDrops(True)
        screen = self.screen() if options.screenshot is None else None  # pictures don't depend on the screen
        self.resize(*(options.size or (DEFAULT_SIZE if screen is None else first_size(screen.availableSize()))))
        self.controller = RunController(runs, self)
        self.central = CentralArea()
        self.setCentralWidget(self.central)
        self.display = Display(self.controller, self.cube, self)
        self.picked = PickedCell(self.cube, self)
        self._build_panels()
        self.status = RunStatusBar()
        self.setStatusBar(self.status)
        self.errors = ErrorDialog(self)
        self.files = FileActions(self, preferences)
        self.data = DataActions(self)
        self.probe = Probe(self.controller, self.display, self.sample_panel.probe)
        self.pictures = PictureActions(self, self.files)
        self.view = ViewActions(self)
        self.actions_ = Actions(self, action_table())
        self._build_bars()
        self.start = StartAction(self)
        self.undo = Undo(self)
        self.autosave = Autosave(self.controller, self)
        self._launched = self._interrupted = False
        self._closing = Closing(self)
        self._keys = KeyGuard(self, self.cube)
        connections.connect(self)
        self.take_preferences()
        if options.screenshot is None:
            self.curves.choices = preferences.curves
        if options.size is not None or options.screenshot is not None or not self.docks.restore():
            self.docks.arrange()

    @property
    def cube(self) -> CubeView:
        """The picture of the cube."""
        return self.central.cube

    @property
    def timeline(self) -> Timeline:
        """The lattice-step timeline."""
        return self.central.timeline

    def _build_panels(self) -> None:
        self.docks = DockLayout(self, self.preferences)
        self.appearance = AppearancePanel(self.cube)
        self.inspector = InspectorPanel()
        self.sample_panel = SamplePanel()
        self.curves = CurvesPanel()
        self.training_panel = TrainingPanel(self.options.configuration())
        self.data_panel = DataPanel()
        self.device_panel = DevicePanel()
        self.sampler = DeviceSampler(parent=self)
        self.log_panel = LogPanel()
        self.log_panel.attach()
        self.lattice = LatticeDock()
        for id_, panel in (
            ("lattice", self.lattice),
            ("training", self.training_panel),
            ("data", self.data_panel),
            ("appearance", self.appearance),
            ("inspector", self.inspector),
            ("sample", self.sample_panel),
            ("device", self.device_panel),
            ("curves", self.curves),
            ("log", self.log_panel),
        ):
            self.docks.add(id_, panel)

    def _build_bars(self) -> None:
        bar = self.menuBar()
        assert bar is not None
        recent = build_menus(bar, self.actions_, self.docks.toggles, self.files.open_preset)
        recent.aboutToShow.connect(
            lambda: fill_recent(
                recent, self.preferences.recent_files, self.files.open_path, self.preferences.forget_files
            )
        )
        self.toolbar = MainToolBar(self.actions_, self)
        self.addToolBar(self.toolbar)

    # Starting and ending.

    def launch(self) -> None:
        """Start the worker and open the run that the options ask for; a second call does nothing."""
        if self._launched:
            return
        self._launched = True
        # The largest tables of colours, made before the first observation, or a change of the theme, needs them.
        dark = self.theme.theme.dark
        threading.Thread(target=lambda: (color_cube(dark), color_cube(not dark)), name="colours", daemon=True).start()
        self.controller.launch()
        options = self.options
        if options.resume is not None:
            request = OpenRun(options.resume.name, checkpoint=options.resume, device=options.device, start=self.trains)
        else:
            config = options.configuration()
            name = options.config.name if options.config is not None else options.preset
            request = OpenRun(name, config, start=self.trains)
        self.controller.open(request)
        if self.asks and options.resume is None:
            offer_recovery(self)

    def offer_to_save(self, reason: str, then: Callable[[], None], stay: Callable[[], None] | None = None) -> None:
        """Ask whether to save the run before it is left, if it moved on since the last save.

        Args:
            reason: why it is left, one sentence.
            then: called once the run is saved, or is not to be.
            stay: called if the run is not to be left after all.
        """
        if not self.asks or not self.controller.unsaved_steps:
            then()
            return
        ask_to_save(self, reason, lambda: self.files.save(then, stay), then, stay or (lambda: None))

    def interrupt(self) -> None:
        """Close without a question, as after Ctrl-C; what was trained is kept as an autosave for the next start."""
        self.asks = False
        self._interrupted = True
        if self.autosave.save_now():
            self.controller.saved.connect(lambda _message: self.close())
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Close once the worker is gone; until then, see to it that it goes."""
        if event is None:
            return
        if not self._closing.done:
            event.ignore()
            self._closing.begin()
            return
        if self.options.screenshot is None:
            self.docks.store()
            self.preferences.curves = self.curves.choices
        self.preferences.sync()
        self.display.close()
        self.pictures.close()
        self.autosave.close(clean=not self._interrupted)
        self._keys.close()
        self.sampler.stop()
        self.lattice.close_panel()
        for panel in (self.training_panel, self.data_panel, self.curves, self.log_panel, self.status):
            panel.close()
        self.errors.close()
        self.central.close_parts()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take one local file."""
        if event is not None and _dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open the dropped file."""
        path = None if event is None else _dropped_file(event)
        if event is not None and path is not None:
            event.acceptProposedAction()
            self.files.open_path(path)

    # Actions that belong to no part alone.

    def reset_run(self) -> None:
        """Begin anew."""
        self.offer_to_save("Resetting throws the trained weights away.", self.controller.reset)

    def set_autostart(self, on: bool) -> None:
        """Train at the next launch, or not."""
        self.preferences.autostart = on

    def take_preferences(self) -> None:
        """Follow the stored preferences."""
        self.autosave.set_minutes(self.preferences.autosave_minutes)
        self.actions_["autostart"].setChecked(self.preferences.autostart)
        self.actions_["captions"].setChecked(self.preferences.captions)
        self.view.set_theme(self.options.theme or self.preferences.theme)

    def show_failure(self, failure: Failed) -> None:
        """Say what went wrong, without holding anything up."""
        texts, wanted = self.files.refused
        if failure.teacher and texts is not None and wanted is not None and is_text_file(texts):
            way_out = ("Choose another teacher...", lambda: self.data.ask_teacher(wanted))
            self.errors.show_failure(replace(failure, advice=""), way_out)
        else:
            self.errors.show_failure(failure)


def first_size(available: QSize) -> tuple[int, int]:
    """Return the size of a window of which nothing is remembered: the usual one, or what the screen has room for."""
    return (
        min(DEFAULT_SIZE[0], available.width() - FRAME[0]),
        min(DEFAULT_SIZE[1], available.height() - FRAME[1]),
    )


def _dropped_file(event: QDragEnterEvent | QDropEvent) -> Path | None:
    data = event.mimeData()
    urls = [] if data is None else data.urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
