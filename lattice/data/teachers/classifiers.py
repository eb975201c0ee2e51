"""Models that were made to classify or to rank: what is taken of them as an embedding, and when none is."""

from __future__ import annotations

from typing import Any

from lattice.config.teacher import TeacherSettings
from lattice.data.teachers.layout import Layout
from lattice.errors import TeacherError

_HEADS = {
    "ForSequenceClassification": "classifier",
    "ForTokenClassification": "classifier of tokens",
    "ForQuestionAnswering": "finder of answers",
    "ForMultipleChoice": "chooser of answers",
}
"""End of the class that a model's config.json names -> what the model was made for."""


def origin_of(name: str, settings: TeacherSettings, layout: Layout, config: Any) -> str:
    """Return what a model was made for where that is no embedding and its own head is left aside; else empty.

    Args:
        name: the teacher, for errors.
        settings: of the teacher.
        layout: what the model's own files say of its embedding.
        config: of the transformer.

    Raises:
        TeacherError: it gives one score for a text or two, and no pooling is set: what it ranks by is in its head.
    """
    if layout.steps is not None or layout.pools_itself:
        return ""
    named = str((getattr(config, "architectures", None) or [""])[0])
    made_for = next((what for ending, what in _HEADS.items() if named.endswith(ending)), "")
    if made_for == "classifier" and getattr(config, "num_labels", 2) == 1 and settings.pooling == "auto":
        raise TeacherError(
            f"teacher {name!r} is a {named} with one output: it gives a score for one text or two, no embedding. "
            "Give a model that was made to embed texts; to take the mean of its last hidden states all the same, set "
            "teacher.pooling = 'mean'"
        )
    return made_for
