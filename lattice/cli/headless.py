"""`--headless`: train in the terminal, with a progress bar, metrics on disk and an orderly Ctrl-C."""

from __future__ import annotations

import argparse
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from lattice.cli.arguments import config_from
from lattice.cli.progress import progress_bar
from lattice.errors import ConfigError
from lattice.log import logger
from lattice.paths import data_folder

if TYPE_CHECKING:
    from lattice.training.reports import EvalReport, StepReport
    from lattice.training.trainer import EmbeddingTrainer

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells expect it."""

CUDA_STRIDE = 10
"""Training steps between two reports on CUDA, where a report costs a host sync."""


class StopSwitch:
    """Set by the first Ctrl-C; the second one interrupts at once."""

    def __init__(self) -> None:
        """Create an unset switch."""
        self.pressed = False

    def press(self, _signal: int, _frame: FrameType | None) -> None:
        """Handle SIGINT."""
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True


@contextmanager
def stop_switch() -> Iterator[StopSwitch]:
    """Turn Ctrl-C into a switch that is looked at between training steps."""
    switch = StopSwitch()
    previous = signal.signal(signal.SIGINT, switch.press)
    try:
        yield switch
    finally:
        signal.signal(signal.SIGINT, previous)


class MetricsFile:
    """Appends one JSON object a line; does nothing without a path."""

    def __init__(self, folder: Path | None) -> None:
        """Open `metrics.jsonl` in `folder`."""
        self._file = None if folder is None else (folder / "metrics.jsonl").open("a", encoding="utf-8")

    def write(self, kind: str, values: dict[str, Any]) -> None:
        """Write one line and hand it to the system, so that a crash loses nothing."""
        if self._file is not None:
            self._file.write(json.dumps({"kind": kind, **values}) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def run_headless(arguments: argparse.Namespace) -> int:
    """Train as the options say; return the exit code."""
    trainer = _make_trainer(arguments)
    out: Path | None = arguments.out
    if out is not None:
        _prepare_folder(out, trainer)
    metrics = MetricsFile(out)
    try:
        with stop_switch() as switch:
            summary = _train(trainer, arguments.stop_at, metrics, switch)
        path = _save(trainer, out, interrupted=switch.pressed)
    finally:
        metrics.close()
    summary["checkpoint"] = None if path is None else str(path)
    if arguments.json:
        print(json.dumps(summary), flush=True)
    else:
        _print_summary(summary)
    return INTERRUPTED if switch.pressed else 0


def _make_trainer(arguments: argparse.Namespace) -> EmbeddingTrainer:
    from lattice.data import load_dataset
    from lattice.devices import choose_device
    from lattice.training.saving import read_run
    from lattice.training.trainer import EmbeddingTrainer

    with progress_bar() as progress:
        if arguments.resume is None:
            config = config_from(arguments)
            device = choose_device(config.device.policy)
            dataset = load_dataset(
                config.training_embedding, config.data, config.teacher, device=device, progress=progress
            )
            return EmbeddingTrainer(config, dataset, device)
        if arguments.preset is not None or arguments.config is not None:
            raise ConfigError("--resume brings its own configuration: leave --preset and --config out, use --set")
        stored = read_run(arguments.resume).config
        wanted = config_from(arguments, stored)
        dataset = load_dataset(stored.training_embedding, stored.data, stored.teacher, progress=progress)
        trainer = EmbeddingTrainer.resume(arguments.resume, dataset=dataset, policy=wanted.device.policy)
        trainer.apply(wanted)
        return trainer


def _prepare_folder(out: Path, trainer: EmbeddingTrainer) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.toml").write_text(trainer.config.to_toml(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"can't write to the folder {out}: {error}; choose another one with --out") from None


def _train(trainer: EmbeddingTrainer, stop_at: int | None, metrics: MetricsFile, switch: StopSwitch) -> dict[str, Any]:
    end = trainer.total_steps if stop_at is None else min(stop_at, trainer.total_steps)
    first = trainer.training_step
    stride = CUDA_STRIDE if trainer.device.type == "cuda" else 1
    training_seconds = 0.0
    evaluation: EvalReport | None = None
    with tqdm(total=end, initial=first, unit="step", desc="training", disable=None) as bar:
        while trainer.training_step < end and not switch.pressed:
            every = trainer.config.training_embedding.evaluate_every
            until = min(end, (trainer.training_step // every + 1) * every)
            began = time.perf_counter()
            report = trainer.advance(min(stride, until - trainer.training_step))
            training_seconds += time.perf_counter() - began
            metrics.write("step", asdict(report))
            if trainer.training_step == until and trainer.training_step < end:
                evaluation = trainer.evaluate()
                metrics.write("evaluation", evaluation.to_dict())
            bar.update(trainer.training_step - bar.n)
            bar.set_postfix(_postfix(report, evaluation), refresh=False)
    evaluation = trainer.evaluate()
    metrics.write("evaluation", evaluation.to_dict())
    return _summary(trainer, evaluation, trainer.training_step - first, training_seconds)


def _postfix(report: StepReport, evaluation: EvalReport | None) -> dict[str, str]:
    shown = {"loss": f"{report.losses['total']:.4f}"}
    if evaluation is not None:
        shown["val_cosine"] = f"{evaluation.student.cosine:.4f}"
    return shown


def _summary(trainer: EmbeddingTrainer, evaluation: EvalReport, steps_done: int, seconds: float) -> dict[str, Any]:
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


def _save(trainer: EmbeddingTrainer, out: Path | None, *, interrupted: bool) -> Path | None:
    if out is None and not interrupted:
        return None
    folder = out if out is not None else data_folder()
    name = "checkpoint.safetensors" if out is not None else "interrupted.safetensors"
    path = folder / name
    trainer.save(path)
    logger.info("Saved training step %d to %s", trainer.training_step, path)
    return path


def _print_summary(summary: dict[str, Any]) -> None:
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
