"""Proves that a run resumes: it goes on here and, from a save, in another process; the bits must be the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import safetensors.torch
import torch
from torch import Tensor

from lattice.errors import ConfigError, ResumeProofError
from lattice.plugin_loading import loaded_plugins
from lattice.progress import Progress, no_progress
from lattice.training.aside import aside
from lattice.training.checkpoint import versions
from lattice.training.resume_proof import ResumeProof
from lattice.training.saving import run_tensors, save_run

if TYPE_CHECKING:
    from lattice.training.loop import TrainingLoop

POLL_SECONDS = 0.05
CHILD = "lattice.training.proof_process"
_STAGE = "Proving that the run resumes"


def prove_resume(run: TrainingLoop, steps: int, progress: Progress = no_progress) -> ResumeProof:
    """Do `steps` training steps here and in another process that resumes from a save; compare every bit.

    The run itself is afterwards as it was before, bit for bit, also after an error or a cancel. The other process
    reads the data again, loads the same plugins, and uses as many threads.

    Args:
        run: the run; nothing else may use it meanwhile, `progress` included.
        steps: K, at least 1.
        progress: told of every training step, here and there; may cancel.

    Raises:
        ConfigError: `steps` is below 1.
        CheckpointError: the save failed.
        ResumeProofError: going on from it in the other process failed; says why.
        NonFiniteError: a loss or gradient on the way was not finite.
        Cancelled: from `progress`.
    """
    if steps < 1:
        raise ConfigError(f"the proof of resume needs at least 1 training step, got {steps}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="cellcube-proof-") as name:
        folder = Path(name)
        progress(_STAGE, 0, 2 * steps)
        save_run(run, folder / "start.safetensors")
        losses: list[dict[str, float]] = []
        with aside(run):
            for done in range(steps):
                losses.append(run.step().losses)
                progress(_STAGE, done + 1, 2 * steps)
            here = {key: value.detach().to("cpu", copy=True) for key, value in run_tensors(run).items()}
        _go_on_there(run, folder, steps, progress)
        there_losses = [json.loads(line) for line in (folder / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
        there = safetensors.torch.load_file(folder / "end.safetensors")
        difference = first_difference(losses, there_losses, here, there)
    return ResumeProof(
        training_step=run.training_step,
        steps=steps,
        equal=not difference,
        difference=difference,
        tensors=len(here),
        seconds=time.monotonic() - began,
        device=_device_name(run.device),
        versions=versions(),
    )


def first_difference(
    losses: list[dict[str, float]],
    losses_there: list[dict[str, float]],
    here: dict[str, Tensor],
    there: dict[str, Tensor],
) -> str:
    """Return the first loss, in the order of the training steps, or tensor, by name, that differs; empty if none."""
    for number, (parts, parts_there) in enumerate(zip(losses, losses_there, strict=True), start=1):
        for name, value in parts.items():
            if value != (found := parts_there.get(name)):
                return f"the loss '{name}' of training step {number} is {found!r} in place of {value!r}"
    for name in sorted(here.keys() | there.keys()):
        if name not in here or name not in there:
            return f"the tensor {name} is only {'here' if name in here else 'there'}"
        mine, other = here[name], there[name]
        if mine.shape != other.shape or mine.dtype != other.dtype:
            return f"{name} is {other.dtype} {list(other.shape)} in place of {mine.dtype} {list(mine.shape)}"
        if not torch.equal(_bits(mine), _bits(other)):
            largest = float((mine.double() - other.double()).abs().max())
            return f"the tensor {name} differs by up to {largest:.3g}"
    return ""


def _bits(tensor: Tensor) -> Tensor:
    """Return a tensor's bytes, so that 0 and -0 differ and NaN equals itself."""
    return tensor.contiguous().reshape(-1).view(torch.uint8)


def _go_on_there(run: TrainingLoop, folder: Path, steps: int, progress: Progress) -> None:
    """Let another process go on from the save, in `folder`; `progress` may cancel, which ends that process."""
    request = {
        "steps": steps,
        "threads": torch.get_num_threads(),
        "plugins": [(plugin.name, plugin.setup) for plugin in loaded_plugins()],
        "policy": run.config.device.policy,
    }
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    package = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    told = folder / "steps.jsonl"
    with (folder / "errors.txt").open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", CHILD, str(folder)],
            env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
        )
        try:
            while child.poll() is None:
                done = told.read_bytes().count(b"\n") if told.exists() else 0
                progress(_STAGE, steps + done, 2 * steps)
                time.sleep(POLL_SECONDS)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
    if child.returncode != 0:
        lines = (folder / "errors.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        why = lines[-1] if lines else f"it ended with code {child.returncode}"
        raise ResumeProofError(f"the other process can't go on from a save of this run: {why}")


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
