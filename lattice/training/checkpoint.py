"""Checkpoints: one safetensors file of tensors plus JSON metadata. No pickle is ever read or written."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from lattice.atomic import atomic_path
from lattice.config import SimpleProjectConfig
from lattice.errors import CheckpointError, ConfigError
from lattice.formats import CHECKPOINT_NOTE
from lattice.model.rules.build import rule_class
from lattice.version import __version__

FORMAT = "cellcube-checkpoint"
FORMAT_VERSION = 1

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

    def group(self, prefix: str) -> dict[str, Tensor]:
        """Return the tensors whose names start with `prefix.`, without it."""
        start = prefix + "."
        return {name.removeprefix(start): value for name, value in self.tensors.items() if name.startswith(start)}


def versions() -> dict[str, str]:
    """Return the versions that a run depends on."""
    return {"cellcube": __version__, "torch": str(torch.__version__), "python": platform.python_version()}


def write_checkpoint(path: Path, tensors: dict[str, Tensor], metadata: dict[str, Any]) -> None:
    """Write a checkpoint whole or not at all; raise `CheckpointError` if it can't be written."""
    header = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "versions": versions(),
        **metadata,
    }
    stored = {name: value.detach().contiguous() for name, value in tensors.items()}
    try:
        with atomic_path(Path(path)) as temporary:
            safetensors.torch.save_file(stored, temporary, metadata={CHECKPOINT_NOTE: json.dumps(header)})
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(
            f"can't write the checkpoint {path}: {error}; choose another folder or free some space"
        ) from error


def read_checkpoint(path: Path) -> Checkpoint:
    """Read and validate a checkpoint; raise `CheckpointError` that says what is wrong with which file."""
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint at {path}")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (OSError, safetensors.SafetensorError, ValueError) as error:
        raise CheckpointError(
            f"{path} is not a readable safetensors file ({error}): it may be cut short, or be something else"
        ) from error
    header = _header(path, metadata)
    try:
        # The log is a matter of the machine: a stranger's file must not open or write one here.
        values = {section: settings for section, settings in header["config"].items() if section != "logging"}
        config = SimpleProjectConfig.from_mapping(values, source=str(path))
        _check_rule(path, header, config)
        counters = {str(name): int(value) for name, value in header["counters"].items()}
        dataset, run_id = dict(header["dataset"]), str(header.get("run_id", ""))
        return Checkpoint(path, config, counters, int(header["width"]), dataset, tensors, run_id)
    except ConfigError as error:
        raise CheckpointError(
            f"the configuration stored in the checkpoint is not valid: {error}{_plugins_hint(header)}"
        ) from error
    except (AttributeError, TypeError, ValueError) as error:
        raise CheckpointError(f"the metadata of {path} is damaged: {error}") from error


def _check_rule(path: Path, header: dict[str, Any], config: SimpleProjectConfig) -> None:
    """Raise `CheckpointError` unless the weights are of the version of the cell rule that is computed here."""
    stored, present = header.get("rule_version", 1), rule_class(config).version
    if stored != present:
        raise CheckpointError(
            f"{path} holds weights of version {stored} of the cell rule '{config.model.rule}', and what is loaded here "
            f"computes version {present}, in which the same weights would mean something else: train again from the "
            "same configuration, or open it with the version that wrote it"
        )


def _plugins_hint(header: dict[str, Any]) -> str:
    """Return which plugins a run was saved with, to say where its settings are not valid; code is never loaded here."""
    plugins = header.get("plugins")
    if not isinstance(plugins, dict) or not plugins:
        return ""
    parts = (f"the {what} came from the plugin {plugin}" for what, plugin in plugins.items())
    return f" When it was saved, {', '.join(parts)}."


def _header(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    try:
        header = json.loads(metadata[CHECKPOINT_NOTE])
    except (KeyError, json.JSONDecodeError):
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise CheckpointError(f"{path} is a safetensors file, but no Cellcube checkpoint")
    version = header.get("format_version")
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has checkpoint format {version}, but this version of Cellcube reads {FORMAT_VERSION}: "
            "open it with the version that wrote it"
        )
    missing = [key for key in _REQUIRED if key not in header]
    if missing:
        raise CheckpointError(f"the metadata of {path} is damaged: {', '.join(missing)} is missing")
    return header


def load_into(module: torch.nn.Module, stored: dict[str, Tensor], path: Path, what: str) -> None:
    """Copy tensors into a module; raise `CheckpointError` naming the first one that does not fit."""
    wanted = module.state_dict()
    for name, value in wanted.items():
        if name not in stored:
            raise CheckpointError(f"{path} lacks the {what} tensor {name!r}")
        if stored[name].shape != value.shape:
            raise CheckpointError(
                f"{path}: the {what} tensor {name!r} has shape {tuple(stored[name].shape)}, "
                f"expected {tuple(value.shape)}"
            )
    extra = sorted(set(stored) - set(wanted))
    if extra:
        raise CheckpointError(f"{path} holds an unknown {what} tensor {extra[0]!r}")
    module.load_state_dict(stored)


def optimizer_tensors(optimizer: torch.optim.Optimizer, module: torch.nn.Module) -> dict[str, Tensor]:
    """Return the optimizer's state as named tensors, `<parameter>/<state>`; empty before the first update."""
    tensors = {}
    for name, parameter in module.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}/{key}"] = value
    return tensors


def load_optimizer(
    optimizer: torch.optim.Optimizer, module: torch.nn.Module, stored: dict[str, Tensor], path: Path
) -> None:
    """Put named tensors back as the optimizer's state; raise `CheckpointError` if one does not fit."""
    parameters = dict(module.named_parameters())
    for full, value in stored.items():
        name, _, key = full.rpartition("/")
        parameter = parameters.get(name)
        if parameter is None:
            raise CheckpointError(f"{path} holds optimizer state of an unknown parameter {name!r}")
        if key != "step" and value.shape != parameter.shape:
            raise CheckpointError(
                f"{path}: the optimizer state {full!r} has shape {tuple(value.shape)}, "
                f"expected {tuple(parameter.shape)}"
            )
        optimizer.state[parameter][key] = value.to(parameter.device).clone()
