"""Which edits make scores that were measured before say nothing about the run as it is now."""

from __future__ import annotations

from collections.abc import Iterable

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


def outdates_scores(changed: Iterable[str], cost: EditCost | None) -> bool:
    """Say whether an edit changes what scores measure, of the student or of the baselines.

    Args:
        changed: dotted keys of the edit.
        cost: of the edit; new stencils or a new student always do.
    """
    return cost in ("stencil", "rebuild") or any(key in SCORED or key.startswith(_SECTIONS) for key in changed)
