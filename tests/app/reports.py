"""Made-up reports for tests of panels."""

from __future__ import annotations

import math

from app.panels.curves import CurvesPanel
from lattice.training.reports import EvalReport, Scores, StepReport


def step_report(training_step: int, *, total: float | None = None, **changes: object) -> StepReport:
    falling = 1.9 * math.exp(-training_step / 150) + 0.08 + 0.02 * math.sin(training_step * 1.7)
    values: dict[str, object] = {
        "training_step": training_step,
        "losses": {
            "total": falling if total is None else total,
            "reconstruction": 0.55 * falling,
            "similarity": 0.4 * falling,
            "relation": 0.2 * falling + 0.01,
            "gate_balance": 0.04 + 0.01 * math.sin(training_step / 9),
        },
        "train_cosine": 1 - 0.45 * falling,
        "learning_rate": 3e-3 * math.sin(math.pi * min(training_step, 600) / 600) ** 2 + 1e-6,
        "gradient_norm": 0.6 * falling + 0.1 + 0.05 * math.sin(training_step * 2.3),
        "gradient_norms": {"functional": 0.3 * falling, "distant": 0.2 * falling, "gate": 0.02, "mapper": 0.1},
        "gate_shares": {"local": 0.0, "functional": 0.5 + 0.1 * math.sin(training_step / 80), "distant": 0.4},
        "seconds": 0.02 + 0.003 * math.sin(training_step),
        "phase_seconds": {"data": 0.001, "forward": 0.008, "backward": 0.009, "update": 0.002},
        "samples_per_second": 1600.0,
        "cell_updates_per_second": 4e6,
        "peak_memory_bytes": 700_000_000,
    }
    return StepReport(**{**values, **changes})  # type: ignore[arg-type]


def scores(cosine: float) -> Scores:
    return Scores(cosine, 1 - cosine**2, cosine**3, cosine)


def eval_report(training_step: int, cosine: float | None = None) -> EvalReport:
    reached = 0.985 - 0.8 * math.exp(-training_step / 140) if cosine is None else cosine
    return EvalReport(
        training_step=training_step,
        samples=512,
        student=scores(reached),
        t0=scores(0.62 - 0.1 * math.exp(-training_step / 90)),
        identity=scores(1.0),
        pca=scores(0.93),
        linear=scores(0.955),
        baseline_rank=296,
        seconds=0.4,
    )


def feed(panel: CurvesPanel, steps: int) -> None:
    """Report so many training steps to the curves, with an evaluation at every fiftieth, and draw them."""
    for step in range(1, steps + 1):
        panel.append(step_report(step))
        if step % 50 == 0:
            panel.append_evaluation(eval_report(step))
    panel.redraw()
