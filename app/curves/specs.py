"""Which curves there are, how they are named, and which share a plot."""

from __future__ import annotations

from dataclasses import dataclass

from app.widgets.palette import SERIES_COLORS, TIER_COLORS, series_color
from lattice.units import percent_text, score_text, significant


@dataclass(frozen=True)
class CurveSpec:
    """One curve."""

    name: str
    title: str
    color: str
    dashed: bool = False
    """Baselines: levels to be reached, drawn to the right edge."""
    sparse: bool = False
    """Reported by evaluations only."""
    shown: bool = True
    """Whether it is visible before the user chose."""
    compared: bool = False
    """The student's score, or what it is compared with first: both as visible."""
    behind: bool = False
    """Its dots are larger and lie behind those of the other curves."""
    ranked: bool = False
    """A baseline of limited rank, which stands behind its name."""

    def legend_title(self, rank: int | None) -> str:
        """Return its name in the legend, such as `PCA-64`, given the rank of the baselines, if it is known."""
        return f"{self.title}-{rank}" if self.ranked and rank is not None else self.title


@dataclass(frozen=True)
class PlotSpec:
    """One plot: some curves are known by name, others appear when they are first reported."""

    key: str
    title: str
    curves: tuple[CurveSpec, ...]
    prefix: str = ""
    """Other curves whose names begin so belong here, too."""
    logarithmic: bool = False
    can_be_logarithmic: bool = True
    bounds: tuple[float, float] | None = None
    """Values that the axis never goes beyond."""
    axis: str = ""
    """What the value axis is called in a picture, with its unit; empty: as the plot."""

    def owns(self, name: str) -> bool:
        """Return whether a curve belongs to this plot."""
        return any(curve.name == name for curve in self.curves) or bool(self.prefix and name.startswith(self.prefix))

    def curve(self, name: str) -> CurveSpec:
        """Return a known curve, or make one up for a name that has the prefix."""
        for curve in self.curves:
            if curve.name == name:
                return curve
        part = name.removeprefix(self.prefix)
        color = TIER_COLORS.get(part) or series_color(part)
        return CurveSpec(name, part.replace("_", " "), color, shown=self.key != "gradient")

    @property
    def widest_value(self) -> str:
        """Longest text that `value_text` usually gives, to reserve room for."""
        return {"cosine": "0.888", "gate": "88 %", "retrieval": "88 %", "speed": "88 steps/s"}.get(self.key, "0.00888")

    def value_text(self, value: float) -> str:
        """Return a value of this plot in words."""
        if self.key == "cosine":
            return score_text(value)
        if self.key in ("gate", "retrieval"):
            return percent_text(value)
        if self.key == "speed":
            return f"{significant(value, 2)} steps/s"
        return significant(value)


PLOTS: tuple[PlotSpec, ...] = (
    PlotSpec(
        "cosine",
        "Cosine",
        (
            CurveSpec("cosine.validation", "validation", SERIES_COLORS["validation"], sparse=True, compared=True),
            CurveSpec("cosine.train", "train", SERIES_COLORS["train"]),
            CurveSpec("cosine.t0", "without rollout", SERIES_COLORS["t0"], sparse=True, compared=True, behind=True),
            CurveSpec("cosine.mlp", "MLP", SERIES_COLORS["mlp"], dashed=True, sparse=True),
            CurveSpec("cosine.linear", "linear", SERIES_COLORS["linear"], dashed=True, sparse=True, ranked=True),
            CurveSpec("cosine.pca", "PCA", SERIES_COLORS["pca"], dashed=True, sparse=True, ranked=True),
            CurveSpec("cosine.identity", "identity", SERIES_COLORS["identity"], dashed=True, sparse=True, shown=False),
        ),
        can_be_logarithmic=False,
        bounds=(-1.0, 1.0),
        axis="cosine with the teacher",
    ),
    PlotSpec(
        "loss",
        "Loss",
        tuple(
            # The gate balance is tiny and swings over many decades: with it the others would lie in one line.
            CurveSpec(f"loss.{name}", name.replace("_", " "), SERIES_COLORS[name], shown=name != "gate_balance")
            for name in ("total", "reconstruction", "similarity", "relation", "smoothness", "gate_balance")
        ),
        prefix="loss.",
        logarithmic=True,
        axis="loss",
    ),
    PlotSpec(
        "retrieval",
        "Retrieval",
        (
            CurveSpec("retrieval.at_1", "at 1", SERIES_COLORS["retrieval_at_1"], sparse=True),
            CurveSpec("retrieval.at_5", "at 5", SERIES_COLORS["retrieval_at_5"], sparse=True),
        ),
        can_be_logarithmic=False,
        bounds=(0.0, 1.0),
        axis="share of samples found",
    ),
    PlotSpec(
        "error",
        "Relative squared error",
        (CurveSpec("error.validation", "validation", SERIES_COLORS["nmse"], sparse=True),),
        logarithmic=True,
        axis="squared error / variance of the targets",
    ),
    PlotSpec(
        "rate",
        "Learning rate",
        (CurveSpec("learning_rate", "learning rate", SERIES_COLORS["learning_rate"]),),
    ),
    PlotSpec(
        "gradient",
        "Gradient norm",
        (CurveSpec("gradient.total", "total", SERIES_COLORS["gradient_norm"]),),
        prefix="gradient.",
        logarithmic=True,
    ),
    PlotSpec(
        "gate",
        "Gates",
        tuple(CurveSpec(f"gate.{tier}", tier, color) for tier, color in TIER_COLORS.items()),
        prefix="gate.",
        can_be_logarithmic=False,
        bounds=(0.0, 1.0),
        axis="mean gate",
    ),
    PlotSpec(
        "speed",
        "Speed",
        (CurveSpec("steps_per_second", "training steps per second", SERIES_COLORS["steps_per_second"]),),
        bounds=(0.0, float("inf")),
    ),
)
"""Every plot, in the order in which they are offered."""


def spec_of(key: str) -> PlotSpec:
    """Return the plot with this key."""
    return next(spec for spec in PLOTS if spec.key == key)
