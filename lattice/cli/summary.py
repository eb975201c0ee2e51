"""The figures that a run in the terminal ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lattice.training.reports import EvalReport
    from lattice.training.trainer import EmbeddingTrainer


def summary_of(trainer: EmbeddingTrainer, evaluation: EvalReport, steps_done: int, seconds: float) -> dict[str, Any]:
    """Return the figures of a run that ended, as plain values.

    Args:
        trainer: of the run.
        evaluation: its last scores.
        steps_done: training steps of this session.
        seconds: that they took.
    """
    settings = trainer.config.training_embedding
    rate = steps_done / seconds if seconds else 0.0
    samples = settings.batch_size * settings.accumulation
    return {
        "training_steps": trainer.training_step,
        "objective": settings.objective,
        "val_cosine": evaluation.student.cosine,
        "val_nmse": evaluation.student.nmse,
        "val_retrieval_at_1": evaluation.student.retrieval_at_1,
        "val_retrieval_at_5": evaluation.student.retrieval_at_5,
        "t0_val_cosine": evaluation.t0.cosine,
        "pca_val_cosine": evaluation.pca.cosine,
        "linear_val_cosine": evaluation.linear.cosine,
        "identity_val_cosine": evaluation.identity.cosine,
        "baseline_rank": evaluation.baseline_rank,
        "fair_baselines": list(evaluation.fair),
        "val_samples": evaluation.samples,
        "steps_per_second": rate,
        "cell_updates_per_second": rate * samples * trainer.config.lattice.cells * trainer.config.lattice.lattice_steps,
        "device": str(trainer.device),
        "engine": trainer.tier_means.engine,
    }


def print_summary(summary: dict[str, Any]) -> None:
    """Print the figures for a person."""
    names = {"identity": "identity", "pca": f"PCA-{summary['baseline_rank']}", "linear": "linear"}
    shown = [name for name in ("pca", "linear") if name in summary["fair_baselines"]] or summary["fair_baselines"]
    beside = [f"without rollout {summary['t0_val_cosine']:.4f}"]
    beside += [f"{names[name]} {summary[f'{name}_val_cosine']:.4f}" for name in shown]
    print(
        f"training step {summary['training_steps']} on {summary['device']}: validation cosine "
        f"{summary['val_cosine']:.4f} ({', '.join(beside)}), "
        f"retrieval at 1 {summary['val_retrieval_at_1']:.3f}, {summary['steps_per_second']:.2f} steps/s"
    )
    if summary["checkpoint"]:
        print(f"checkpoint: {summary['checkpoint']}")
