"""`--damage-report`: what a trained cube's score depends on, as JSON and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lattice.cli.progress import progress_bar
from lattice.config.training import DAMAGED_CELLS

if TYPE_CHECKING:
    from lattice.training.trainer import EmbeddingTrainer


def measured_damage(trainer: EmbeddingTrainer) -> dict[str, Any]:
    """Measure with a progress bar; return plain values for JSON."""
    with progress_bar() as progress:
        return trainer.measure_damage(progress).to_dict()


def damage_lines(report: Mapping[str, Any] | None) -> list[str]:
    """Return a measurement as lines for the terminal; none without one."""
    if report is None:
        return []
    shares = ", ".join(f"{100 * point['share']:g} % {point['cosine']:.4f}" for point in report["by_share"])
    kind = f"{report['cells']} cells {DAMAGED_CELLS[report['damaged_cells']]}"
    lines = [f"validation cosine by share of the {kind} erased: {shares}"]
    if report["by_layer"]:
        layers = ", ".join(f"{report['axis']} = {layer['layer']} {layer['cosine']:.4f}" for layer in report["by_layer"])
        lines.append(f"with one layer erased: {layers}")
    return lines
