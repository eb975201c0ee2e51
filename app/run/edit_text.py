"""An applied edit in few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.run.messages import Applied
from lattice.config import SimpleProjectConfig, flat_settings


def edit_text(message: Applied) -> str:
    """Return an edit in few words, as for its mark on the curves: `8³, batch size 64 and 2 more`."""
    if not message.changed:  # a run came back with the same settings
        return f"the move to training step {message.summary.training_step:,}"
    return settings_text(message.summary.config, message.changed)


def settings_text(config: SimpleProjectConfig, keys: Sequence[str]) -> str:
    """Return the values of some settings in few words: the first two, and how many more there are."""
    values = dict(flat_settings(config))
    parts = [_setting_text(key, values.get(key)) for key in keys]
    return ", ".join(parts[:2]) + (f" and {len(parts) - 2} more" if len(parts) > 2 else "")


class StepEdits:
    """What the edits at one training step amount to: one that was undone before it was trained with is none."""

    def __init__(self) -> None:
        """Know no run yet."""
        self.text = ""
        self._config: SimpleProjectConfig | None = None
        self._step = -1
        self._before: dict[str, Any] = {}
        self._touched: dict[str, None] = {}

    def begin(self, config: SimpleProjectConfig) -> None:
        """Begin with the settings of a run that was opened or brought back."""
        self._config, self._step = config, -1

    def text_at(self, training_step: int) -> str:
        """Return what the edits at a training step amount to so far, in few words."""
        return self.text if training_step == self._step else ""

    def take(self, message: Applied) -> str:
        """Return all edits at the training step of the newest one, in few words; empty if all is as before them."""
        step, config = message.summary.training_step, message.summary.config
        if step != self._step:
            self._step, self._touched = step, {}
            self._before = {} if self._config is None else dict(flat_settings(self._config))
        self._config = config
        self._touched |= dict.fromkeys(message.changed)
        now = dict(flat_settings(config))
        missing = object()
        changed = [key for key in self._touched if self._before.get(key, missing) != now.get(key)]
        self.text = settings_text(config, changed)
        return self.text


def _setting_text(key: str, value: Any) -> str:
    if key == "lattice.dimensions":  # with a name before it there would seldom be room for the size itself
        sides = [str(side) for side in value]
        return f"{sides[0]}\N{SUPERSCRIPT THREE}" if len(set(sides)) == 1 else "\N{MULTIPLICATION SIGN}".join(sides)
    return f"{key.rpartition('.')[2].replace('_', ' ')} {value}"
