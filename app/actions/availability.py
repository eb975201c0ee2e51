"""Greys actions out, with the reason: the search over all commands shows it."""

from __future__ import annotations

from PyQt6.QtGui import QAction

_WHY = "why_disabled"


def set_available(action: QAction, available: bool, why: str) -> None:
    """Grey an action out, or not; `why` is what is in the way, as the end of a sentence."""
    action.setEnabled(available)
    action.setProperty(_WHY, "" if available else why)


def why_disabled(action: QAction) -> str:
    """Return why an action can't be used now; its explanation where no other reason is known."""
    return str(action.property(_WHY) or "") or action.toolTip()
