"""A sample of the data map in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.data.sample_words import score_lines, side_text
from app.widgets.labels import one_line

if TYPE_CHECKING:
    from app.session.sample_scores import SampleScores
    from lattice.data.dataset import EmbeddingDataset

MOST_LETTERS = 140
"""Of a sample's text in a tooltip."""


def sample_words(dataset: EmbeddingDataset, sample: int, scores: SampleScores | None, held_out: bool) -> str:
    """Return a sample's text, shortened, its category, its number and what is known of it, line by line.

    Args:
        dataset: it is of.
        sample: its index.
        scores: what is known of the cosines of that data.
        held_out: its side of the split.
    """
    text = one_line(dataset.text(sample))
    lines = [text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 3] + "..."]
    if dataset.categories is not None and dataset.categories[sample]:
        lines.append(f"category: {dataset.categories[sample]}")
    lines.append(f"sample {sample + 1:,} of {len(dataset):,}, {side_text(held_out)}")
    return "\n".join(lines + score_lines(scores, sample))
