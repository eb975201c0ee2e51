"""What a run in the terminal says at its end: a mapping for `--json`, and lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lattice.cli.damage import damage_lines
from lattice.training.score_rows import score_rows

if TYPE_CHECKING:
    from lattice.data import EmbeddingDataset
    from lattice.training.reports import EvalReport
    from lattice.training.trainer import EmbeddingTrainer


def summary_of(trainer: EmbeddingTrainer, report: EvalReport, steps_done: int, seconds: float) -> dict[str, Any]:
    """Return the figures of a run.

    Args:
        trainer: of the run.
        report: of its last evaluation.
        steps_done: training steps that were done now.
        seconds: that they took, evaluations left out.
    """
    settings, lattice = trainer.config.training_embedding, trainer.config.lattice
    rate = steps_done / seconds if seconds else 0.0
    samples = settings.batch_size * settings.accumulation
    start = report.start
    return {
        "training_steps": trainer.training_step,
        "data": _data_account(trainer.dataset),
        "objective": settings.objective,
        "val_cosine": report.student.cosine,
        "val_nmse": report.student.nmse,
        "val_retrieval_at_1": report.student.retrieval_at_1,
        "val_retrieval_at_5": report.student.retrieval_at_5,
        "before_training_val_cosine": None if start is None else start.student.cosine,
        "before_training_t0_val_cosine": None if start is None else start.t0.cosine,
        "t0_val_cosine": report.t0.cosine,
        "mlp_val_cosine": None if report.mlp is None else report.mlp.cosine,
        "mlp_parameters": report.mlp_parameters,
        "student_parameters": report.student_parameters,
        "pca_val_cosine": report.pca.cosine,
        "linear_val_cosine": report.linear.cosine,
        "linear_noise_draws": report.linear_draws,
        "identity_val_cosine": report.identity.cosine,
        "baseline_rank": report.baseline_rank,
        "baseline_place": report.baseline_place,
        "fair_baselines": list(report.fair),
        "val_samples": report.samples,
        "steps_per_second": rate,
        "cell_updates_per_second": rate * samples * lattice.cells * lattice.lattice_steps,
        "device": str(trainer.device),
        "engine": trainer.tier_means.engine,
        "resume_proof": None if trainer.resume_proof is None else trainer.resume_proof.to_dict(),
        "weights": None if trainer.started_from is None else trainer.started_from.to_dict(),
    }


def summary_lines(report: EvalReport, summary: dict[str, Any]) -> list[str]:
    """Return the figures as lines for the terminal: the run, one for each scored thing, and the checkpoint."""
    rows = score_rows(report)
    widest = max(len(row.name) for row in rows)
    lines = [
        f"training step {summary['training_steps']} on {summary['device']}, {summary['steps_per_second']:.2f} steps/s; "
        f"cosine on {report.samples} held-out samples:"
    ]
    for row in rows:
        remark = f"  ({row.note})" if row.note else ""
        if row.key == "student":
            scores = row.scores
            remark = (
                f"  (retrieval at 1 {scores.retrieval_at_1:.3f}, at 5 {scores.retrieval_at_5:.3f}, "
                f"relative squared error {scores.nmse:.4f})"
            )
        lines.append(f"  {row.name:<{widest}}  {row.scores.cosine:.4f}{remark}")
    lines += damage_lines(summary.get("damage"))
    if summary["checkpoint"]:
        lines.append(f"checkpoint: {summary['checkpoint']}")
    return lines


def _data_account(dataset: EmbeddingDataset) -> dict[str, Any]:
    """Return what was read, and what was guessed and left aside on the way."""
    from lattice.data.survey.near_duplicates import near_duplicates_of

    account = {} if dataset.report is None else dataset.report.account()
    near = near_duplicates_of(dataset).to_dict()
    return {"source": dataset.source, "width": dataset.width, **account, "near_duplicates": near}
