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


def _setting_text(key: str, value: Any) -> str:
    if key == "lattice.dimensions":  # with a name before it there would seldom be room for the size itself
        sides = [str(side) for side in value]
        return f"{sides[0]}\N{SUPERSCRIPT THREE}" if len(set(sides)) == 1 else "\N{MULTIPLICATION SIGN}".join(sides)
    return f"{key.rpartition('.')[2].replace('_', ' ')} {value}"
