"""One view per test, on a real OpenGL context, with helpers to look at what it drew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from lattice.training.reports import Observation


@pytest.fixture
def pump(qapp) -> Callable[[float], None]:
    """Let the program run for some seconds."""

    def run(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            qapp.processEvents()
            time.sleep(0.002)

    return run


@pytest.fixture
def view(qtbot, pump) -> Iterator[object]:
    """A shown 320 x 240 view that is closed, and checked to leave nothing behind, after the test."""
    from PyQt6.QtCore import QCoreApplication, QEvent, QTimer

    from app.cube.view import CubeView

    widget = CubeView()
    widget.resize(320, 240)
    with qtbot.waitExposed(widget):
        widget.show()
    qtbot.waitUntil(lambda: widget.frames_drawn > 0, timeout=20_000)
    yield widget
    widget.close()
    pump(0.02)
    assert not [timer for timer in widget.findChildren(QTimer) if timer.isActive()]
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def make_observation() -> Callable[..., Observation]:
    """Make a smooth, travelling observation."""

    def make(
        dimensions: tuple[int, int, int] = (6, 5, 4),
        steps: int = 3,
        channels: int = 8,
        phase: float = 0.0,
        signal: bool = True,
        mean: bool = True,
        scalars: int = 1,
    ) -> Observation:
        rng = np.random.default_rng(3)
        axes = [np.arange(side, dtype=np.float32) / max(dimensions) for side in dimensions]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        waves, offsets = rng.normal(size=(3, channels)) * 5, rng.uniform(0, 6, channels)
        strength = np.exp(-np.arange(channels) / 3.0)
        states = np.stack([strength * np.sin(grid @ waves + offsets + phase + 0.6 * t) for t in range(steps + 1)])
        raw = np.exp(np.stack([np.sin(grid @ np.array(w) + phase) for w in ((3, 2, 1), (-1, 4, 2), (2, -2, 3))], -1))
        gates = np.repeat((raw / raw.sum(-1, keepdims=True))[None], steps, axis=0)
        skin = np.full((*dimensions, scalars), np.nan, np.float32)
        skin[0] = np.sin(grid[0] @ rng.normal(size=(3, scalars)) * 9 + phase)
        gradient = np.repeat((10 ** (-5 + np.sin(grid @ np.array([2, -3, 4.0]) + phase)))[None], steps + 1, axis=0)
        vector = np.zeros(4, np.float32)
        return Observation(
            training_step=1,
            sample=0,
            text="a smooth sample",
            dimensions=dimensions,
            states_TXYZC=np.ascontiguousarray(states, np.float32),
            gates_TXYZ3=np.ascontiguousarray(gates, np.float32),
            skin_XYZm=skin,
            readout_XYZm=skin,
            signal_TXYZ=np.ascontiguousarray(gradient, np.float32) if signal else None,
            input_D=vector,
            target_D=vector,
            student_D=vector,
            cosine=0.0,
            t0_cosine=0.0,
            step_cosines=(0.0,) * (steps + 1),
            trace={"gates": np.ascontiguousarray(gates, np.float32)},
            mean_TXYZC=np.ascontiguousarray(0.5 * states + 0.1, np.float32) if mean else None,
        )

    return make
