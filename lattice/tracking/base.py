"""The door for trackers: what one has to do, and what it is told of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""RGB, uint8 [H, W, 3]."""


@dataclass(frozen=True)
class TrackedRun:
    """What a tracker is told of a run when it begins."""

    run_id: str
    """The same over all sessions of the run."""
    folder: Path
    """Where a tracker that writes files puts them; it exists."""
    training_step: int = 0
    """Where this session begins: figures of later training steps are repeated by it."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Every setting by its dotted key, as plain values."""


class Tracker(Protocol):
    """Takes the figures of one run. Used from one thread of its own; whatever it raises ends it, not the run."""

    def figures(self, training_step: int, values: Mapping[str, float]) -> None:
        """Take numbers by name, such as `loss/total`."""

    def picture(self, training_step: int, name: str, rgb_HWC: Picture) -> None:
        """Take a picture, uint8 [H, W, 3]."""

    def close(self) -> None:
        """Write what is left."""


@dataclass(frozen=True)
class TrackerKind:
    """One kind of tracker, registered under its name with `Plugins.tracker`."""

    title: str
    """For people."""
    package: str
    """Module that has to be installed, or several with spaces between; empty if none."""
    open: Callable[[TrackedRun], Tracker]
    """Begins to track a run; may take long."""
    hint: str = ""
    """How to look at it, with `{folder}` for its folder; empty if it says so itself."""
    install: str = ""
    """What `pip install` has to get for it; the names in `package` if empty."""
