"""The colour modes that are in the box, in the order of the keys 1 to 9, registered as a plugin registers its own."""

from __future__ import annotations

import numpy as np

from app.cube.color import fields
from app.cube.color.colormaps import color_cube, cube_index
from app.cube.color.mapping import map_gates, tier_swatches
from app.cube.color.modes import ColorMode, Ground, Parameter, Picture
from app.cube.color.scales import FROM_ZERO, LOGARITHMIC, SYMMETRIC
from app.cube.state import Bytes, Field
from lattice.plugins import COLOR_MODES, Plugins
from lattice.training.reports import Observation

_NO_NUMBER = "not a number"
TIERS = ("local", "functional", "distant")


def _state_rgb(observation: Observation, lattice_step: int, ground: Ground) -> Picture:
    """Paint the three strongest directions of all states as red, green and blue."""
    states, table = observation.states_TXYZC[lattice_step], color_cube(ground.dark)

    def paint() -> Bytes:
        words = table[cube_index(ground.coordinates(states.reshape(-1, states.shape[-1])))]
        return words.view(np.uint8).reshape(*states.shape[:3], 4)

    pure = cube_index(np.array([[0.9, 0.15, 0.15], [0.15, 0.9, 0.15], [0.15, 0.15, 0.9]], np.float32))
    swatches = table[pure].view(np.uint8).reshape(3, 4)[:, :3]
    labels = tuple(f"direction {i}, {share:.0%}" for i, share in enumerate(ground.shares, 1))
    return Picture(paint, swatches, labels)


def _gates(observation: Observation, lattice_step: int, _ground: Ground) -> Picture:
    """Mix the tiers' colours by gate."""
    gates_XYZ3 = fields.trace(observation, "gates", lattice_step)
    if gates_XYZ3.shape[-1] != len(TIERS):
        raise ValueError(f"expected one gate per tier, 3, got {gates_XYZ3.shape[-1]}")
    return Picture(lambda: map_gates(gates_XYZ3), tier_swatches(), TIERS, kind="tiers")


def _gates_text(gates: Field) -> str:
    return ", ".join(f"{tier} {float(gate):.0%}" for tier, gate in zip(TIERS, gates, strict=True))


BUILT_IN_MODES: tuple[ColorMode, ...] = (
    ColorMode(
        name="state_rgb",
        title="State as RGB",
        tip="The three strongest directions of all states as red, green and blue, held steady in time.",
        measure=lambda observation, step, where, _: fields.state_norm(observation, step, where),
        picture=_state_rgb,
        value_text=lambda norm: f"state norm {float(norm):.3g}",
        missing=_NO_NUMBER,
        reads_axes=True,
    ),
    ColorMode(
        name="skin",
        title="Embedding on the skin",
        tip="The numbers that the mapper paints on the input cells.",
        measure=lambda observation, _, where, scalar: fields.skin(observation, scalar, where),
        scale=SYMMETRIC,
        parameter=Parameter(
            "scalar",
            lambda observation: observation.skin_XYZm.shape[-1],
            lambda title, scalar: f"{title}, scalar {scalar}" if scalar else title,
        ),
        missing="no input cell",
        still=True,
    ),
    ColorMode(
        name="norm",
        title="State norm",
        tip="Length of each cell's state.",
        measure=lambda observation, step, where, _: fields.state_norm(observation, step, where),
        missing=_NO_NUMBER,
    ),
    ColorMode(
        name="channel",
        title="One channel",
        tip="One number of each cell's state, positive or negative.",
        measure=lambda observation, step, where, channel: fields.channel(observation, step, channel, where),
        scale=SYMMETRIC,
        parameter=Parameter(
            "channel",
            lambda observation: observation.states_TXYZC.shape[-1],
            lambda _title, channel: f"Channel {channel}",
        ),
        missing=_NO_NUMBER,
    ),
    ColorMode(
        name="change",
        title="Change per lattice step",
        tip="How far each cell's state moved in the last lattice step; in step 1 all take up their positions, too.",
        measure=lambda observation, step, where, _: fields.change(observation, step, where),
        colormap="ember",
        scale=FROM_ZERO,
        of_updates=True,
        missing=_NO_NUMBER,
    ),
    ColorMode(
        name="gates",
        title="Gates",
        tip="How much each cell listens to its local, functional and distant neighbours.",
        measure=lambda observation, step, where, _: fields.trace(observation, "gates", step, where),
        picture=_gates,
        value_text=_gates_text,
        needs=("trace.gates",),
        missing=_NO_NUMBER,
    ),
    ColorMode(
        name="signal",
        title="Learning signal",
        tip="Norm of the loss gradient at each cell's state: where learning pulls.",
        measure=lambda observation, step, where, _: fields.signal(observation, step, where),
        colormap="ember",
        scale=LOGARITHMIC,
        unit="gradient norm",
        needs=("signal",),
        missing=_NO_NUMBER,
        empty="no cell has a gradient",
        zero="no gradient at all",
    ),
    ColorMode(
        name="message",
        title="Message",
        tip="How far each cell's state differs from its mean over samples at the same lattice step: what this sample "
        "sends through the cube.",
        measure=lambda observation, step, where, _: fields.message(observation, step, where),
        colormap="ember",
        scale=FROM_ZERO,
        unit="distance to the mean state",
        needs=("mean",),
        missing=_NO_NUMBER,
    ),
    ColorMode(
        name="message_channel",
        title="Message, one channel",
        tip="One number of each cell's state, less its mean over samples at the same lattice step, positive or "
        "negative.",
        measure=lambda observation, step, where, channel: fields.message_channel(observation, step, channel, where),
        scale=SYMMETRIC,
        unit="difference to the mean",
        needs=("mean",),
        parameter=Parameter(
            "channel",
            lambda observation: observation.states_TXYZC.shape[-1],
            lambda _title, channel: f"Message, channel {channel}",
        ),
        missing=_NO_NUMBER,
    ),
)


def setup(plugins: Plugins) -> None:
    """Register the built-in modes."""
    for mode in BUILT_IN_MODES:
        plugins.color_mode(mode.name, mode)


def register() -> None:
    """Register the built-in modes unless that was done already; call it before plugins are loaded."""
    if any(mode.name not in COLOR_MODES for mode in BUILT_IN_MODES):
        setup(Plugins())
