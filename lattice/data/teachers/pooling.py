"""How the vectors of a text's tokens become one embedding; the modes are those of sentence-transformers.

Shapes: B texts, L tokens, D width, M modes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lattice.errors import TeacherError

MODES = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
"""In the order in which several of them follow each other in an embedding."""
_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}


def modes_of(name: str, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the modes that a Pooling module's settings name, in the old or the new form; the mean if none.

    Raises:
        TeacherError: one of them is not known.
    """
    named = settings.get("pooling_mode")
    if named is None:
        found = [key for key, value in settings.items() if key.startswith("pooling_mode_") and value is True]
        modes = sorted((_FLAGS.get(key, key) for key in found), key=lambda mode: (*MODES, mode).index(mode))
    else:
        modes = [named] if isinstance(named, str) else [str(mode) for mode in named]
    if unknown := [mode for mode in modes if mode not in MODES]:
        raise TeacherError(
            f"teacher {name!r} pools by {' and '.join(unknown)}, which is not known; "
            f"set teacher.pooling to one of {', '.join(MODES)}"
        )
    return tuple(modes) or ("mean",)


def pool(hidden_BLD: Tensor, mask_BL: Tensor, modes: Sequence[str], skipped: int = 0) -> Tensor:
    """Return one embedding per text, float32 [B, M * D].

    Args:
        hidden_BLD: last hidden states, padded on the right.
        mask_BL: 1 for tokens of the text, 0 for padding. A text without tokens becomes zeros.
        modes: some of `MODES`, whose results are joined.
        skipped: tokens at the start, such as a prompt's, that are left out.
    """
    empty_B1 = mask_BL.sum(dim=1, keepdim=True) == 0
    positions_L = torch.arange(mask_BL.shape[1], device=mask_BL.device)
    kept_BL = mask_BL * (positions_L >= skipped) if skipped else mask_BL
    parts = [_pool_one(hidden_BLD, kept_BL, positions_L, mode) for mode in modes]
    return torch.cat(parts, dim=1).masked_fill(empty_B1, 0.0)


def _pool_one(hidden_BLD: Tensor, mask_BL: Tensor, positions_L: Tensor, mode: str) -> Tensor:
    if mode == "cls":
        return _row(hidden_BLD, mask_BL.argmax(dim=1))
    if mode == "lasttoken":
        return _row(hidden_BLD, (positions_L * mask_BL).amax(dim=1))
    if mode == "max":
        return hidden_BLD.float().masked_fill(mask_BL.unsqueeze(-1) == 0, -torch.inf).amax(dim=1)
    counts_B1 = mask_BL.sum(dim=1, keepdim=True).clamp(min=1)
    if mode == "weightedmean":
        weights_BL = (mask_BL * (positions_L + 1)).float()
        summed = torch.bmm(weights_BL.unsqueeze(1), hidden_BLD.float()).squeeze(1)
        return summed / weights_BL.sum(dim=1, keepdim=True).clamp(min=1)
    summed = torch.bmm(mask_BL.to(hidden_BLD.dtype).unsqueeze(1), hidden_BLD).squeeze(1).float()
    return summed / (counts_B1 if mode == "mean" else counts_B1.sqrt())


def _row(hidden_BLD: Tensor, index_B: Tensor) -> Tensor:
    return hidden_BLD[torch.arange(len(index_B), device=index_B.device), index_B].float()
