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
from lattice.cli.damage import measured_damage
from lattice.cli.progress import progress_bar
from lattice.cli.summary import summary_lines, summary_of
from lattice.cli.warm import open_from_weights
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
            summary, evaluation = _train(trainer, arguments.stop_at, metrics, switch)
        path = _save(trainer, out, interrupted=switch.pressed)
        if arguments.damage_report and not switch.pressed:
            summary["damage"] = measured_damage(trainer)
    finally:
        metrics.close()
    summary["checkpoint"] = None if path is None else str(path)
    if arguments.json:
        print(json.dumps(summary), flush=True)
    else:
        print("\n".join(summary_lines(evaluation, summary)), flush=True)
    return INTERRUPTED if switch.pressed else 0


def _make_trainer(arguments: argparse.Namespace) -> EmbeddingTrainer:
    from lattice.data import load_dataset
    from lattice.devices import choose_device
    from lattice.training.saving import read_run
    from lattice.training.trainer import EmbeddingTrainer

    with progress_bar() as progress:
        if arguments.weights is not None:
            return open_from_weights(arguments, progress)
        if arguments.resume is None:
            config = config_from(arguments)
            device = choose_device(config.device.policy)
            dataset = load_dataset(
                config.training_embedding, config.data, config.teacher, device=device, progress=progress
            )
            return EmbeddingTrainer(config, dataset, device, progress=progress)
        if arguments.preset is not None or arguments.config is not None:
            raise ConfigError("--resume brings its own configuration: leave --preset and --config out, use --set")
        stored = read_run(arguments.resume).config
        wanted = config_from(arguments, stored)
        dataset = load_dataset(stored.training_embedding, stored.data, stored.teacher, progress=progress)
        trainer = EmbeddingTrainer.resume(arguments.resume, dataset=dataset, policy=wanted.device.policy)
        trainer.apply(wanted, progress=progress)
        return trainer


def _prepare_folder(out: Path, trainer: EmbeddingTrainer) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "config.toml").write_text(trainer.config.to_toml(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"can't write to the folder {out}: {error}; choose another one with --out") from None


def _train(
    trainer: EmbeddingTrainer, stop_at: int | None, metrics: MetricsFile, switch: StopSwitch
) -> tuple[dict[str, Any], EvalReport]:
    end = trainer.total_steps if stop_at is None else min(stop_at, trainer.total_steps)
    first = trainer.training_step
    stride = CUDA_STRIDE if trainer.device.type == "cuda" else 1
    training_seconds = 0.0
    evaluation: EvalReport | None = None
    if trainer.start_unscored:
        evaluation = trainer.evaluate()
        metrics.write("evaluation", evaluation.to_dict())
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
    if evaluation is None or evaluation.training_step < trainer.training_step:
        evaluation = trainer.evaluate()
        metrics.write("evaluation", evaluation.to_dict())
    return summary_of(trainer, evaluation, trainer.training_step - first, training_seconds), evaluation


def _postfix(report: StepReport, evaluation: EvalReport | None) -> dict[str, str]:
    shown = {"loss": f"{report.losses['total']:.4f}"}
    if evaluation is not None:
        shown["val_cosine"] = f"{evaluation.student.cosine:.4f}"
    return shown


def _save(trainer: EmbeddingTrainer, out: Path | None, *, interrupted: bool) -> Path | None:
    if out is None and not interrupted:
        return None
    folder = out if out is not None else data_folder()
    name = "checkpoint.safetensors" if out is not None else "interrupted.safetensors"
    path = folder / name
    trainer.save(path)
    logger.info("Saved training step %d to %s", trainer.training_step, path)
    return path
