"""What a panel is: a widget in a dock that is notified of the run."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from app.run.messages import Applied
from app.run.summary import RunSummary


class Panel(QWidget):
    """Base of all panels; override what the panel shows. All calls come in the window's thread."""

    def show_run(self, summary: RunSummary) -> None:
        """Show another run: it was just opened or reset."""

    def show_applied(self, message: Applied) -> None:
        """Show edited settings that are in force now, or that were undone; `message.summary` describes the run."""

    def refresh_choices(self) -> None:
        """Show what is registered now: a plugin was loaded, loaded again or unloaded."""
