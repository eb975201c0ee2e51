"""A trained student for use in scripts: embeddings in, embeddings or the cube's states out, without a trainer.

Shapes: S samples, D embedding width, N cells, C state size, T lattice steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.config.runtime import DevicePolicy
from lattice.devices import choose_device
from lattice.errors import DataError
from lattice.log import logger
from lattice.model.student import StudentModel, StudentOutput
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.engines import obstacle
from lattice.objectives import prepare_embeddings
from lattice.runs.place import checkpoint_at
from lattice.training.checkpoint import load_into, read_checkpoint
from lattice.training.engine import build_tier_means

Embeddings = TypeVar("Embeddings", Tensor, NDArray[np.float32])
"""Rows [S, D]: what goes in as a tensor comes out as a tensor, what goes in as an array as an array."""


class TrainedStudent:
    """A student with the weights of one file. Its methods change nothing, and may be called from one thread."""

    def __init__(self, path: Path, config: SimpleProjectConfig, student: StudentModel, tier_means: TierMeans) -> None:
        """Wrap a student and the engine of its lattice, both on the same device; `load_student` makes one."""
        self.path = path
        """The file of the weights."""
        self.config = config
        """The configuration of the run that trained it."""
        self._student = student.eval().requires_grad_(False)
        self._tier_means = tier_means

    @property
    def width(self) -> int:
        """Embedding width D."""
        return self._student.width

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self._student.features.device

    def encode(self, rows: Embeddings) -> Embeddings:
        """Return the embeddings that the cube answers, float32 [S, D].

        Args:
            rows: embeddings of the width and teacher that it was trained on, floats [S, D], S at least 1; of any
                length where the run's setting `embedding_mapping.normalize_embeddings` is on.

        Returns:
            A tensor on the device of `rows`, or an array if they are one.

        Raises:
            DataError: the rows have another shape or width, are no floats, or one is not finite.
        """
        inputs_SD = self._checked(rows)
        parts = [output.embedding_BD.to(inputs_SD.device, torch.float32) for output in self._passes(inputs_SD)]
        return _like(rows, torch.cat(parts))

    def rollout(self, rows: Embeddings) -> Embeddings:
        """Return every cell's state after each lattice step, float32 [S, T+1, N, C]; the painted ones come first.

        Cell (x, y, z) of a lattice of dimensions (X, Y, Z) has the index `(x * Y + y) * Z + z`. The result is
        S * (T+1) * N * C * 4 bytes: for a few samples at a time.

        Args and errors are those of `encode`.
        """
        inputs_SD = self._checked(rows)
        parts = [
            torch.stack([state_NBC.to(inputs_SD.device, torch.float32) for state_NBC in output.rollout.states])
            for output in self._passes(inputs_SD)
        ]
        states_TNSC = torch.cat(parts, dim=2)
        return _like(rows, states_TNSC.permute(2, 0, 1, 3).contiguous())

    @torch.no_grad()
    def _passes(self, inputs_SD: Tensor) -> Iterator[StudentOutput]:
        prepared_SD = prepare_embeddings(inputs_SD, self.config.embedding_mapping)
        for part in prepared_SD.split(self.config.training_embedding.batch_size):
            yield self._student(part.to(self.device), self._tier_means, self.config.lattice.lattice_steps)

    def _checked(self, rows: Tensor | NDArray[np.float32]) -> Tensor:
        if not isinstance(rows, Tensor | np.ndarray):
            raise DataError(f"got a {type(rows).__name__}, expected a tensor or an array of floats [S, {self.width}]")
        floats = rows.dtype.kind == "f" if isinstance(rows, np.ndarray) else rows.is_floating_point()
        if not floats:
            kind = str(rows.dtype).removeprefix("torch.")
            raise DataError(f"got rows of {kind}, expected floats; convert them to float32")
        tensor = torch.from_numpy(rows.astype(np.float32)) if isinstance(rows, np.ndarray) else rows.detach().float()
        if tensor.dim() != 2 or len(tensor) == 0:
            raise DataError(
                f"got rows of shape {list(tensor.shape)}, expected [S, {self.width}] with S at least 1; "
                "a single embedding goes in as embedding[None]"
            )
        if tensor.shape[1] != self.width:
            raise DataError(
                f"got embeddings of width {tensor.shape[1]}, but {self.path} was trained on width {self.width}; "
                "use embeddings of the same teacher"
            )
        bad = (~torch.isfinite(tensor).all(dim=1)).nonzero().squeeze(1)
        if len(bad):
            raise DataError(
                f"row {int(bad[0])} of {len(tensor)} is not finite, with {len(bad) - 1} more like it; "
                "leave such rows out"
            )
        return tensor


def load_student(path: Path | str, device: DevicePolicy | torch.device = "auto") -> TrainedStudent:
    """Load the student of a checkpoint or of an export; the file is never unpickled.

    Args:
        path: a `.safetensors` file that `EmbeddingTrainer.save` or `export`, or the window, wrote; or a run's folder.
        device: `auto` takes CUDA if it works, `cuda` insists on it, `cpu` never looks; or one device of torch.

    Raises:
        CheckpointError: there is no such file, it is no checkpoint, or its weights do not fit its configuration.
        DeviceError: the device is not there, or can't hold the lattice.
    """
    stored = read_checkpoint(checkpoint_at(Path(path)))
    place = choose_device(device) if isinstance(device, str) else device
    config = stored.config
    if config.neighbors.engine != "auto" and (why := obstacle(config.neighbors.engine, place)):
        logger.warning("%s is used with another tier engine than it was trained with: %s", stored.path, why)
        config = config.replaced({"neighbors.engine": "auto"})
    student = StudentModel.seeded(config, stored.width)
    load_into(student, stored.group("student"), stored.path, "student")
    return TrainedStudent(stored.path, config, student.to(place), build_tier_means(config, place))


def _like(rows: Embeddings, result: Tensor) -> Embeddings:
    if isinstance(rows, Tensor):
        return result
    return result.numpy()
