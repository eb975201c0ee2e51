"""Makes a main window whose parts are connected: its size and layout, its preferences, and the plugins' panels."""

from __future__ import annotations

from contextlib import suppress

from PyQt6.QtCore import QSize

from app.options import StartOptions
from app.run.trainer_factory import RunFactory
from app.session.preferences import Preferences
from app.widgets.theme import ThemeController
from app.window.connections import connect
from app.window.main_window import MainWindow
from app.window.panels import register_built_in_panels

DEFAULT_SIZE = (1600, 1000)
FRAME = (4, 38)
"""Logical pixels that a desktop's frame and title bar may take; nobody knows how many before the window is shown."""


def open_window(
    options: StartOptions,
    preferences: Preferences,
    theme: ThemeController,
    runs: RunFactory | None = None,
    *,
    asks: bool = True,
) -> MainWindow:
    """Return a window that is ready to be shown; the arguments are those of `MainWindow`."""
    register_built_in_panels()
    window = MainWindow(options, preferences, theme, runs, asks=asks)
    screen = window.screen() if options.screenshot is None else None  # pictures don't depend on the screen
    wanted = options.size or DEFAULT_SIZE
    window.resize(*(wanted if screen is None else fitting_size(screen.availableSize(), wanted)))
    configuration = options.configuration()
    window.training_panel.set_config(configuration)
    window.training_panel.set_preset(configuration)
    connect(window)
    window.take_preferences()
    window.view.show_theme(options.theme or preferences.theme)
    if options.color_mode is not None:
        window.display.colors.begin_with(options.color_mode)
    if options.screenshot is None:
        window.curves.choices = preferences.curves
        for name in preferences.color_maps:
            with suppress(ValueError):  # a map of another version
                window.display.colors.set_map(name)
    if options.size is not None or options.screenshot is not None or not window.docks.restore():
        window.docks.arrange()
    window.panels.sync()
    return window


def fitting_size(available: QSize, wanted: tuple[int, int] = DEFAULT_SIZE) -> tuple[int, int]:
    """Return the size of a window of which nothing is remembered: the wanted one, or what the screen has room for."""
    return min(wanted[0], available.width() - FRAME[0]), min(wanted[1], available.height() - FRAME[1])
