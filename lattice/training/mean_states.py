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
_DRAW = -1_000_003
"""Counter of a stochastic rule's numbers, apart from those of watched samples."""


class MeanStates:
    """A moving average over samples of the states at every lattice step, kept up to date in small portions.

    Every call takes one portion of the samples, until all were taken, and from then on one only if the student was
    trained since; a portion replaces its share of the mean. So a call costs a small part of a training step, and the
    mean lags some calls behind. Once all portions were taken of a student that rests, the mean is exactly theirs,
    whatever it was before, and `settled`. Cells that the message has not reached are those of the mean from the first
    call on.
    """

    def __init__(
        self, dataset: EmbeddingDataset, config: SimpleProjectConfig, student: StudentModel, tier_means: TierMeans
    ) -> None:
        """Choose the samples, spread evenly over the training samples; nothing is computed yet."""
        lattice = config.lattice
        sample_bytes = 4 * (lattice.lattice_steps + 1) * lattice.cells * config.model.state_size
        portion = max(1, min(_PORTION, _PORTION_BYTES // sample_bytes))
        rows = dataset.train_indices
        count = min(SAMPLES if portion == _PORTION else FEWEST, len(rows))
        places = torch.arange(count, device=rows.device) * len(rows) // count
        self._portions = rows[places].split(portion)
        self._dataset, self._config, self._student, self._tier_means = dataset, config, student, tier_means
        self._mean_TNC: Tensor | None = None
        self._training_step = -1
        self._taken = 0
        self._resting_TNC: Tensor | None = None
        self._rested = 0
        """Portions in the mean of the student as it is, `_resting_TNC`."""

    @property
    def settled(self) -> bool:
        """Whether the mean is that of all samples, of the student as it was at the last call."""
        return self._rested == len(self._portions)

    @torch.no_grad()
    def follow(self, training_step: int) -> Tensor:
        """Return the mean states, [T+1, N, C], of the student after so many training steps; not to be written."""
        if training_step != self._training_step:
            self._training_step, self._rested, self._resting_TNC = training_step, 0, None
        if self._mean_TNC is None or not self.settled:
            number = self._taken % len(self._portions)
            portion_TNC, samples = self._mean_of(number), len(self._portions[number])
            seen = self._samples(0, min(self._taken + 1, len(self._portions)))
            self._mean_TNC = _mixed(self._mean_TNC, portion_TNC, samples / seen)
            rested = samples + self._samples(self._taken - self._rested, self._rested)
            self._resting_TNC = _mixed(self._resting_TNC, portion_TNC, samples / rested)
            self._taken += 1
            self._rested += 1
            if self.settled:
                self._mean_TNC, self._resting_TNC = self._resting_TNC, None
        return self._mean_TNC

    def _samples(self, first: int, count: int) -> int:
        """Return how many samples are in so many portions, counted around from the first one."""
        return sum(len(self._portions[(first + number) % len(self._portions)]) for number in range(count))

    def _mean_of(self, number: int) -> Tensor:
        """Return the mean states over one portion, [T+1, N, C]."""
        rows, seed = self._portions[number], self._config.training_embedding.seed
        inputs, _ = make_batch(self._dataset, rows, self._config, noise_generator(seed, number, rows.device))
        self._student.draw_from(seed, _DRAW - number)
        states = self._student(inputs, self._tier_means, self._config.lattice.lattice_steps).rollout.states
        return torch.stack([state.float().mean(1) for state in states])


def _mixed(mean_TNC: Tensor | None, portion_TNC: Tensor, share: float) -> Tensor:
    return portion_TNC if mean_TNC is None else torch.lerp(mean_TNC, portion_TNC, share)
