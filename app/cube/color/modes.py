"""The colour modes, in the order of their keys."""

from __future__ import annotations

from enum import StrEnum


class ColorMode(StrEnum):
    """What a cell's colour means."""

    STATE_RGB = "state_rgb"
    SKIN = "skin"
    NORM = "norm"
    CHANNEL = "channel"
    CHANGE = "change"
    GATES = "gates"
    SIGNAL = "signal"


MODES: tuple[ColorMode, ...] = tuple(ColorMode)
"""In the order of the keys 1 to 7."""

TITLES: dict[ColorMode, str] = {
    ColorMode.STATE_RGB: "State as RGB",
    ColorMode.SKIN: "Embedding on the skin",
    ColorMode.NORM: "State norm",
    ColorMode.CHANNEL: "One channel",
    ColorMode.CHANGE: "Change per lattice step",
    ColorMode.GATES: "Gates",
    ColorMode.SIGNAL: "Learning signal",
}

TIPS: dict[ColorMode, str] = {
    ColorMode.STATE_RGB: "The three strongest directions of all states as red, green and blue, held steady in time.",
    ColorMode.SKIN: "The numbers that the mapper paints on the input cells.",
    ColorMode.NORM: "Length of each cell's state.",
    ColorMode.CHANNEL: "One number of each cell's state, positive or negative.",
    ColorMode.CHANGE: "How far each cell's state moved in the last lattice step.",
    ColorMode.GATES: "How much each cell listens to its local, functional and distant neighbours.",
    ColorMode.SIGNAL: "Norm of the loss gradient at each cell's state: where learning pulls.",
}
