"""How many rows each source gives to a mix."""

from __future__ import annotations

from collections.abc import Sequence


def mix_counts(available: Sequence[int], weights: Sequence[float], limit: int | None) -> list[int]:
    """Return the rows taken from each source.

    With weights, the mix keeps their proportions exactly (to one row) and ends where a source would have to repeat.
    Without, everything is taken; under a limit each source gives an equal share, and what a small one lacks is taken
    from the others.

    Args:
        available: rows that each source has.
        weights: share of each source, or empty.
        limit: most rows altogether, None for no limit.
    """
    if weights:
        whole = sum(weights)
        shares = [weight / whole for weight in weights]
        total = min(count / share for count, share in zip(available, shares, strict=True))
        total = total if limit is None else min(total, limit)
        return [min(count, int(total * share + 1e-9)) for count, share in zip(available, shares, strict=True)]
    if limit is None or sum(available) <= limit:
        return list(available)
    counts, left = [0] * len(available), limit
    by_size = sorted(range(len(available)), key=lambda index: available[index])
    for position, index in enumerate(by_size):
        counts[index] = min(available[index], left // (len(by_size) - position))
        left -= counts[index]
    return counts


def most_rows(index: int, weights: Sequence[float], limit: int | None) -> int | None:
    """Return the most rows that a mix can take from source `index`, None for no limit."""
    if limit is None or not weights:
        return limit
    return min(limit, int(limit * weights[index] / sum(weights)) + 1)
