"""Settings that are given and change nothing with the data at hand: each is said, none is passed over in silence."""

from __future__ import annotations

from collections.abc import Sequence

from lattice.config.data import DataSettings
from lattice.config.teacher import TeacherSettings
from lattice.config.training import TrainingEmbeddingSettings
from lattice.data.sources.base import Source
from lattice.plugins import OBJECTIVES


def unused_options(
    training: TrainingEmbeddingSettings, data: DataSettings, teacher: TeacherSettings, sources: Sequence[Source]
) -> list[str]:
    """Return a sentence for each setting that has no effect.

    Args:
        training: its objective tells whether pairs are learned.
        data: which columns are requested.
        teacher: how texts are encoded.
        sources: what is read.
    """
    said = []
    if data.pair_columns is not None and not OBJECTIVES[training.objective].needs_partners:
        said.append(
            f"data.pair_columns (--pair-columns) asks for pairs of {' and '.join(map(repr, data.pair_columns))}, which "
            "the objective does not learn: set training_embedding.objective to pairs"
        )
    given = {
        "teacher.prompt (--prompt)": teacher.prompt is not None,
        "teacher.truncate_dim (--truncate-dim)": teacher.truncate_dim is not None,
    }
    names = [name for name, is_given in given.items() if is_given]
    if names and all(source.width is not None for source in sources):
        verb = "change" if len(names) > 1 else "changes"
        said.append(
            f"{' and '.join(names)} {verb} nothing: the data holds vectors. Encode its texts with --vector-column none"
        )
    return said
