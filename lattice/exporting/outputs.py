"""Writing what a student makes of the held-out samples, as a file that can be loaded as data.

Shapes: S held-out samples, D embedding width.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from torch import Tensor

from lattice.atomic import atomic_path
from lattice.config import SimpleProjectConfig
from lattice.data.readers.embedding_file import EMBEDDINGS, TEXTS
from lattice.data.texts import PackedTexts
from lattice.errors import CheckpointError
from lattice.objectives import evaluation_generator, make_batch
from lattice.progress import Progress, no_progress
from lattice.training.evaluation import EVALUATION_DRAW
from lattice.training.run import Run
from lattice.training.scoring import row_cosines

EXPORTING = "Exporting embeddings"


@torch.no_grad()
def export_embeddings(run: Run, path: Path, progress: Progress = no_progress) -> int:
    """Write the student's outputs for all held-out samples with their texts; return how many there are.

    The file holds `embeddings` (the outputs), `input`, `target`, float32 [S, D], `cosine` between output and target,
    float32 [S], `sample`, int64 [S], the numbers of the samples in the data from 0, and their texts where the data has
    texts. Loaded as data it is read as the outputs with their texts, or as another table that is named.

    Args:
        run: stays as it is.
        path: a `.safetensors` file, written whole or not at all.
        progress: told after every batch; may cancel.

    Raises:
        CheckpointError: the file can't be written.
    """
    config, dataset = run.config, run.dataset
    indices = dataset.validation_indices
    generator = evaluation_generator(config.training_embedding.seed, dataset.device)
    run.student.draw_from(config.training_embedding.seed, EVALUATION_DRAW)
    parts: list[tuple[Tensor, ...]] = []
    done = 0
    progress(EXPORTING, 0, len(indices))
    for chunk in indices.split(config.training_embedding.batch_size):
        inputs, targets = make_batch(dataset, chunk, config, generator)
        outputs = run.student(inputs, run.tier_means, config.lattice.lattice_steps).embedding_BD
        parts.append((outputs.cpu(), inputs.cpu(), targets.cpu(), row_cosines(outputs, targets).cpu()))
        done += len(chunk)
        progress(EXPORTING, done, len(indices))
    outputs_SD, inputs_SD, targets_SD, cosines_S = (
        torch.cat(part).float().numpy() for part in zip(*parts, strict=True)
    )
    samples = indices.cpu().numpy().astype(np.int64)
    arrays = {EMBEDDINGS: outputs_SD, "input": inputs_SD, "target": targets_SD, "sample": samples, "cosine": cosines_S}
    if dataset.texts is not None:
        arrays |= PackedTexts.pack(dataset.text(sample) for sample in samples.tolist()).arrays(TEXTS)
    _write(path, arrays, _notes(config, dataset.source, len(samples)))
    return len(samples)


def _notes(config: SimpleProjectConfig, source: str, count: int) -> dict[str, str]:
    rows = f"outputs of a student for all {count} held-out samples of {source}"
    return {"source": source, "rows": rows, "objective": config.training_embedding.objective}


def _write(path: Path, arrays: dict[str, np.ndarray], notes: dict[str, str]) -> None:
    try:
        with atomic_path(path) as temporary:
            safetensors.numpy.save_file(arrays, temporary, metadata=notes)
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"can't write the embeddings to {path}: {error}; choose another folder") from error
