"""Errors of teachers that several places raise: what is wrong, and the way out."""

from __future__ import annotations

from collections.abc import Iterable

from lattice.errors import TeacherError

SHOWN = 3
"""Weights that an error names."""


def own_code(name: str, where: str) -> TeacherError:
    """Return the error for a model that needs Python code of its own."""
    return TeacherError(
        f"teacher {name!r} needs code of its own, which is never run here ({where}). Ways out: if you trust that code, "
        f"run it yourself, numpy.save('vectors.npy', SentenceTransformer({name!r}, trust_remote_code=True)"
        ".encode(texts)), and open vectors.npy with the texts beside it; or choose a model without code of its own"
    )


def listed(keys: Iterable[str]) -> str:
    """Return the first few names and how many there are."""
    names = sorted(keys)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
