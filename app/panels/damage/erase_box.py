"""Erasing cells of the watched cube: the picked one, what it hears, its layer, or some by chance."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSignalBlocker
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.cube.state import Cell
from app.session.erased import ErasedCells
from app.widgets.inputs import CalmSlider, IntSpin
from app.widgets.labels import wrapped_label
from lattice.config.training import DAMAGED_CELLS
from lattice.training.reports import Observation
from lattice.units import plural, score_text

MOST_PERCENT = 90
NOTHING = (
    "All cells are there. Erased ones hold the state zero at every lattice step, in what is watched alone: training "
    "and scores go on with the whole cube."
)


class EraseBox(QWidget):
    """Buttons, a share, and what erasing did to the answer; `erased` knows which cells they are."""

    def __init__(self, erased: ErasedCells, parent: QWidget | None = None) -> None:
        """Serve the cells that are erased in what is watched."""
        super().__init__(parent)
        self._erased = erased
        self._cell: Cell | None = None
        self.cell_button = _button("Cell", "Erase the picked cell")
        self.heard_button = _button("Neighbours", "Erase the picked cell and all cells that it hears")
        self.layer_button = _button("Layer", "")
        self.restore_button = _button("Restore", "Bring all erased cells back")
        self.slider, self.spin = CalmSlider(), IntSpin(0, MOST_PERCENT, "%")
        self.slider.setRange(0, MOST_PERCENT)
        self.share_label = wrapped_label("")
        self.result = wrapped_label(NOTHING, "muted")
        self._connect()
        self._lay_out()
        self._name_share()
        self.set_cell(None)

    def set_cell(self, cell: Cell | None) -> None:
        """Take the picked cell."""
        self._cell = cell
        for button in (self.cell_button, self.heard_button, self.layer_button):
            button.setEnabled(cell is not None)
        axis = "xyz"[self._erased.axis]
        place = "" if cell is None else f" {axis} = {cell[self._erased.axis]}"
        self.layer_button.setText(f"Layer{place}")
        tip = "Pick a cell of the layer in the cube first"
        if cell is not None:
            inside = int(self._erased.layer_between(cell).sum())
            self.layer_button.setEnabled(inside > 0)
            tip = (
                f"Erase the {plural(inside, 'cell')} of the picked cell's layer across {axis} that are neither painted "
                "nor read"
            )
            if not inside:
                tip = f"All cells at {axis} = {cell[self._erased.axis]} are painted or read: layers spare those"
        self.layer_button.setToolTip(tip)

    def show_observation(self, observation: Observation) -> None:
        """Say what erasing did to the answer that is on screen."""
        if observation.erased_XYZ is None or observation.intact_cosine is None:
            self.result.setText(NOTHING if self._erased.count == 0 else "Waiting for the next look at this cube.")
            return
        self.result.setText(
            f"{self._erased.text(observation.erased_XYZ)}. This sample's cosine goes from "
            f"{score_text(observation.intact_cosine)} to {score_text(observation.cosine)}."
        )

    def _connect(self) -> None:
        erased = self._erased
        for button, erase in (
            (self.cell_button, erased.erase_cell),
            (self.heard_button, erased.erase_heard),
            (self.layer_button, erased.erase_layer),
        ):
            button.clicked.connect(lambda _checked, act=erase: self._act(act))
        self.restore_button.clicked.connect(erased.restore)
        self.slider.valueChanged.connect(self.spin.setValue)
        self.spin.valueChanged.connect(self.slider.setValue)
        self.spin.valueChanged.connect(lambda percent: erased.set_share(percent / 100))
        erased.changed.connect(self._follow)

    def _act(self, erase: Callable[[Cell], None]) -> None:
        if self._cell is not None:
            erase(self._cell)

    def _follow(self) -> None:
        percent = round(100 * self._erased.share)
        for field in (self.slider, self.spin):
            with QSignalBlocker(field):
                field.setValue(percent)
        self.restore_button.setEnabled(self._erased.count > 0)
        self._name_share()
        self.set_cell(self._cell)

    def _name_share(self) -> None:
        """Say of which cells a share is erased."""
        which = f"cells {DAMAGED_CELLS[self._erased.kind]}"
        self.share_label.setText(f"{which.capitalize()}, erased by chance")
        tip = (
            f"Share of the {int(self._erased.erasable().sum()):,} {which} that is erased by chance, in percent.\n"
            f"0 to {MOST_PERCENT} %; a larger share holds the cells of a smaller one. 'Damaged cells' in the Training "
            "panel chooses which cells these are"
        )
        for field in (self.slider, self.spin):
            field.setToolTip(tip)
            field.setAccessibleName(f"Share of {which} erased, in percent")

    def _lay_out(self) -> None:
        self.restore_button.setEnabled(False)
        share = QHBoxLayout()
        share.addWidget(self.slider, 1)
        share.addWidget(self.spin)
        buttons = QGridLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.cell_button, 0, 0)
        buttons.addWidget(self.heard_button, 0, 1)
        buttons.addWidget(self.layer_button, 1, 0)
        buttons.addWidget(self.restore_button, 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(buttons)
        column.addWidget(self.share_label)
        column.addLayout(share)
        column.addWidget(self.result)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
