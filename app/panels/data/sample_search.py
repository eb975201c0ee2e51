"""Which samples a search finds: those whose text, category or number holds every word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset


def matching(
    dataset: EmbeddingDataset, block: Sequence[int], words: Sequence[str], allowed: NDArray[np.bool_] | None
) -> Iterable[int]:
    """Yield the samples of a block that hold all words; a block without one of them is passed over as one text.

    Args:
        dataset: whose samples they are.
        block: indices of samples; a `range` is read fastest.
        words: in lower case, as `str.casefold` makes it.
        allowed: for each sample of the data whether it may be found; None: all may.
    """
    parts = [[dataset.text(sample) for sample in block]] if dataset.texts is None else []
    for column in (dataset.texts, dataset.categories):
        if column is not None:
            part = column[block.start : block.stop] if isinstance(block, range) else map(column.__getitem__, block)
            parts.append(list(part))
    whole = "\n".join("\n".join(part) for part in parts).casefold()
    numbers = {word: number for word in words if (number := _number(word, len(dataset))) - 1 in block}
    if any(word not in whole and word not in numbers for word in words):
        return
    for offset, sample in enumerate(block):
        if allowed is not None and not allowed[sample]:
            continue
        text = "\n".join(part[offset] for part in parts).casefold()
        if all(word in text or numbers.get(word) == sample + 1 for word in words):
            yield sample


def _number(word: str, most: int) -> int:
    """Return the sample's number that a word is, as `707`, `#707` or `1,707`; 0 if it is none up to `most`."""
    digits = word.removeprefix("#").replace(",", "")
    # Python turns no text of thousands of digits into a number.
    return int(digits) if len(digits) <= len(str(most)) and digits.isdecimal() else 0
