"""Adapters (LoRA and others of peft): a small file of weights for a base model that lies elsewhere."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from lattice.data.teachers.layout import FindFile, Layout, read_settings
from lattice.data.teachers.refusals import listed
from lattice.errors import TeacherError, first_line

ADAPTER = "adapter_config.json"
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
_REPAIR = "or join it to its base with merge_and_unload(), and save the result with save_pretrained()"


class AdapterOnAdapterError(TeacherError):
    """The base of an adapter is an adapter itself."""

    def __init__(self, adapter: str, base: str) -> None:
        """Name both; they may be the same."""
        what = "itself" if base == adapter else "one too"
        super().__init__(
            f"teacher {adapter!r} is an adapter, and its base {base!r} is {what}; "
            f"name a whole model in {ADAPTER}, {_REPAIR}"
        )


def base_of(name: str, layout: Layout, find: FindFile) -> str | None:
    """Return the base model of an adapter, a folder or a name on the hub; None for a model that is no adapter.

    Raises:
        TeacherError: peft is not installed, no base is named, or the adapter lies beside the weights of a model.
    """
    config = find(layout.path(ADAPTER))
    if config is None:
        return None
    if beside := [file for file in _WEIGHTS if find(layout.path(file)) is not None]:
        raise TeacherError(
            f"teacher {name!r} holds an adapter ({ADAPTER}) beside the weights of a model ({beside[0]}), and does not "
            f"say whether they are joined already: keep the adapter in a folder of its own, {_REPAIR}"
        )
    base = read_settings(config).get("base_model_name_or_path")
    if not isinstance(base, str) or not base:
        raise TeacherError(f"teacher {name!r} is an adapter, and its {ADAPTER} names no base model; {_REPAIR[3:]}")
    if importlib.util.find_spec("peft") is None:
        raise TeacherError(f"teacher {name!r} is an adapter, which needs peft: pip install peft, {_REPAIR}")
    beside_it = config.parent / base
    found = beside_it if not Path(base).is_absolute() and beside_it.is_dir() else Path(base)
    return str(found) if found.is_dir() else base


def apply_adapter(name: str, model: Any, folder: Path) -> None:
    """Put the adapter of a folder into its base model.

    Raises:
        TeacherError: it does not fit, or is of a kind that changes more than weights.
    """
    try:
        info = model.load_adapter(str(folder))
    except Exception as error:  # peft and transformers raise many types
        raise TeacherError(
            f"teacher {name!r}: its adapter can't be put into {type(model).__name__}: {first_line(error)}; "
            f"{_REPAIR[3:]}"
        ) from error
    if wrong := [*info.missing_keys, *info.unexpected_keys, *info.mismatched_keys]:
        raise TeacherError(
            f"teacher {name!r}: {len(wrong)} weights of its adapter do not fit its base {type(model).__name__}: "
            f"{listed(map(str, wrong))}; name the right base in {ADAPTER}, {_REPAIR}"
        )
