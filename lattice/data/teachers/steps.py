"""Which steps follow the transformer: the model's own, or those that the settings or its architecture ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lattice.config.teacher import TeacherSettings
from lattice.data.teachers.layout import Layout, Step
from lattice.data.teachers.pooling import modes_of
from lattice.errors import TeacherError


def default_steps(settings: TeacherSettings, layout: Layout, config: Any) -> tuple[Step, ...]:
    """Return the steps in use.

    A pooling that is set takes the tokens' vectors alone. A plain model is averaged; one that was made to continue
    texts gives its last token, as sentence-transformers has it.

    Args:
        settings: of the teacher.
        layout: what the model's own files say.
        config: of the transformer.
    """
    if settings.pooling != "auto":
        own = next((step.settings for step in layout.steps or () if step.kind == "Pooling"), {})
        used = {"pooling_mode": settings.pooling, "include_prompt": own.get("include_prompt", True)}
        return (Step("Pooling", "", used),)
    if layout.steps is not None:
        return layout.steps
    architectures = getattr(config, "architectures", None) or [""]
    causal = str(architectures[0]).endswith("ForCausalLM") and getattr(config, "is_causal", True) is not False
    return (Step("Pooling", "", {"pooling_mode": "lasttoken" if causal else "mean"}),)


def embedding_width(name: str, hidden: int, steps: Sequence[Step], truncate_dim: int | None) -> int:
    """Return the width of the embeddings.

    Args:
        name: the teacher, for errors.
        hidden: width of the tokens' vectors.
        steps: what follows.
        truncate_dim: numbers that are kept, None for all.

    Raises:
        TeacherError: more are to be kept than there are.
    """
    width = hidden
    for step in steps:
        if step.kind == "Pooling":
            width *= len(modes_of(name, step.settings))
        elif step.kind == "Dense":
            width = int(step.settings.get("out_features", width))
    return kept_width(name, width, truncate_dim)


def kept_width(name: str, width: int, truncate_dim: int | None) -> int:
    """Return how many numbers of each embedding are kept; raise `TeacherError` if it has fewer."""
    if truncate_dim is not None and truncate_dim > width:
        raise TeacherError(
            f"teacher {name!r} makes {width} numbers a text, and {truncate_dim} are to be kept; "
            f"set teacher.truncate_dim (--truncate-dim) to at most {width}"
        )
    return truncate_dim or width
