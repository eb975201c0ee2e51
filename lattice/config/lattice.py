"""Settings of the lattice and of its neighbour tiers."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, computed_field, model_validator

from lattice.config.base import Settings, setting

EngineName = Literal["auto", "reference", "sparse", "fft", "dense", "compiled"]

Side = Annotated[int, Field(ge=1, le=256)]


class DistanceThresholds(NamedTuple):
    """Outer distances of the three tiers, in cells."""

    local: float
    functional: float
    distant: float


class LatticeSettings(Settings):
    """The cube: its size, how far a cell sees, and how long the cells talk."""

    dimensions: tuple[Side, Side, Side] = setting(
        (8, 8, 8),
        title="Size",
        description="Cells along x, y and z, each 1 to 256.",
        unit="cells",
        cost="rebuild",
    )
    adaptive_radius_ratio: float = setting(
        0.2,
        title="Radius",
        description="Farthest distance at which a cell sees another, as a share of the cube's longest side.",
        unit="of the longest side",
        cost="stencil",
        gt=0.0,
        le=1.0,
    )
    local_distance_ratio: float = setting(
        0.1,
        title="Local",
        description="Outer distance of the local tier, as a share of the radius. Must be below the functional ratio.",
        unit="of the radius",
        cost="stencil",
        gt=0.0,
        lt=1.0,
    )
    functional_distance_ratio: float = setting(
        0.65,
        title="Functional",
        description="Outer distance of the functional tier, as a share of the radius. Lies between local and distant.",
        unit="of the radius",
        cost="stencil",
        gt=0.0,
        lt=1.0,
    )
    distant_distance_ratio: float = setting(
        1.0,
        title="Distant",
        description="Outer distance of the distant tier, as a share of the radius. At most 1.",
        unit="of the radius",
        cost="stencil",
        gt=0.0,
        le=1.0,
    )
    lattice_steps: int = setting(
        5,
        title="Lattice steps",
        description="Updates of all cells between painting an embedding on the cube and reading one back.",
        unit="steps",
        cost="live",
        ge=1,
        le=64,
    )

    @model_validator(mode="after")
    def _ratios_rise(self) -> Self:
        local, functional, distant = (
            self.local_distance_ratio,
            self.functional_distance_ratio,
            self.distant_distance_ratio,
        )
        if not local < functional < distant:
            raise ValueError(
                "distance ratios must rise: got "
                f"local {local:g}, functional {functional:g}, distant {distant:g}; "
                "expected 0 < local < functional < distant <= 1"
            )
        return self

    @computed_field  # type: ignore[prop-decorator]
    @property
    def max_dimension(self) -> int:
        """Longest side of the cube, in cells."""
        return max(self.dimensions)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def max_radius(self) -> float:
        """Farthest distance at which a cell may see another, in cells."""
        return self.max_dimension * self.adaptive_radius_ratio

    @computed_field  # type: ignore[prop-decorator]
    @property
    def local_distance_threshold(self) -> float:
        """Outer distance of the local tier, in cells."""
        return self.max_radius * self.local_distance_ratio

    @computed_field  # type: ignore[prop-decorator]
    @property
    def functional_distance_threshold(self) -> float:
        """Outer distance of the functional tier, in cells."""
        return self.max_radius * self.functional_distance_ratio

    @computed_field  # type: ignore[prop-decorator]
    @property
    def distant_distance_threshold(self) -> float:
        """Outer distance of the distant tier, in cells."""
        return self.max_radius * self.distant_distance_ratio

    def get_distance_thresholds(self) -> DistanceThresholds:
        """Return the outer distances of the local, functional and distant tier, in cells."""
        return DistanceThresholds(
            self.local_distance_threshold,
            self.functional_distance_threshold,
            self.distant_distance_threshold,
        )

    @property
    def cells(self) -> int:
        """Number of cells in the cube."""
        x, y, z = self.dimensions
        return x * y * z


class NeighborSettings(Settings):
    """How tier means are computed. Thresholds are not here: they follow from `LatticeSettings`."""

    engine: EngineName = setting(
        "auto",
        title="Engine",
        description="Implementation of the tier means. 'auto' picks the fastest that fits in memory, for each tier; "
        "'reference' is slow and meant for checks.",
        cost="stencil",
    )
    memory_limit_gb: float | None = setting(
        None,
        title="Stencil memory",
        description="Most memory that tier stencils may take. Empty: half of what is free when they are built.",
        unit="GB",
        cost="stencil",
        gt=0.0,
    )
