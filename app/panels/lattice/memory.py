"""What the lattice panel says about memory and time: estimates in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lattice.units import bytes_text

if TYPE_CHECKING:
    from app.run.estimator import Estimate


def compared(wanted: float | None, now: float | None, text: Callable[[float], str]) -> str:
    """Return `about 0.28 s`, and what it is now where that differs."""
    if wanted is None:
        return ""
    about = f"about {text(wanted)}"
    return about if now is None or text(now) == text(wanted) else f"{about}, now {text(now)}"


def memory_text(wanted: Estimate, now: Estimate) -> str:
    """Return what a run would take beside what it takes now; where that is not there, beside what is free."""
    if not wanted.fits and wanted.memory_bytes is not None and wanted.free_bytes is not None:
        return f"{bytes_text(wanted.memory_bytes)} needed, {bytes_text(wanted.free_bytes)} free"
    text = compared(wanted.memory_bytes, now.memory_bytes, bytes_text) or "unknown"
    return f"{text}, steps recomputed" if wanted.recomputes else text


def shortage_text(wanted: Estimate) -> str:
    """Return what is missing and what may come of it, in full sentences; nothing if the memory is there."""
    if wanted.fits or wanted.memory_bytes is None or wanted.free_bytes is None:
        return ""
    kind = "the graphics card's memory" if wanted.on_card else "memory"
    outcome = (
        "The next training step would probably fail for lack of memory."
        if wanted.on_card
        else "The computer may become too slow to use, and the system may end Cellcube or other programs."
    )
    though = ", though its lattice steps are recomputed to take less" if wanted.recomputes else ""
    return (
        f"Training this lattice needs about {bytes_text(wanted.memory_bytes)}{though}; "
        f"{bytes_text(wanted.free_bytes)} of {kind} are free. {outcome}"
    )


def shortage_advice(wanted: Estimate) -> str:
    """Return the same with what to do about it."""
    leaner = "" if wanted.recomputes else ", or fewer lattice steps"
    return f"{shortage_text(wanted)}\n\nTry a smaller cube, a smaller state size or a smaller batch{leaner}."
