"""The numbers of a run by the names under which trackers show them: `group/name`."""

from __future__ import annotations

import math

from lattice.training.reports import EvalReport, Scores, StepReport


def step_figures(report: StepReport) -> dict[str, float]:
    """Return the numbers of a training step: losses, gradient norms per part and tier, gates, speed, memory in MB."""
    values = {
        "train/cosine": report.train_cosine,
        "train/learning_rate": report.learning_rate,
        "gradient/all": report.gradient_norm,
        "speed/samples_per_second": report.samples_per_second,
        "speed/cell_updates_per_second": report.cell_updates_per_second,
        "memory/peak_MB": report.peak_memory_bytes / 1e6,
    }
    for group, table in (("loss", report.losses), ("gradient", report.gradient_norms), ("gate", report.gate_shares)):
        values |= {f"{group}/{name}": value for name, value in table.items()}
    return _finite(values)


def score_figures(report: EvalReport) -> dict[str, float]:
    """Return the scores of an evaluation: of the student, of it without rollout, and of every fair baseline."""
    rows: dict[str, Scores] = {"student": report.student, "without_rollout": report.t0, **report.baselines}
    return _finite(
        {
            f"{score}/{name}": getattr(scores, score)
            for name, scores in rows.items()
            for score in ("cosine", "nmse", "retrieval_at_1", "retrieval_at_5")
        }
    )


def _finite(values: dict[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if math.isfinite(value)}
