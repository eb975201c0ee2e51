"""Pictures of what was measured. matplotlib is imported only when one is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_COLORS = {"tier means": "#3b7dd8", "training step": "#d8743b"}
_UNITS = {"tier means": "ns per cell and field", "training step": "ns per cell, sample and lattice step"}


def draw_scaling(report: dict[str, Any], path: Path) -> None:
    """Draw time over cells, and time per cell over sides, each beside its floor.

    Args:
        report: what `python -m benchmarks scaling --json` prints.
        path: picture to write; its suffix picks the format.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "cellcube", "font.size": 9, "axes.grid": True, "grid.alpha": 0.25}):
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        whole, per_cell = figure.subplots(1, 2)
        for curve in report["curves"]:
            color = _COLORS[curve["name"]]
            cells = [point["side"] ** 3 for point in curve["points"]]
            floors = [point["floor_milliseconds"] for point in curve["points"]]
            whole.loglog(
                cells,
                [point["milliseconds"] for point in curve["points"]],
                "o-",
                color=color,
                markersize=4,
                label=curve["name"],
            )
            whole.loglog(cells, floors, ":", color=color, label=f"{curve['name']}, floor")
            per_cell.plot(
                [point["side"] for point in curve["points"]],
                [point["nanoseconds_per_cell"] for point in curve["points"]],
                "o-",
                color=color,
                markersize=4,
                label=f"{curve['name']}: {_UNITS[curve['name']]}",
            )
        whole.set(xlabel="cells", ylabel="milliseconds", title="Time")
        per_cell.set(xlabel="cells along each side", ylabel="nanoseconds", yscale="log", title="Time per cell")
        for axes in (whole, per_cell):
            axes.spines[["top", "right"]].set_visible(False)
            axes.legend(frameon=False, fontsize=8)
        where = report["machine"]
        figure.suptitle(f"{where['device']}, threads: {where['threads']}, torch {where['torch']}", fontsize=9)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
