"""The teacher that a run's settings leave open is named once it is known, so that the run can be resumed elsewhere."""

from __future__ import annotations

from lattice.config import SimpleProjectConfig
from lattice.data.dataset import EmbeddingDataset
from lattice.data.teachers.files import AUTO


def with_teacher_in_use(config: SimpleProjectConfig, dataset: EmbeddingDataset) -> SimpleProjectConfig:
    """Return the config with the model that encoded the texts in place of `auto`."""
    report = dataset.report
    if config.teacher.model != AUTO or report is None or not report.teacher or report.made_by is None:
        return config
    return config.replaced({"teacher.model": report.made_by.settings.model})
