"""Pictures of how a signal crosses a cube. matplotlib is imported only when one is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = ("#d8743b", "#3b7dd8", "#2f9e77", "#9a63de", "#8a8f98")
"""Told apart by people who are colour-blind, on white and on a dark ground."""
_MARKERS = "os^Dv"


def draw_derivatives(report: dict[str, Any], path: Path) -> None:
    """Draw norm and rank per layer.

    Args:
        report: what `python -m benchmarks science-derivative --json` prints.
        path: picture to write; its suffix picks the format.
    """
    figure, (norms, ranks) = _figure(2)
    for (name, found), color, marker in zip(report["parts"].items(), _COLORS, _MARKERS, strict=False):
        layers = range(len(found["norms"]))
        norms.semilogy(layers, found["norms"], f"{marker}-", color=color, markersize=4, label=name)
        ranks.plot(layers, found["ranks"], f"{marker}-", color=color, markersize=4)
    norms.set(xlabel="layers from the input face", ylabel="Frobenius norm", title="Derivative by the embedding")
    ranks.set(xlabel="layers from the input face", ylabel=f"of {report['probes']} probes", title="Effective rank")
    ranks.set_ylim(0, report["probes"])
    norms.legend(frameon=False, fontsize=8)
    _save(figure, path, f"{_cube(report)}, {report['lattice_steps']} lattice steps, untrained")


def draw_curves(report: dict[str, Any], path: Path) -> None:
    """Draw validation cosines by training step, beside a baseline; see `draw_derivatives` for the arguments."""
    figure, (axes,) = _figure(1)
    for (name, curve), color, marker in zip(report["curves"].items(), _COLORS, _MARKERS, strict=False):
        axes.plot(curve["steps"], curve["cosines"], f"{marker}-", color=color, markersize=4, label=name)
    whole = next(iter(report["curves"].values()))
    axes.axhline(whole["without_rollout"], color="#8a8f98", linestyle=":", label="all parts, without rollout")
    axes.set(xlabel="training steps", ylabel="validation cosine", ylim=(min(-0.05, whole["cosines"][0]), 1.02))
    axes.legend(frameon=False, fontsize=8)
    _save(figure, path, f"{_cube(report)}, {report['lattice_steps']} lattice steps")


def _cube(report: dict[str, Any]) -> str:
    return "x".join(map(str, report["dimensions"]))


def _figure(plots: int) -> tuple[Figure, list[Axes]]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"font.size": 9, "axes.grid": True, "grid.alpha": 0.25}):
        figure = Figure(figsize=(5 * plots if plots > 1 else 6.5, 3.6), layout="constrained")
        axes = list(figure.subplots(1, plots, squeeze=False)[0])
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Figure, path: Path, title: str) -> None:
    import matplotlib as mpl

    figure.suptitle(title, fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "cellcube"}):
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
