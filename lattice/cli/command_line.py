"""A run as the command line that begins it: the inverse of reading the options."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lattice.config import SimpleProjectConfig, edit_cost, flat_settings, preset_names
from lattice.config.assignment import parse_assignment
from lattice.config.keys import setting_fields
from lattice.errors import ConfigError
from lattice.runs.peek import stored_config

PROGRAM = ("python", "main.py")
_DATA = "training_embedding.data"


def command_line(config: SimpleProjectConfig, *, checkpoint: Path | None = None, plugins: Iterable[str] = ()) -> str:
    """Return a line for a POSIX shell that opens a run with these settings: `python main.py --preset wave ...`.

    Args:
        config: settings of the run.
        checkpoint: file that the run goes on from; None begins with the preset that differs least.
        plugins: files and modules to load first.

    Raises:
        ConfigError: the checkpoint can't be read, or a setting can't be said on a command line.
    """
    parts = [*PROGRAM]
    for plugin in plugins:
        parts += ["--plugin", plugin]
    if checkpoint is not None:
        stored = stored_config(checkpoint)
        if stored is None:
            raise ConfigError(f"{checkpoint} can't be read as a checkpoint: save the run again")
        changes = _changes(stored, config)
        parts += ["--resume", str(checkpoint)]
        if edit_cost(stored.changes_to(config)) == "rebuild":
            parts.append("--restart-student")
    else:
        preset, changes = min(
            ((name, _changes(SimpleProjectConfig.from_preset(name), config)) for name in preset_names()),
            key=lambda pair: len(pair[1]),
        )
        parts += ["--preset", preset]
    if changes.get(_DATA) is not None:
        parts += ["--data", str(changes.pop(_DATA))]
    for key, value in changes.items():
        parts += ["--set", assignment(key, value)]
    return shlex.join(parts)


def assignment(key: str, value: Any) -> str:
    """Return `section.key=value` as `parse_assignment` reads it back.

    Raises:
        ConfigError: nothing that can be written there gives this value.
    """
    plain = _plain(value)
    for text in _texts(value):
        candidate = f"{key}={text}"
        read = parse_assignment(candidate, SimpleProjectConfig)[1]
        if type(read) is type(plain) and read == plain:
            return candidate
    raise ConfigError(f"the setting {key} can't be said on a command line, it is {value!r}: save the settings instead")


def _changes(base: SimpleProjectConfig, config: SimpleProjectConfig) -> dict[str, Any]:
    """Return the settings of a config that are others in its base, or that only it has and that are no defaults."""
    before, defaults = dict(flat_settings(base)), _defaults()
    return {
        key: value
        for key, value in flat_settings(config)
        if value != before.get(key, defaults.get(key)) and not key.startswith("logging.")
    }


def _defaults() -> Mapping[str, Any]:
    return {key: field.get_default(call_default_factory=True) for key, field in setting_fields(SimpleProjectConfig)}


def _plain(value: Any) -> Any:
    """Return a value as a command line can hold it: lists in place of tuples, texts in place of paths."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _texts(value: Any) -> list[str]:
    """Return the ways to write a value, the shortest first."""
    value = _plain(value)
    if value is None:
        return ["none"]
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, str):
        return [value, _quoted(value)]
    if isinstance(value, list):
        items = [_texts(item) for item in value]
        return [",".join(texts[0] for texts in items), f"[{', '.join(texts[-1] for texts in items)}]"]
    return [repr(value)]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
