"""Settings of the built-in cell rules other than `experts`, whose settings are the section `model`."""

from __future__ import annotations

from lattice.config.base import Settings, setting


class NCASettings(Settings):
    """The classical neural cellular automaton."""

    hidden: int = setting(
        64,
        title="Hidden width",
        description="Width of the layer between what a cell perceives and the change of its state.",
        unit="channels",
        cost="rebuild",
        ge=1,
        le=1024,
    )
    fire_rate: float = setting(
        0.5,
        title="Fire rate",
        description="Probability that a cell changes its state in a lattice step; at 1 every cell does.",
        cost="live",
        gt=0.0,
        le=1.0,
    )


class DiffusionSettings(Settings):
    """Linear diffusion."""

    start_rate: float = setting(
        0.2,
        title="First rate",
        description="Share of the way to its tier mean that a channel goes per lattice step, before it is learned.",
        cost="rebuild",
        ge=0.0,
        le=1.0,
    )
