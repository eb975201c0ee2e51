"""The configuration that the arguments describe, and what they change about a stored one."""

from __future__ import annotations

import argparse

from lattice.cli.arguments import DEFAULT_PRESET
from lattice.config import SimpleProjectConfig, Wishes
from lattice.errors import ConfigError


def assignments(arguments: argparse.Namespace) -> list[str]:
    """Return the `section.key=value` texts that the options amount to; `--set` comes last and wins."""
    short = {
        "training_embedding.training_steps": arguments.training_steps,
        "training_embedding.seed": arguments.seed,
        "training_embedding.max_total_samples": arguments.max_total_samples,
        "device.policy": arguments.device,
        "teacher.truncate_dim": arguments.truncate_dim,
    }
    texts = [f"{key}={value}" for key, value in short.items() if value is not None]
    return texts + list(arguments.settings)


def _names(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the settings whose texts must be taken as they are, whatever they look like in TOML."""
    pair = arguments.pair_columns
    named = {
        "training_embedding.data": arguments.data,
        "teacher.model": arguments.teacher,
        "teacher.prompt": arguments.prompt,
        "data.text_column": arguments.text_column,
        "data.vector_column": arguments.vector_column,
        "data.label_column": arguments.label_column,
        "data.table": arguments.table,
        "data.pair_columns": None if pair is None else list(pair),
    }
    return {key: value for key, value in named.items() if value is not None}


def wishes_from(arguments: argparse.Namespace) -> Wishes:
    """Return what the options change about a configuration, be it a preset's, a file's or a checkpoint's.

    Raises:
        ConfigError: the options name another configuration beside that of `--resume`.
    """
    if arguments.resume is not None and arguments.weights is not None:
        raise ConfigError("--resume goes on with a run, and --weights begins a new one: leave one of them out")
    if arguments.resume is not None and (arguments.preset is not None or arguments.config is not None):
        raise ConfigError("--resume brings its own configuration: leave --preset and --config out, use --set")
    if arguments.resume is None and arguments.restart_student:
        raise ConfigError("--restart-student says what --resume may do: name a checkpoint with --resume FILE")
    return Wishes(_names(arguments), tuple(assignments(arguments)))


def config_from(arguments: argparse.Namespace) -> SimpleProjectConfig:
    """Return the configuration that the options describe."""
    if arguments.config is not None:
        base = SimpleProjectConfig.from_toml(arguments.config)
    else:
        base = SimpleProjectConfig.from_preset(arguments.preset or DEFAULT_PRESET)
    return wishes_from(arguments).on(base)
