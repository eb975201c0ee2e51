"""Passes of a run that come from a recording as soon as there is a good one: with gradients, and for scores.

Shapes: B batch, D embedding width.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from lattice.training.batch_pass import BatchPass, PassResult, Scoring
from lattice.training.clock import PhaseClock
from lattice.training.recording import Recorder, Recording, record

R = TypeVar("R")

EAGER_CALLS = 3
"""Calls before one is recorded: libraries choose their kernels and plans in the first ones."""


class _Replayed(Generic[R]):
    """Work that is recorded once it was done a few times."""

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder
        self._recording: Recording[R] | None = None
        self._calls = 0

    @property
    def replays(self) -> bool:
        """Whether passes come from a recording now."""
        return self._recording is not None

    def forget(self) -> None:
        """Give the memory of a recording back, where other passes will take the place of these."""
        self._recording = self._recorder = None


class ReplayedPass(_Replayed[PassResult]):
    """Clears gradients and does batch passes."""

    def __init__(self, run: BatchPass, student: nn.Module, recorder: Recorder | None) -> None:
        """Wrap `run`, which adds to the gradients of `student`; without a recorder it is always done as it is."""
        super().__init__(recorder)
        self._run = run
        self._student = student
        self._gradients: dict[nn.Parameter, Tensor] = {}
        self._clean = False

    def clear(self) -> None:
        """Set all gradients to zero, or to none where the next pass creates them."""
        self._clean = True
        if self._recording is None:
            self._student.zero_grad(set_to_none=True)
            return
        # The recording writes into its own tensors, whatever became of the gradients meanwhile.
        for parameter, gradient in self._gradients.items():
            parameter.grad = gradient
        torch._foreach_zero_(list(self._gradients.values()))

    def __call__(self, inputs_BD: Tensor, targets_BD: Tensor, clock: PhaseClock) -> PassResult:
        """Add the gradients of one batch; the result is overwritten by the next call."""
        if self._recorder is not None and self._clean and self._calls >= EAGER_CALLS:
            self._record(inputs_BD, targets_BD, self._recorder)
        self._calls += 1
        self._clean = False
        if self._recording is None or not self._recording.fits((inputs_BD, targets_BD)):
            return self._run(inputs_BD, targets_BD, clock)
        with clock.phase("replay"):
            return self._recording(inputs_BD, targets_BD)

    def _record(self, inputs_BD: Tensor, targets_BD: Tensor, recorder: Recorder) -> None:
        """Try once to record a pass; the gradients are cleared again."""
        self._recording = record(
            "batches",
            lambda inputs, targets: self._run(inputs, targets, PhaseClock()),
            (inputs_BD, targets_BD),
            lambda result: (result.tensors(), [p.grad for p in self._student.parameters() if p.grad is not None]),
            recorder,
            before=lambda: self._student.zero_grad(set_to_none=False),
        )
        self._recorder = None
        if self._recording is not None:
            self._gradients = {p: p.grad for p in self._student.parameters() if p.grad is not None}
        self.clear()


class ReplayedScoring(_Replayed[tuple[Tensor, Tensor]]):
    """Does forward passes for scores, without gradients."""

    def __init__(self, score: Scoring, recorder: Recorder | None) -> None:
        """Wrap `score`; without a recorder it is always done as it is."""
        super().__init__(recorder)
        self._score = score
        self._most_rows = 0

    def __call__(self, inputs_BD: Tensor) -> tuple[Tensor, Tensor]:
        """Return the student's embeddings and those without a rollout, [B, D]; overwritten by the next call."""
        self._most_rows = max(self._most_rows, len(inputs_BD))
        whole = len(inputs_BD) == self._most_rows  # and not the rest of the samples
        if self._recorder is not None and self._calls >= EAGER_CALLS and whole:
            self._recording = record("scores", self._score, (inputs_BD,), lambda pair: (pair,), self._recorder)
            self._recorder = None
        self._calls += 1
        if self._recording is None or not self._recording.fits((inputs_BD,)):
            return self._score(inputs_BD)
        return self._recording(inputs_BD)
