"""Sentences that are not in the data, put among those that are: encoded by the teacher that made the data.

Shapes: S samples compared, D embedding width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch.nn import functional as F

from lattice.config.teacher import TeacherSettings
from lattice.data.dataset import EmbeddingDataset
from lattice.data.teacher import Teacher, load_teacher
from lattice.data.teachers.parts import teacher_width
from lattice.errors import TeacherError
from lattice.progress import Progress, no_progress

COMPARED = 4
"""Texts of the data that a teacher encodes again, to see whether it made their embeddings."""
SAME_COSINE = 0.99
"""Least mean cosine between the two at which the teacher counts as the one that made the data; float16 storage, other
precisions and other versions of torch stay above 0.999."""


@dataclass(frozen=True, eq=False)
class ProbeTeacher:
    """A teacher whose embeddings have the width of the data."""

    teacher: Teacher
    agreement: float | None
    """Mean cosine between its embeddings of some of the data's texts and the stored ones; None without texts."""

    @property
    def made_the_data(self) -> bool | None:
        """Whether the stored embeddings are this teacher's; None if that is unknown."""
        return None if self.agreement is None else self.agreement >= SAME_COSINE

    def encode(self, text: str) -> NDArray[np.float32]:
        """Return the embedding of one text, float32 [D]; it does not enter the cache."""
        row = self.teacher.encode([text], use_cache=False)[0]
        array: NDArray[np.float32] = row.float().cpu().numpy()
        return array


def load_probe_teacher(
    settings: TeacherSettings, dataset: EmbeddingDataset, *, progress: Progress | None = None
) -> ProbeTeacher:
    """Load a teacher for single sentences, on the processor: the device's memory belongs to the training.

    The width is compared before any weights are loaded, let alone fetched.

    Raises:
        TeacherError: the teacher can't be had, or has another width than the data.
        Cancelled: from `progress`.
    """
    progress = progress or no_progress
    progress(f"Looking up teacher {settings.model}", 0, None)
    width = teacher_width(settings)
    if width is not None and width != dataset.width:
        raise TeacherError(
            f"teacher {settings.model!r} makes embeddings of width {width}, but the data's have {dataset.width}; "
            "choose the teacher that made them"
        )
    teacher = load_teacher(settings, "cpu", progress)
    if teacher.width != dataset.width:
        raise TeacherError(f"teacher {settings.model!r} has width {teacher.width}, the data {dataset.width}")
    progress("Comparing the teacher with the data", 0, None)
    return ProbeTeacher(teacher, agreement(teacher, dataset))


def agreement(teacher: Teacher, dataset: EmbeddingDataset) -> float | None:
    """Return the mean cosine between the teacher's embeddings of some texts and the stored ones, None without texts.

    Ids and words that name the rows are no texts that a teacher encoded.
    """
    if dataset.texts is None or (dataset.report is not None and dataset.report.names):
        return None
    samples = dataset.validation_indices[:COMPARED]
    encoded_SD = teacher.encode([dataset.texts[sample] for sample in samples.tolist()], use_cache=False)
    stored_SD = dataset.batch(samples).to(encoded_SD.device)
    return float(F.cosine_similarity(encoded_SD.float(), stored_SD, dim=-1).mean())
