"""The value that describes a panel to the window, and what a panel may use of it. Importing this loads no Qt.

A new built-in panel is one file and one row in `app/window/panels.py`. A plugin registers a `PanelSpec` with
`plugins.panel(name, spec)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from app.cube.view import CubeView
    from app.panels.panel import Panel
    from app.run.controller import RunController
    from app.session.display import Display
    from app.session.selection import Selection

PanelArea = Literal["left", "right", "bottom"]


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
    """One panel, as the window needs to know it.

    Raises:
        ValueError: a field's value can't be used; the message says which and what was expected.
    """

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

    def __post_init__(self) -> None:
        """Refuse what no dock could be made of."""
        words: tuple[object, ...] = (self.title, self.tooltip)
        if not all(isinstance(text, str) and text.strip() for text in words):
            raise ValueError(f"a panel needs a title and a tooltip, got {self.title!r} and {self.tooltip!r}")
        if self.area not in get_args(PanelArea):
            areas = ", ".join(map(repr, get_args(PanelArea)))
            raise ValueError(f"the panel '{self.title}': the area is one of {areas}, got {self.area!r}")
        if not callable(self.make):
            raise ValueError(f"the panel '{self.title}': `make` is a function or class, got {self.make!r}")
