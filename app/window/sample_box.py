"""The watched sample in the toolbar: looks like a choice, and leads to the sample panel, which can search."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from app.widgets.inputs import CalmCombo
from app.widgets.labels import one_line


class SampleBox(CalmCombo):
    """Shows the watched sample's text like a choice; choosing happens in the sample panel, which can search."""

    clicked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the box without a sample."""
        super().__init__(parent)
        self.addItem("")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(CalmCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaximumWidth(640)
        self.set_sample("")

    def set_sample(self, text: str) -> None:
        """Show a text."""
        line = one_line(text)
        if line != self.itemText(0) or not line:
            self.setItemText(0, line or "none yet")
            self.setToolTip(f"{line}\nClick to choose another sample." if line else "Choose the watched sample")

    @property
    def shown(self) -> str:
        """The text as it is drawn: with an ellipsis where it does not fit."""
        return self._option().currentText or ""

    def _option(self) -> QStyleOptionComboBox:
        option, style = QStyleOptionComboBox(), self.style()
        self.initStyleOption(option)
        if style is not None:
            room = style.subControlRect(
                QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
            )
            metrics = self.fontMetrics()
            option.currentText = metrics.elidedText(option.currentText, Qt.TextElideMode.ElideRight, room.width() - 2)
        return option

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw as any combo box, but cut the text with an ellipsis."""
        painter, option = QStylePainter(self), self._option()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showPopup(self) -> None:
        """Ask for the sample panel in place of a list."""
        self.clicked.emit()
