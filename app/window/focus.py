"""The order of Tab: it leaves out what can't be seen, and scrolls to what it reaches."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtWidgets import QDockWidget, QScrollArea, QWidget

MOST = 2000
"""Inputs that are passed over before the search for one that can be seen ends."""


def move_focus(window: QWidget, advance: Callable[[], bool]) -> bool:
    """Move the focus on until it is on something that can be seen; return whether it moved.

    Qt calls a panel behind another tab visible, and would hand the keys to its inputs.

    Args:
        window: whose focus it is.
        advance: moves the focus by one, as Qt does, and returns whether it moved.
    """
    for _ in range(MOST):
        if not advance():
            return False
        widget = window.focusWidget()
        if widget is None or not _behind(widget):
            if widget is not None:
                _scroll_to(widget)
            return True
    return False


def can_be_seen(widget: QWidget) -> bool:
    """Say whether anything of a widget lies within all that it is in: a panel behind another tab lies outside."""
    shown, part = widget.rect(), widget
    while (parent := part.parentWidget()) is not None and not part.isWindow():
        shown = shown.translated(part.pos()) & parent.rect()
        part = parent
    return widget.isVisible() and not shown.isEmpty()


def _behind(widget: QWidget) -> bool:
    """Say whether a widget is in a panel that is behind another tab."""
    dock: QWidget | None = widget
    while dock is not None and not isinstance(dock, QDockWidget):
        dock = dock.parentWidget()
    return dock is not None and not can_be_seen(dock)


def _scroll_to(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()
