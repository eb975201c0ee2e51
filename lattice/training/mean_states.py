"""The mean state of every cell over samples: what a watched sample is compared with, so that its message is seen.

Shapes: N cells, B batch, C state size, T lattice steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.objectives import make_batch, noise_generator

SAMPLES = 32
"""Training samples that the mean is taken over; of a cube whose rollouts are large, `FEWEST`."""
FEWEST = 8
_PORTION = 4
"""Most samples in one pass."""
_PORTION_BYTES = 64 << 20
"""Most memory that the states of one pass may take, if more than one sample is in it."""
_REFERENCE = SAMPLES
"""Number of the reference's noise, beyond those of the portions."""
_DRAW = -1_000_003
"""Counter of a stochastic rule's numbers, apart from those of watched samples."""


class MeanStates:
    """The mean of the states at every lattice step over samples, kept up to date in small portions.

    It is the state of one sample, the reference, as the student computes it now, plus a moving average of how far the
    others lie from it. Every call takes one portion of these, until all were taken, and from then on one only if the
    student was trained since; a portion replaces its share of the average, measured against the reference of the same
    student. So a call costs a small part of a training step, and the average lags some calls behind. But cells that
    the message has not reached, alike in all samples, are those of the mean at every call, however fast the student
    learns. Once all portions were taken of a student that rests, the mean is exactly theirs, whatever it was before,
    and `settled`.
    """

    def __init__(
        self,
        dataset: EmbeddingDataset,
        config: SimpleProjectConfig,
        student: StudentModel,
        tier_means: TierMeans,
        erased_N: Tensor | None = None,
    ) -> None:
        """Choose the samples, spread evenly over the training samples; nothing is computed yet.

        Args:
            dataset: the samples.
            config: their number, and size and steps of the cube.
            student: the student, which may be trained meanwhile.
            tier_means: how its cells hear each other.
            erased_N: cells that are erased in all samples, bool [N], None for none.
        """
        lattice = config.lattice
        sample_bytes = 4 * (lattice.lattice_steps + 1) * lattice.cells * config.model.state_size
        portion = max(1, min(_PORTION, _PORTION_BYTES // sample_bytes))
        rows = dataset.train_indices
        count = min(SAMPLES if portion == _PORTION else FEWEST, len(rows))
        chosen = rows[torch.arange(count, device=rows.device) * len(rows) // count]
        self._reference, self._portions = chosen[:1], chosen[1:].split(portion) if count > 1 else ()
        self._others_share = (count - 1) / count
        self._dataset, self._config, self._student, self._tier_means = dataset, config, student, tier_means
        self._erased_N = erased_N
        self._mean_TNC: Tensor | None = None
        self._apart_TNC: Tensor | None = None
        """How far the other samples lie from the reference in the mean."""
        self._training_step = -1
        self._taken = 0
        self._resting_TNC: Tensor | None = None
        self._rested = 0
        """Portions of the student as it is, which are in `_resting_TNC`."""

    @property
    def settled(self) -> bool:
        """Whether the mean is that of all samples, of the student as it was at the last call."""
        return self._mean_TNC is not None and self._rested == len(self._portions)

    @torch.no_grad()
    def follow(self, training_step: int) -> Tensor:
        """Return the mean states, [T+1, N, C], of the student after so many training steps; not to be written."""
        if training_step != self._training_step:
            self._training_step, self._rested, self._resting_TNC, self._mean_TNC = training_step, 0, None, None
        if self._mean_TNC is not None and self.settled:
            return self._mean_TNC
        reference_TNC = self._states(self._reference, _REFERENCE)
        if self._portions:
            self._take_portion(reference_TNC)
        self._mean_TNC = reference_TNC
        if self._apart_TNC is not None:
            self._mean_TNC = torch.add(reference_TNC, self._apart_TNC, alpha=self._others_share)
        return self._mean_TNC

    def _take_portion(self, reference_TNC: Tensor) -> None:
        number = self._taken % len(self._portions)
        apart_TNC, samples = self._states(self._portions[number], number) - reference_TNC, len(self._portions[number])
        seen = self._samples(0, min(self._taken + 1, len(self._portions)))
        self._apart_TNC = _mixed(self._apart_TNC, apart_TNC, samples / seen)
        rested = samples + self._samples(self._taken - self._rested, self._rested)
        self._resting_TNC = _mixed(self._resting_TNC, apart_TNC, samples / rested)
        self._taken += 1
        self._rested += 1
        if self._rested == len(self._portions):
            self._apart_TNC, self._resting_TNC = self._resting_TNC, None

    def _samples(self, first: int, count: int) -> int:
        """Return how many samples are in so many portions, counted around from the first one."""
        return sum(len(self._portions[(first + number) % len(self._portions)]) for number in range(count))

    def _states(self, rows: Tensor, number: int) -> Tensor:
        """Return the mean states over the samples at the indices `rows`, [T+1, N, C]; `number` tells their noise."""
        seed, steps = self._config.training_embedding.seed, self._config.lattice.lattice_steps
        inputs, _ = make_batch(self._dataset, rows, self._config, noise_generator(seed, number, rows.device))
        self._student.draw_from(seed, _DRAW - number)
        states = self._student(inputs, self._tier_means, steps, erased_N=self._erased_N).rollout.states
        return torch.stack([state.float().mean(1) for state in states])


def _mixed(mean_TNC: Tensor | None, portion_TNC: Tensor, share: float) -> Tensor:
    return portion_TNC if mean_TNC is None else torch.lerp(mean_TNC, portion_TNC, share)
