"""Checkpoints: one safetensors file of tensors plus JSON metadata. No pickle is ever read or written."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.numpy
import safetensors.torch
import torch
from torch import Tensor

from lattice.atomic import atomic_path
from lattice.config import SimpleProjectConfig
from lattice.errors import CheckpointError, ConfigError, first_line
from lattice.formats import CHECKPOINT_NOTE, read_tensors_header
from lattice.limits import SHOWN_FAULTS
from lattice.model.rules.build import rule_class
from lattice.parsing import ParseError, parse_json
from lattice.regular_files import open_unbuffered, reason
from lattice.runs.peek import read_sessions
from lattice.training.checkpoint_checks import (
    check_optimizer,
    check_tensors,
    checked_counters,
    checked_dataset,
    checked_width,
    damaged,
    shown,
)
from lattice.training.checksums import check_sums, checksums_of
from lattice.training.divergence import DivergenceWatch
from lattice.training.resume_proof import ResumeProof
from lattice.version import __version__

FORMAT = "cellcube-checkpoint"
FORMAT_VERSION = 1

SHOWN_WORDS = 160
"""Characters of another library's message that are shown."""
_REQUIRED = ("config", "counters", "width", "dataset")


@dataclass(frozen=True)
class Checkpoint:
    """The contents of a checkpoint file, validated but not yet put into a student."""

    path: Path
    config: SimpleProjectConfig
    counters: dict[str, int]
    """`training_step`, `schedule_start`, `epoch`, `offset`; empty in an export."""
    width: int
    dataset: dict[str, str]
    """`source` and `fingerprint`."""
    tensors: dict[str, Tensor]
    run_id: str = ""
    """Of the run, the same over all its sessions; empty in files of an older version."""
    sessions: tuple[tuple[str, int], ...] = ()
    """Id and first training step of each session that led to it; empty in files of an older version."""
    optimizer_parameters: int | None = None
    """How many parameters had a state in the optimizer; None in files from before this was noted."""
    resume_proof: ResumeProof | None = None
    """What the last proof of resume found before the file was written."""
    divergence: DivergenceWatch = field(default_factory=DivergenceWatch)
    """What the total loss is compared with; a new one in files from before this was noted."""

    def group(self, prefix: str) -> dict[str, Tensor]:
        """Return the tensors whose names start with `prefix.`, without it."""
        start = prefix + "."
        return {name.removeprefix(start): value for name, value in self.tensors.items() if name.startswith(start)}

    @property
    def extras(self) -> dict[str, Tensor]:
        """What travels with the run beside its own state, such as curves: copies, which need the file no longer."""
        return {name: value.clone() for name, value in self.group("extra").items()}


def versions() -> dict[str, str]:
    """Return the versions that a run depends on."""
    return {"cellcube": __version__, "torch": str(torch.__version__), "python": platform.python_version()}


def write_checkpoint(path: Path, tensors: dict[str, Tensor], metadata: dict[str, Any]) -> None:
    """Write a checkpoint whole or not at all; raise `CheckpointError` if it can't be written."""
    stored = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    header = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "versions": versions(),
        "checksums": checksums_of(stored),
        **metadata,
    }
    try:
        with atomic_path(Path(path)) as temporary:
            _write_tensors(stored, temporary, {CHECKPOINT_NOTE: json.dumps(header)})
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(
            f"can't write the checkpoint {path}: {error}; choose another folder or free some space"
        ) from error


def _write_tensors(stored: dict[str, Tensor], path: Path, notes: dict[str, str]) -> None:
    """Write tensors by way of NumPy where it knows their types.

    safetensors' own way for torch makes two ctypes types for every new length of a tensor, which live as long as the
    process; the curves have other lengths in every autosave.
    """
    if any(value.dtype == torch.bfloat16 for value in stored.values()):
        safetensors.torch.save_file(stored, path, metadata=notes)
    else:
        safetensors.numpy.save_file({name: value.numpy() for name, value in stored.items()}, path, notes)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read and validate a checkpoint; raise `CheckpointError` that says what is wrong with which file."""
    path = Path(path)
    _check_readable(path)
    try:
        read_tensors_header(path, whole=True)
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except Exception as error:  # types that torch does not know are refused in many ways
        raise CheckpointError(f"{path} is not a readable safetensors file: {first_line(error)}") from error
    header = _header(path, metadata)
    try:
        config = SimpleProjectConfig.from_mapping(_settings(path, header), source=str(path))
    except ConfigError as error:
        raise CheckpointError(
            f"the configuration stored in the checkpoint is not valid: {error}{_plugins_hint(header)}"
        ) from error
    _check_rule(path, header, config)
    check_sums(path, tensors, header.get("checksums"))
    return Checkpoint(
        path=path,
        config=config,
        counters=checked_counters(path, header["counters"]),
        width=checked_width(path, header["width"]),
        dataset=checked_dataset(path, header["dataset"]),
        tensors=tensors,
        run_id=str(header.get("run_id", ""))[:SHOWN_WORDS],
        sessions=read_sessions(header.get("sessions")),
        optimizer_parameters=_count(path, header.get("optimizer_parameters")),
        resume_proof=ResumeProof.from_note(header.get("resume_proof")),
        divergence=DivergenceWatch.from_note(header.get("divergence")),
    )


def _check_readable(path: Path) -> None:
    """Raise `CheckpointError` unless there is a file at `path` that this user may read."""
    try:
        open_unbuffered(path).close()
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}") from None
    except OSError as error:
        raise CheckpointError(f"the checkpoint {path} can't be read: {reason(error)}") from None


def _count(path: Path, number: Any) -> int | None:
    return None if number is None else checked_counters(path, {"optimizer_parameters": number})["optimizer_parameters"]


def _settings(path: Path, header: dict[str, Any]) -> dict[str, Any]:
    """Return the stored settings but the log's: a stranger's file must not open or write a log here."""
    config = header["config"]
    if not isinstance(config, dict):
        raise damaged(path, f"its configuration is {shown(config)}, expected sections by name")
    training = config.get("training_embedding")
    if isinstance(training, dict) and training.get("damage") and "damaged_cells" not in training:
        # A run of before there was a choice: all cells between the faces were damaged.
        config = {**config, "training_embedding": {**training, "damaged_cells": "between"}}
    return {section: settings for section, settings in config.items() if section != "logging"}


def _check_rule(path: Path, header: dict[str, Any], config: SimpleProjectConfig) -> None:
    """Raise `CheckpointError` unless the weights are of the version of the cell rule that is computed here."""
    stored, present = header.get("rule_version", 1), rule_class(config).version
    if stored != present:
        raise CheckpointError(
            f"{path} holds weights of version {shown(stored)} of the cell rule '{config.model.rule}', and what is "
            f"loaded here computes version {present}, in which the same weights would mean something else: train again "
            "from the same configuration, or open it with the version that wrote it"
        )


def _plugins_hint(header: dict[str, Any]) -> str:
    """Return which plugins a run was saved with, to say where its settings are not valid; code is never loaded here."""
    plugins = header.get("plugins")
    if not isinstance(plugins, dict) or not plugins:
        return ""
    parts = [f"the {_words(what)} came from the plugin {_words(plugin)}" for what, plugin in plugins.items()]
    return f" When it was saved, {', '.join(parts[:SHOWN_FAULTS])}."


def _words(value: object) -> str:
    """Return text out of a file for a message: in one line, its end kept where it is long, as a path's matters."""
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN_WORDS else f"...{text[-SHOWN_WORDS:]}"


def _header(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    try:
        header = parse_json(metadata[CHECKPOINT_NOTE])
    except (KeyError, ParseError):
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise CheckpointError(f"{path} is a safetensors file, but no Cellcube checkpoint")
    version = header.get("format_version")
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has checkpoint format {shown(version)}, but this version of Cellcube reads {FORMAT_VERSION}: "
            "open it with the version that wrote it"
        )
    missing = [key for key in _REQUIRED if key not in header]
    if missing:
        raise CheckpointError(f"the metadata of {path} is damaged: {', '.join(missing)} is missing")
    return header


def load_into(module: torch.nn.Module, stored: dict[str, Tensor], path: Path, what: str) -> None:
    """Copy tensors into a module; raise `CheckpointError` naming the first one that does not fit."""
    check_tensors(module.state_dict(), stored, path, what)
    module.load_state_dict(stored)


def optimizer_tensors(optimizer: torch.optim.Optimizer, module: torch.nn.Module) -> dict[str, Tensor]:
    """Return the optimizer's state as named tensors, `<parameter>/<state>`; empty before the first update."""
    tensors = {}
    for name, parameter in module.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}/{key}"] = value
    return tensors


def load_optimizer(
    optimizer: torch.optim.Optimizer, module: torch.nn.Module, stored: dict[str, Tensor], path: Path, *, updates: int
) -> None:
    """Put named tensors back as the optimizer's state; raise `CheckpointError` as `check_optimizer` does."""
    parameters = dict(module.named_parameters())
    check_optimizer(parameters, stored, path, updates=updates)
    for full, value in stored.items():
        name, _, key = full.rpartition("/")
        parameter = parameters[name]
        # A copy: the file's own tensors are mapped, and a file that is cut off later would end the program.
        optimizer.state[parameter][key] = value.to(parameter.device, torch.float32, copy=True)
