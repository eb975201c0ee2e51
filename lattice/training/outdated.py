"""Which edits make scores that were measured before say nothing about the run as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lattice.config import EditCost

SCORED = frozenset(
    {
        "training_embedding.objective",
        "training_embedding.noise_sigma",
        "training_embedding.evaluation_samples",
        "training_embedding.baseline_rank",
        "lattice.lattice_steps",
        "model.update_scale",
        "model.flow_substeps",
        "model.flow_method",
        "device.precision",
    }
)
"""Settings that act at once and of which scores are a function."""
_SECTIONS = ("objective.", "rule.")
"""Sections of plugins: what their settings do is not known."""
_ANOTHER_CUBE = ("stencil", "rebuild")
"""Costs of edits after which the cube computes something else."""


def outdates_scores(changed: Iterable[str], cost: EditCost | None) -> bool:
    """Say whether an edit changes what scores measure, of the student or of the baselines.

    Args:
        changed: dotted keys of the edit.
        cost: of the edit; new stencils or a new student always do.
    """
    return cost in _ANOTHER_CUBE or any(_is_scored(key) for key in changed)


def score_changes(changes: Mapping[str, EditCost]) -> tuple[str, ...]:
    """Return those keys of an edit, each with its cost, that change what scores measure."""
    return tuple(key for key, cost in changes.items() if cost in _ANOTHER_CUBE or _is_scored(key))


def _is_scored(key: str) -> bool:
    return key in SCORED or key.startswith(_SECTIONS)
