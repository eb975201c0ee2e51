"""The mouse over the cube: turns Qt's events into camera movement, pointing and clicks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QWheelEvent

from app.cube.camera.barrier import zoomed
from app.cube.camera.navigator import Drag, Navigator
from app.cube.scene import Stage


class MouseControl(QObject):
    """Watches the canvas in place of VisPy, which would translate every movement of the mouse in Python."""

    pointed = pyqtSignal(object)
    """Where the mouse points, a QPointF in logical pixels; None while it drags or is elsewhere."""
    pressed = pyqtSignal()
    clicked = pyqtSignal(QPointF)
    """The left button was pressed and released in one place."""
    double_clicked = pyqtSignal(QPointF)
    menu_requested = pyqtSignal(QPointF)
    """The right button was pressed and released in one place."""
    stopped = pyqtSignal()
    """A cell keeps the camera from coming nearer."""

    def __init__(self, stage: Stage) -> None:
        """Begin to watch."""
        super().__init__(stage)
        self._stage = stage
        self._navigator = Navigator()
        self._handlers: dict[QEvent.Type, Callable[[Any], None]] = {
            QEvent.Type.MouseButtonPress: self._press,
            QEvent.Type.MouseMove: self._move,
            QEvent.Type.MouseButtonRelease: self._release,
            QEvent.Type.MouseButtonDblClick: self._double_click,
            QEvent.Type.Wheel: self._wheel,
            QEvent.Type.Leave: self._leave,
        }
        stage.native.installEventFilter(self)

    def stop(self) -> None:
        """Stop watching."""
        self._stage.native.removeEventFilter(self)

    def zoom(self, notches: float) -> None:
        """Come nearer by so many notches of the wheel, or go away by as many; cells that hide others stop it."""
        cube = self._stage.renderer.cube
        pose, stopped = zoomed(cube.state, cube.own_alpha, self._stage.destination, notches)
        self._stage.set_pose(pose)
        if stopped:
            self.stopped.emit()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Take the events of the mouse, let all others pass."""
        handler = None if event is None else self._handlers.get(event.type())
        if handler is None:
            return False
        handler(event)
        return True

    def _press(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        native = self._stage.native
        self._navigator.width, self._navigator.height = max(1, native.width()), max(1, native.height())
        pans = event.button() != Qt.MouseButton.LeftButton or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._navigator.press(event.position().x(), event.position().y(), Drag.PAN if pans else Drag.ORBIT)

    def _move(self, event: QMouseEvent) -> None:
        at = event.position()
        pose = self._navigator.move(at.x(), at.y(), self._stage.destination)
        if self._navigator.dragging:
            self._stage.set_pose(pose)
            self.pointed.emit(None)
        elif event.buttons() == Qt.MouseButton.NoButton:
            self.pointed.emit(at)

    def _release(self, event: QMouseEvent) -> None:
        if not self._navigator.release():
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position())
        elif event.button() == Qt.MouseButton.RightButton:
            self.menu_requested.emit(event.position())

    def _double_click(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(event.position())

    def _wheel(self, event: QWheelEvent) -> None:
        self.zoom(event.angleDelta().y() / 120.0)
        event.accept()

    def _leave(self, _event: QEvent) -> None:
        self.pointed.emit(None)
