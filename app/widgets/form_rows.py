"""Rows of forms that are not generated from settings: sections with a heading, sliders that say their value."""

from __future__ import annotations

from PyQt6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.widgets.inputs import CalmSlider
from lattice.units import percent_text


def section(title: str, into: QVBoxLayout, *tools: QWidget) -> QFormLayout:
    """Add a heading with its tools and, below it, an empty form; return the form."""
    heading = QLabel(title)
    heading.setProperty("role", "heading")
    into.addWidget(side_by_side(heading, *tools))
    form = QFormLayout()
    form.setHorizontalSpacing(10)
    form.setVerticalSpacing(7)
    form.setContentsMargins(0, 0, 0, 6)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    into.addLayout(form)
    return form


def line_up(*forms: QFormLayout) -> None:
    """Give the labels of several forms one width, so that their fields begin in one line."""
    labels = [
        label
        for form in forms
        for number in range(form.rowCount())
        if (item := form.itemAt(number, QFormLayout.ItemRole.LabelRole)) is not None
        and (label := item.widget()) is not None
    ]
    widest = max(label.sizeHint().width() for label in labels)
    for label in labels:
        label.setMinimumWidth(widest)


def free_slider(low: int, high: int, value: int) -> CalmSlider:
    """Return a slider that belongs to no setting; a double click takes it back to `value`."""
    slider = CalmSlider()
    slider.setRange(low, high)
    slider.setValue(value)
    # The generated forms' slider leaves the wheel to its listener, which clamps to the form's field.
    slider.stepped.connect(lambda by: slider.setValue(slider.value() + by))
    slider.reset_requested.connect(lambda: slider.setValue(value))
    return slider


def with_value(slider: CalmSlider, unit: str = "") -> QWidget:
    """Return a row of a slider and its value in words: with `unit`, or as a share."""
    label = QLabel()
    label.setProperty("role", "muted")
    label.setMinimumWidth(label.fontMetrics().horizontalAdvance("-100 %"))

    def show(value: int) -> None:
        label.setText(f"{value}{unit}" if unit else percent_text(value / 100))

    slider.valueChanged.connect(show)
    show(slider.value())
    return side_by_side(slider, label)


def side_by_side(*parts: QWidget, sharing: int = 1) -> QWidget:
    """Return a row in which the first `sharing` parts share the room that is left."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for number, part in enumerate(parts):
        layout.addWidget(part, 1 if number < sharing else 0)
    return row
