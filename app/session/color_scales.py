"""How the values of the present colour mode are spread over colours: the map, the ends of the bar, the threshold."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from app.cube.color.choices import ColorChoices, check_limits
from app.cube.color.colorizer import Colorizer
from app.cube.color.modes import ColorMode


class ColorScales(QObject):
    """Changes a colorizer's choices; every mode keeps its own limits and threshold."""

    outdated = pyqtSignal()
    """A choice changed, so that what is shown has to be painted again."""
    choices_changed = pyqtSignal()
    """Map, limits or threshold of the mode that is shown are others, or belong to another mode."""

    def __init__(self, colorizer: Colorizer, parent: QObject | None = None) -> None:
        """Begin with what a colorizer has."""
        super().__init__(parent)
        self.colorizer = colorizer

    @property
    def mode(self) -> ColorMode:
        """The chosen mode."""
        return self.colorizer.mode

    @property
    def choices(self) -> ColorChoices:
        """Maps, limits and thresholds that were chosen."""
        return self.colorizer.choices

    def set_map(self, name: str | None) -> None:
        """Show values of the present mode's kind by a colour map; None: by the map that each mode suggests.

        Raises:
            ValueError: there is no such map.
        """
        if name is not None:
            self.choices.set_map(name)
        elif self.mode.signed:
            self.choices.diverging = None
        else:
            self.choices.sequential = None
        self._choices_set()

    @property
    def limits(self) -> tuple[float, float] | None:
        """The fixed ends of the present mode's bar, in its unit; None while they follow the data."""
        return self.choices.limits.get(self.colorizer.key)

    def set_limits(self, low: float, high: float) -> None:
        """Fix the ends of the present mode's bar, whatever comes.

        Raises:
            ValueError: its bar can't have these ends; the message says what was expected.
        """
        check_limits(self.mode, low, high)
        self.choices.limits[self.colorizer.key] = (low, high)
        self._choices_set()

    def reset_limits(self) -> None:
        """Let the ends of the present mode's bar follow the data again."""
        self.choices.limits.pop(self.colorizer.key, None)
        self._choices_set()

    @property
    def threshold(self) -> float | None:
        """Value of the present mode from which on cells are shown; None shows all."""
        return self.choices.thresholds.get(self.colorizer.key)

    def set_threshold(self, value: float | None) -> None:
        """Show only cells from a value on, of signed values those that far from zero; None shows all."""
        if value is None:
            self.choices.thresholds.pop(self.colorizer.key, None)
        else:
            self.choices.thresholds[self.colorizer.key] = value
        self._choices_set()

    def _choices_set(self) -> None:
        self.choices_changed.emit()
        self.outdated.emit()
