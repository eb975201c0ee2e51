"""How the vectors of a text's tokens become one embedding.

Shapes: B texts, L tokens, D width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lattice.config.teacher import Pooling
from lattice.errors import TeacherError
from lattice.parsing import parse_json

MODES = ("mean", "cls", "max")

FindFile = Callable[[str], Path | None]
"""Finds a file of the teacher by its name inside the teacher's folder."""


@dataclass(frozen=True)
class PoolingChoice:
    """The pooling in use, and what the teacher's own files say about its use."""

    mode: str
    """One of `MODES`."""
    max_length: int | None
    """Tokens after which the model's makers cut, None if they do not say."""


def choose_pooling(name: str, wanted: Pooling, find: FindFile) -> PoolingChoice:
    """Return the pooling of a teacher; `auto` follows the files of sentence-transformers, else takes the mean.

    Raises:
        TeacherError: the model's own pooling is one that is not known here.
    """
    max_length = _read(find("sentence_bert_config.json")).get("max_seq_length")
    own_length = max_length if isinstance(max_length, int) and max_length > 1 else None
    if wanted != "auto":
        return PoolingChoice(wanted, own_length)
    modules = _read(find("modules.json")).get("list", [])
    kinds = [str(module.get("type", "")).rpartition(".")[2] for module in modules if isinstance(module, dict)]
    unknown = [kind for kind in kinds if kind not in {"Transformer", "Pooling", "Normalize"}]
    if unknown:
        raise TeacherError(
            f"teacher {name!r} ends in the layers {', '.join(unknown)}, which are not supported; "
            "set teacher.pooling to 'mean' or 'cls' to use its tokens' vectors alone"
        )
    settings = _read(find("1_Pooling/config.json"))
    return PoolingChoice(_mode(name, settings), own_length)


def _mode(name: str, settings: dict[str, Any]) -> str:
    by_flag = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls", "pooling_mode_max_tokens": "max"}
    used = [key for key, value in settings.items() if key.startswith("pooling_mode_") and value is True]
    named = settings.get("pooling_mode")
    modes = [by_flag.get(key, key) for key in used] or ([named] if isinstance(named, str) else [])
    if not modes:
        return "mean"
    if len(modes) > 1 or modes[0] not in MODES:
        raise TeacherError(
            f"teacher {name!r} pools by {' and '.join(modes)}, which is not supported; "
            "set teacher.pooling to 'mean', 'cls' or 'max'"
        )
    return modes[0]


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        values = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TeacherError(f"the teacher's file {path} can't be read ({error}); get the model again") from None
    return values if isinstance(values, dict) else {"list": values}


def pool(hidden_BLD: Tensor, mask_BL: Tensor, mode: str, *, normalize: bool) -> Tensor:
    """Return one embedding per text, float32 [B, D].

    Args:
        hidden_BLD: last hidden states.
        mask_BL: 1 for tokens of the text, 0 for padding; every text has at least one token.
        mode: one of `MODES`.
        normalize: scale to length 1.
    """
    if mode == "cls":
        pooled = hidden_BLD[:, 0].float()
    elif mode == "max":
        pooled = hidden_BLD.float().masked_fill(mask_BL.unsqueeze(-1) == 0, -torch.inf).amax(dim=1)
    else:
        weights = mask_BL.to(hidden_BLD.dtype)
        summed = torch.bmm(weights.unsqueeze(1), hidden_BLD).squeeze(1).float()
        pooled = summed / mask_BL.sum(dim=1, keepdim=True).clamp(min=1)
    return torch.nn.functional.normalize(pooled, dim=1) if normalize else pooled
