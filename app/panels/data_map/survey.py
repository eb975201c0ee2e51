"""What is computed for the data map in the background, as work for a `BackgroundJob`.

Imports the core's survey when the work begins, in its thread: importing this loads no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from app.platform.background_job import Deliver, Work
from lattice.progress import Progress
from lattice.units import percent_text

if TYPE_CHECKING:
    from lattice.data.survey.rows import SurveyRows

Projection = Literal["pca", "umap"]

MOST_POINTS = 200_000
"""Samples in the map; larger data are shown by a fixed part."""
MOST_POINTS_UMAP = 50_000
_THOROUGH = 4 * 10**11
"""Multiplications for near-duplicates while the map is open: some seconds."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the samples lie."""

    projection: Projection
    rows: SurveyRows
    points_M2: NDArray[np.float32]
    note: str
    """What the plane is, in one line."""


@dataclass(frozen=True, eq=False)
class Norms:
    """Euclidean lengths of the rows."""

    values_M: NDArray[np.float32]
    part: str


def glance(rows: SurveyRows) -> Work:
    """Look for near-duplicates across the split for about a second, map or no map."""

    def work(progress: Progress, deliver: Deliver) -> None:
        from lattice.data.survey.near_duplicates import find_near_duplicates

        deliver(find_near_duplicates(rows, progress=progress))

    return work


def survey(rows: SurveyRows) -> Work:
    """Lay out the samples by PCA, then measure norms, near-duplicates and nearest neighbours; each arrives at once."""

    def work(progress: Progress, deliver: Deliver) -> None:
        from lattice.data.survey.near_duplicates import find_near_duplicates
        from lattice.data.survey.neighbours import nearest_cosines, norms
        from lattice.data.survey.plane import principal_components

        found = principal_components(rows, 2, progress)
        first, second = map(percent_text, found.shares)
        way = "" if found.exact else ", randomised"
        note = f"PCA of {rows.part_text}{way}: {first} and {second} of the variance"
        deliver(Layout("pca", rows, found.points_MK, note))
        deliver(Norms(norms(rows), rows.part_text))
        deliver(find_near_duplicates(rows, _THOROUGH, progress))
        deliver(nearest_cosines(rows, progress=progress))

    return work


def umap(rows: SurveyRows) -> Work:
    """Lay out the samples by UMAP of their principal components."""

    def work(progress: Progress, deliver: Deliver) -> None:
        from lattice.data.survey.plane import principal_components
        from lattice.data.survey.umap_plane import COMPONENTS, umap_points

        part = rows.part(MOST_POINTS_UMAP)
        components = principal_components(part, min(COMPONENTS, part.rows_MD.shape[1]), progress)
        points = umap_points(components.points_MK, progress)
        width = components.points_MK.shape[1]
        note = f"UMAP of {part.part_text}, from {width} principal components; only near neighbours mean something"
        deliver(Layout("umap", part, points, note))

    return work
