"""What is known of a sample, in words: its side of the split, its texts, its cosine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lattice.units import score_text

if TYPE_CHECKING:
    from app.session.sample_scores import SampleScores
    from lattice.data.dataset import EmbeddingDataset

HELD_OUT = "held out"
"""Marks the samples that make the validation scores."""


def held_out_mask(dataset: EmbeddingDataset) -> NDArray[np.bool_]:
    """Return for every sample whether it is held out."""
    mask = np.zeros(len(dataset), dtype=bool)
    mask[dataset.validation_indices.cpu().numpy()] = True
    return mask


def side_text(held_out: bool) -> str:
    """Return in words on which side of the split a sample is."""
    return f"{HELD_OUT}: never trained on" if held_out else "trained on"


def score_lines(scores: SampleScores | None, sample: int) -> list[str]:
    """Return what is known of a sample's cosine as a line, or no line."""
    if scores is None or np.isnan(scores.cosines_N[sample]):
        return []
    outdated = scores.outdated_of(sample)
    at = f" ({outdated})" if outdated else ""
    return [f"cosine of the student: {score_text(float(scores.cosines_N[sample]))}{at}"]


def sample_details(dataset: EmbeddingDataset, sample: int) -> str:
    """Return everything in words that is known about a sample."""
    lines = [dataset.text(sample)]
    if dataset.partner_texts is not None:
        lines.append(f"partner: {dataset.partner_texts[sample]}")
    if dataset.categories is not None:
        lines.append(f"category: {dataset.categories[sample]}")
    lines.append(f"sample {sample + 1:,} of {len(dataset):,}")
    return "\n".join(lines)
