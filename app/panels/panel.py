"""What a panel is: a widget in a dock that is told of the run, and the value that describes one to the window.

A new built-in panel is one file and one row in `app/window/panels.py`. A plugin registers a `PanelSpec` with
`plugins.panel(name, spec)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PyQt6.QtWidgets import QWidget

from app.cube.view import CubeView
from app.run.controller import RunController
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.session.display import Display
from app.session.selection import Selection

PanelArea = Literal["left", "right", "bottom"]


class Panel(QWidget):
    """Base of all panels; override what the panel shows. All calls come in the window's thread."""

    def show_run(self, summary: RunSummary) -> None:
        """Show another run: it was just opened or reset."""

    def show_applied(self, message: Applied) -> None:
        """Show edited settings that are in force now, or that were undone; `message.summary` describes the run."""

    def refresh_choices(self) -> None:
        """Show what is registered now: a plugin was loaded, loaded again or unloaded."""


@dataclass(frozen=True)
class PanelServices:
    """What a panel may use of the window."""

    controller: RunController
    """The run: its state, signals for training steps and observations, and requests to it."""
    display: Display
    """What is on screen: the watched sample, the lattice step, the colour mode."""
    cube: CubeView
    """The picture of the cube: camera, slices, opacity."""
    selection: Selection
    """The picked cell."""
    notify: Callable[[str], None]
    """Shows a sentence in the status bar."""


@dataclass(frozen=True)
class PanelSpec:
    """One panel, as the window needs to know it."""

    title: str
    """Words on its tab, and in View > Panels."""
    area: PanelArea
    make: Callable[[PanelServices], Panel]
    """Makes the panel; called once for each window."""
    tooltip: str
    """One sentence on what it shows."""
    stack: int = 0
    """Panels of one area and stack share a place, as tabs; the first one is in front."""
    scrolls: bool = True
    """Whether a panel that is too tall scrolls as a whole."""
