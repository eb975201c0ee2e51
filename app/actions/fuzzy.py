"""How well a few typed letters fit a text."""

from __future__ import annotations

_START, _INSIDE = 3.0, 2.0
"""Worth of a letter in a part that begins a word, and in one that lies within words."""
_GAP = 0.12
"""Loss for each letter that is skipped between letters that fit one by one."""


def fit(query: str, text: str) -> float | None:
    """Return how well a text fits what was typed: more is better, None if it does not.

    Every word of the query must be in the text, as a part of it or, letter by letter, in order. An empty query fits
    everything alike.

    Args:
        query: words in any case and order, each of which may be cut short: `sl x` fits `Slice: From the near X side`.
        text: what is searched.
    """
    low, total = text.lower(), 0.0
    for word in query.lower().split():
        worth = _word_fit(word, low)
        if worth is None:
            return None
        total += worth
    return total - 0.001 * len(text) if query.strip() else 0.0


def _word_fit(word: str, text: str) -> float | None:
    starts = [at for at in _places(word, text) if at == 0 or not text[at - 1].isalnum()]
    if starts:
        return _START * len(word) - 0.01 * starts[0]
    inside = text.find(word)
    if inside >= 0:
        return _INSIDE * len(word) - 0.01 * inside
    return _scattered(word, text)


def _places(word: str, text: str) -> list[int]:
    return [at for at in range(len(text) - len(word) + 1) if text.startswith(word, at)]


def _scattered(word: str, text: str) -> float | None:
    """Return what letters are worth that are in the text in order, but apart; the first must begin a word."""
    best: float | None = None
    for start in (at for at in _places(word[0], text) if at == 0 or not text[at - 1].isalnum()):
        at, skipped = start, 0
        for letter in word[1:]:
            found = text.find(letter, at + 1)
            if found < 0:
                break
            skipped += found - at - 1
            at = found
        else:
            worth = len(word) - _GAP * skipped
            best = worth if best is None else max(best, worth)
    return best if best is not None and best > 0.0 else None
