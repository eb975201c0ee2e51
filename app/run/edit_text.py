"""An applied edit in few words."""

from __future__ import annotations

from typing import Any

from app.run.messages import Applied
from lattice.config import flat_settings


def edit_text(message: Applied) -> str:
    """Return an edit in few words, as for its mark on the curves: `8³, batch size 64 and 2 more`."""
    values = dict(flat_settings(message.summary.config))
    parts = [_setting_text(key, values.get(key)) for key in message.changed]
    return ", ".join(parts[:2]) + (f" and {len(parts) - 2} more" if len(parts) > 2 else "")


def _setting_text(key: str, value: Any) -> str:
    if key == "lattice.dimensions":  # with a name before it there would seldom be room for the size itself
        sides = [str(side) for side in value]
        return f"{sides[0]}\N{SUPERSCRIPT THREE}" if len(set(sides)) == 1 else "\N{MULTIPLICATION SIGN}".join(sides)
    return f"{key.rpartition('.')[2].replace('_', ' ')} {value}"
