"""A trainer without a network: quick, scripted, and with the interface of the real one."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch

from app.run.commands import OpenRun
from app.run.curve_tensors import colors_of, curves_of, raised_of
from app.run.summary import RunSummary
from app.run.undo_snapshot import UndoSnapshot
from lattice.config import SimpleProjectConfig, edit_cost
from lattice.data.dataset import EmbeddingDataset, build_dataset
from lattice.errors import CheckpointError
from lattice.exporting.forms import Exported, is_program
from lattice.progress import Cancelled, Progress, no_progress
from lattice.training.damage_report import DamageReport, LayerScore, ShareScore
from lattice.training.divergence import DIVERGED
from lattice.training.reports import EvalReport, HeardTier, Observation, Scores, StepReport
from lattice.training.resume_proof import ResumeProof
from lattice.training.rule_reload import RuleReload
from lattice.training.sample_report import SCORING, SampleReport


def fake_dataset(samples: int = 40, width: int = 16) -> EmbeddingDataset:
    """Random unit embeddings with texts, two of them held out."""
    rows = torch.randn(samples, width, generator=torch.Generator().manual_seed(1))
    return build_dataset(
        torch.nn.functional.normalize(rows, dim=1),
        source="fake",
        texts=[f"text number {index}" for index in range(samples)],
        categories=["even" if index % 2 == 0 else "odd" for index in range(samples)],
    )


class FakeTrainer:
    """Counts, sleeps and fails on demand; `thread` is the one it was first used from."""

    def __init__(self, config: SimpleProjectConfig, dataset: EmbeddingDataset | None = None) -> None:
        self.config = config
        self.dataset = dataset or fake_dataset()
        self.training_step = 0
        self.step_seconds = 0.0
        self.evaluate_seconds = 0.0
        self.apply_seconds = 0.0
        self.fail_at: int | None = None
        self.error: Exception = RuntimeError("the fake failed")
        self.refuse_apply: Exception | None = None
        self.extras: dict[str, torch.Tensor] = {}
        self.start_unscored = False
        self.threads: set[int] = set()
        self.calls: list[str] = []
        self.started_from: object | None = None
        self.run_id = "fake"
        self.loss_ratio = 1.0
        self.diverged = False

    @property
    def total_steps(self) -> int:
        return self.config.training_embedding.training_steps

    def _note(self, call: str) -> None:
        self.calls.append(call)
        self.threads.add(threading.get_ident())

    def step(self) -> StepReport:
        self._note("step")
        time.sleep(self.step_seconds)
        if self.fail_at is not None and self.training_step + 1 >= self.fail_at:
            raise self.error
        self.training_step += 1
        loss = 1.0 / self.training_step
        return StepReport(
            training_step=self.training_step,
            losses={"total": loss, "reconstruction": loss / 2, "similarity": loss / 2},
            train_cosine=1 - loss,
            learning_rate=3e-3,
            gradient_norm=loss,
            gradient_norms={"local": 0.0, "functional": loss, "distant": loss, "gate": loss},
            gate_shares={"local": 0.0, "functional": 0.6, "distant": 0.4},
            seconds=self.step_seconds,
            phase_seconds={"data": 0.0, "forward": 0.0, "backward": 0.0, "update": 0.0},
            samples_per_second=1.0,
            cell_updates_per_second=1.0,
            peak_memory_bytes=2**20,
            loss_ratio=self.loss_ratio,
            diverged=self._divergence(),
        )

    def _divergence(self) -> str:
        """What a step report says of `loss_ratio`, once, as `DivergenceWatch` does."""
        told, self.diverged = self.diverged, self.loss_ratio > DIVERGED
        return f"diverged: the loss is {self.loss_ratio:,.0f} times its best" if self.diverged and not told else ""

    def evaluate(self, progress=lambda _what, _done, _total: None) -> EvalReport:
        self._note("evaluate")
        for batch in range(4):
            time.sleep(self.evaluate_seconds / 4)
            progress("Evaluating", batch + 1, 4)
        self._note("evaluated")
        self.start_unscored = False
        score = Scores(cosine=1 - 1 / (self.training_step + 1), nmse=0.5, retrieval_at_1=0.5, retrieval_at_5=0.9)
        low = Scores(cosine=0.2, nmse=0.9, retrieval_at_1=0.1, retrieval_at_5=0.2)
        return EvalReport(
            training_step=self.training_step,
            samples=2,
            student=score,
            t0=low,
            identity=low,
            pca=low,
            linear=low,
            baseline_rank=8,
            seconds=0.001,
        )

    def measure_damage(self, progress=lambda _what, _done, _total: None) -> DamageReport:
        self._note("measure_damage")
        for batch in range(4):
            time.sleep(self.evaluate_seconds / 4)
            progress("Measuring damage", batch + 1, 4)
        shares = tuple(ShareScore(share, int(64 * share), 0.9 - share, (0.9 - share,)) for share in (0.0, 0.1, 0.5))
        layers = (LayerScore(1, 16, 0.4), LayerScore(2, 16, 0.3))
        return DamageReport(self.training_step, 2, 8, "interior", 0.1, "x", shares, layers, 0.01)

    def score_samples(self, progress=lambda _what, _done, _total: None) -> SampleReport:
        """Score the first sample 0.5, the last one 0.9, and the others in between; eight at a time."""
        self._note("score_samples")
        total = len(self.dataset)
        cosines, done = np.linspace(0.5, 0.9, total, dtype=np.float32), 0
        try:
            while done < total:
                time.sleep(self.evaluate_seconds / 5)
                done = min(done + 8, total)
                progress(SCORING, done, total)
        except Cancelled:
            pass
        return SampleReport(self.training_step, np.arange(done), cosines[:done], total, 0.01)

    def observe(
        self, sample: int, *, learning_signal: bool = False, mean_states: bool = False, erased_XYZ=None
    ) -> Observation:
        self._note("observe")
        return self._seen(sample, self.dataset.text(sample), learning_signal, mean_states, erased_XYZ)

    def observe_embedding(
        self,
        embedding_D: np.ndarray,
        text: str = "",
        *,
        learning_signal: bool = False,
        mean_states: bool = False,
        erased_XYZ=None,
    ) -> Observation:
        self._note("observe_embedding")
        return self._seen(-1, text, learning_signal, mean_states, erased_XYZ)

    def heard_tiers(self, state_XYZC: np.ndarray, lattice_step: int, cell) -> dict:
        self._note("heard_tiers")
        x, y, z = cell
        return {
            "functional": HeardTier(0.5 + lattice_step, 0.25, (x - 1, y, z), 0.75),
            "distant": HeardTier(0.0, 0.1, None, 0.0),
        }

    def _seen(self, sample: int, text: str, learning_signal: bool, mean_states: bool, erased_XYZ) -> Observation:
        seen = self._rollout(sample, text, learning_signal=learning_signal)
        if mean_states:
            mean = seen.states_TXYZC.mean(axis=(1, 2, 3), keepdims=True) + 0 * seen.states_TXYZC
            seen = replace(seen, mean_TXYZC=mean)
        return seen if erased_XYZ is None else replace(seen, erased_XYZ=erased_XYZ, intact_cosine=0.8)

    def _rollout(self, sample: int, text: str, *, learning_signal: bool) -> Observation:
        x, y, z = self.config.lattice.dimensions
        steps, channels = self.config.lattice.lattice_steps, self.config.model.state_size
        rng = np.random.default_rng([sample + 1, self.training_step])
        states = rng.standard_normal((steps + 1, x, y, z, channels), dtype=np.float32)
        gates = rng.random((steps, x, y, z, 3), dtype=np.float32)
        gates /= gates.sum(axis=-1, keepdims=True)
        skin = np.full((x, y, z, 2), np.nan, dtype=np.float32)
        for axis in range(3):
            for side in (0, -1):
                face: list[slice | int] = [slice(None)] * 3
                face[axis] = side
                skin[tuple(face)] = rng.standard_normal(skin[tuple(face)].shape)
        target = rng.standard_normal(self.dataset.width, dtype=np.float32)
        return Observation(
            training_step=self.training_step,
            sample=sample,
            text=text,
            dimensions=(x, y, z),
            states_TXYZC=states,
            gates_TXYZ3=gates,
            skin_XYZm=skin,
            readout_XYZm=skin,
            signal_TXYZ=np.abs(states[..., 0]) if learning_signal else None,
            input_D=target,
            target_D=target,
            student_D=target,
            cosine=0.5,
            t0_cosine=0.1,
            step_cosines=tuple(np.linspace(0.1, 0.5, steps + 1).tolist()),
            nearest_before=((1, 0.9), (2, 0.8), (3, 0.7)),
            nearest_after=((2, 0.85), (1, 0.8), (4, 0.6)),
            trace={"gates": gates},
        )

    def apply(self, config: SimpleProjectConfig, *, progress=lambda _what, _done, _total: None) -> str | None:
        self._note("apply")
        for tick in range(int(self.apply_seconds / 0.01)):
            progress("encoding", tick, None)
            time.sleep(0.01)
        if self.refuse_apply is not None:
            raise self.refuse_apply
        cost = edit_cost(self.config.changes_to(config))
        self.config = config
        return cost

    def prove_resume(self, steps: int, progress: Progress = no_progress) -> ResumeProof:
        self._note("prove_resume")
        for tick in range(4):
            time.sleep(self.evaluate_seconds / 4)
            progress("Proving that the run resumes", tick, 4)
        return ResumeProof(self.training_step, steps, True, "", 34, 0.5, "cpu", {"torch": "2"})

    def reload_rule(self) -> RuleReload:
        self._note("reload_rule")
        return RuleReload(("prototype.weight",), ("prototype.bias",), ())

    def save(self, path: Path) -> None:
        self._note("save")
        counters = {"training_step": self.training_step}
        told = json.dumps({"counters": counters, "config": self.config.to_mapping()})
        safetensors.torch.save_file({"x": torch.zeros(1), **self.extras}, path, metadata={"cellcube": told})

    def export(self, path: Path, progress: Progress = no_progress) -> Exported | None:
        self._note("export")
        progress("Exporting", 0, 1)
        path.write_text("export", encoding="utf-8")
        return Exported(path, 8, 2e-8) if is_program(path) else None

    def export_embeddings(self, path: Path, progress: Progress = no_progress) -> int:
        self._note("export_embeddings")
        path.write_text("embeddings", encoding="utf-8")
        return len(self.dataset.validation_indices)

    def memory_bytes(self) -> dict[str, int]:
        return {"dataset": 1000, "model": 200, "optimizer": 400, "stencils": 300}


class FakeRuns:
    """Opens fake trainers; checkpoints are the text files that `FakeTrainer.save` writes."""

    def __init__(self, *, step_seconds: float = 0.002) -> None:
        self.step_seconds = step_seconds
        self.trainers: list[FakeTrainer] = []
        self.open_seconds = 0.0
        self.refuse_open: Exception | None = None
        self.requests: list[OpenRun] = []

    @property
    def trainer(self) -> FakeTrainer:
        """The newest trainer."""
        return self.trainers[-1]

    def open(self, request: OpenRun, progress) -> FakeTrainer:
        self.requests.append(request)
        if self.refuse_open is not None:
            raise self.refuse_open
        ticks = max(1, int(self.open_seconds / 0.01))
        for tick in range(ticks):
            progress("Loading data", tick, ticks)
            time.sleep(self.open_seconds / ticks)
        if request.checkpoint is not None:
            try:
                with safetensors.safe_open(request.checkpoint, framework="pt") as file:
                    told = json.loads(file.metadata()["cellcube"])
                    extras = {name: file.get_tensor(name) for name in file.keys() if name != "x"}  # noqa: SIM118
            except (safetensors.SafetensorError, ValueError, KeyError):
                raise CheckpointError(f"{request.checkpoint} is no checkpoint") from None
            trainer = FakeTrainer(SimpleProjectConfig.from_mapping(told["config"]))
            trainer.training_step, trainer.extras = told["counters"]["training_step"], extras
        else:
            assert request.config is not None
            trainer = FakeTrainer(request.config)
        trainer.step_seconds = self.step_seconds
        self.trainers.append(trainer)
        return trainer

    def restart(self, trainer: FakeTrainer, progress) -> FakeTrainer:
        fresh = FakeTrainer(trainer.config, trainer.dataset)
        fresh.step_seconds = self.step_seconds
        self.trainers.append(fresh)
        return fresh

    def bring_back(self, kept: UndoSnapshot, present: FakeTrainer, progress) -> FakeTrainer:
        trainer = self.open(OpenRun("kept", checkpoint=kept.checkpoint), progress)
        trainer.config, trainer.dataset = kept.config, present.dataset
        kept.check_data(trainer.dataset)
        return trainer

    def summarise(self, trainer: FakeTrainer, name: str, checkpoint: Path | None) -> RunSummary:
        return RunSummary(
            name=name,
            config=trainer.config,
            dataset=trainer.dataset,
            training_step=trainer.training_step,
            total_steps=trainer.total_steps,
            device="CPU, no CUDA device",
            engine="fake",
            engine_reason="nothing to compute",
            memory_bytes=trainer.memory_bytes(),
            diverged=trainer.diverged,
            checkpoint=checkpoint,
            curves=curves_of(trainer.extras),
            colors=colors_of(trainer.extras),
            raised=raised_of(trainer.extras),
        )


def small_config(**changes: object) -> SimpleProjectConfig:
    """A 4x4x4 cube that is quick to draw; `lattice__lattice_steps=3` sets `lattice.lattice_steps`."""
    base = {"lattice.dimensions": (4, 4, 4), "lattice.lattice_steps": 3, "model.state_size": 6}
    base |= {key.replace("__", "."): value for key, value in changes.items()}
    return SimpleProjectConfig().replaced(base)
