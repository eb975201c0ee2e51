"""What the data panel says of a data set, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.widgets.palette import SERIES_COLORS
from lattice.units import bytes_text, count_text, plural, seconds_text

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset
    from lattice.data.report import LoadReport

NO_TEACHER_HINT = "To probe with sentences of your own, choose their teacher in the Sample panel."


def figures(parts: tuple[tuple[str, int, str], ...]) -> str:
    """Return counts in one line; those of a curve's series carry its colour."""
    dots = (f"<span style='color:{SERIES_COLORS[name]}'>&#9632;</span> " if name else "" for name, *_ in parts)
    return ", ".join(
        f"{dot}<b>{count_text(count)}</b> {words}" for dot, (_, count, words) in zip(dots, parts, strict=True)
    )


def sentence(text: str) -> str:
    """Return `text` as a sentence of its own; a file's name at its head keeps its letters."""
    first = text.split(maxsplit=1)[0] if text else ""
    return text if "." in first or first.endswith(":") else text[:1].upper() + text[1:]


def dropped_text(report: LoadReport | None) -> str:
    """Return how many rows were dropped, and why; empty if none was."""
    if report is None or not report.dropped:
        return ""
    reasons = ", ".join(f"{count_text(count)} {reason}" for reason, count in report.dropped.items())
    return f"{plural(sum(report.dropped.values()), 'row')} dropped: {reasons}"


def is_shown_below(warning: str, report: LoadReport) -> bool:
    """Return whether the memory's part of the panel says this already."""
    return report.memory is not None and warning == report.memory.warning


def source_name(source: str) -> str:
    """Return where samples came from with files by their names alone: the tooltip has their folders."""
    return " + ".join(part if part.startswith("hub:") else Path(part).name or part for part in source.split(" + "))


def source_tip(dataset: EmbeddingDataset) -> str:
    """Return where the samples came from, how long that took, and their fingerprint."""
    lines = [dataset.source]
    report = dataset.report
    if report is not None and report.bytes_read:
        lines.append(f"{bytes_text(report.bytes_read)} read in {seconds_text(report.seconds)}")
    lines.append(f"fingerprint {dataset.fingerprint[:16]}")
    return "\n".join(lines)
