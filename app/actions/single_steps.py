"""Single training steps: each press of the key is one step, however fast the presses follow each other."""

from __future__ import annotations

from collections.abc import Callable

from app.run.controller import RunController
from app.run.messages import Failed
from lattice.units import plural


class SingleSteps:
    """Counts the steps that were requested and are not done yet."""

    def __init__(self, controller: RunController, held: Callable[[], bool], notify: Callable[[str], None]) -> None:
        """Serve a run.

        Args:
            controller: of the run.
            held: says whether the key is being held down: then the next step is requested once the last one is done,
                so that a slow step is not followed by a queue of them.
            notify: shows a sentence.
        """
        self._controller, self._held, self._notify = controller, held, notify
        self._waiting = 0

    def act(self) -> None:
        """Request one training step."""
        if self._waiting and self._held():
            return
        self._waiting += 1
        if self._waiting > 1:
            self._notify(f"{plural(self._waiting, 'training step')} requested one by one")
        self._controller.step_once(self._on_done, self._on_failed)

    def _on_done(self, _nothing: None) -> None:
        self._waiting -= 1

    def _on_failed(self, _failure: Failed | None) -> None:
        self._waiting -= 1
