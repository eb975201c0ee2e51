"""Stands in for the cube's picture where OpenGL is missing or too old: says so, and everything else goes on."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QLabel, QWidget

from lattice.log import logger

_ADVICE = (
    "Training, panels, curves and saving go on as usual.\n\n"
    "To see the cube: install the graphics card's driver, or on Linux Mesa's (Debian and Ubuntu: apt install "
    "libgl1-mesa-dri). Over ssh -X, start the program there in a virtual display: xvfb-run python main.py"
)


class MissingCanvas:
    """A label in place of a picture; never ready, so nothing is ever drawn on it."""

    ready = False
    """There is no context to draw with."""
    drawable = False
    """Nor off screen."""

    def __init__(self, problem: str = "") -> None:
        """Make the label, and log what it says.

        Args:
            problem: What is wrong with the context that there is, as a sentence; empty where there is none.
        """
        self.problem = problem or (
            f"OpenGL is missing: the platform '{QGuiApplication.platformName()}' gave no context to draw with."
        )
        logger.warning("The cube can't be drawn. %s", self.problem)
        label = QLabel(f"The cube can't be drawn.\n\n{self.problem}\n{_ADVICE}")
        label.setObjectName("missing_picture")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        label.setMargin(24)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setAccessibleName("Why the cube can't be drawn")
        self.native: QWidget = label

    def set_current(self) -> None:
        """Do nothing: there is no context."""

    def update(self) -> None:
        """Do nothing: the words stay."""

    def close(self) -> None:
        """Do nothing: the label goes with its parent."""
