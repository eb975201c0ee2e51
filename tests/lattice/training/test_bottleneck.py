"""The narrowest place, for cubes whose numbers can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lattice.config import SimpleProjectConfig
from lattice.training.bottleneck import Bottleneck, bottleneck

THROUGH = "embedding_mapping.placement=through"
SIDES = "lattice.dimensions=[8, 8, 8]"


@pytest.mark.parametrize(
    ("settings", "width", "expected"),
    [
        ([SIDES], 384, Bottleneck(384, "the embedding's width")),
        ([SIDES, THROUGH, "model.value_channels=6"], 384, Bottleneck(384, "the embedding's width")),
        (
            [SIDES, THROUGH, "model.value_channels=6"],
            768,
            Bottleneck(384, "64 cells of the narrowest layer with 6 value channels each"),
        ),
        (
            [SIDES, THROUGH, "model.value_channels=6", "embedding_mapping.scalars_per_cell=1"],
            384,
            Bottleneck(64, "64 painted cells with 1 scalar each"),
        ),
        (
            ["lattice.dimensions=[3, 3, 3]", "embedding_mapping.scalars_per_cell=2"],
            384,
            Bottleneck(52, "26 painted cells with 2 scalars each"),
        ),
        (
            # Faces 5 x 6 and 4 x 6 meet in an edge: the flow has as many ways as the smaller one has cells.
            [
                "lattice.dimensions=[4, 5, 6]",
                THROUGH,
                "embedding_mapping.output_face=+y",
                "model.value_channels=3",
            ],
            384,
            Bottleneck(72, "24 cells of the narrowest layer with 3 value channels each"),
        ),
        (
            [
                "lattice.dimensions=[4, 5, 6]",
                THROUGH,
                "embedding_mapping.output_face=+y",
                "embedding_mapping.scalars_per_cell=2",
            ],
            384,
            Bottleneck(48, "24 read cells with 2 scalars each"),
        ),
        (
            [SIDES, THROUGH, "model.rule=nca", "model.state_size=5"],
            384,
            Bottleneck(320, "64 cells of the narrowest layer with 5 state channels each"),
        ),
        ([SIDES, "training_embedding.baseline_rank=9"], 384, Bottleneck(9, "as set by the baseline rank")),
        ([SIDES, "training_embedding.baseline_rank=900"], 12, Bottleneck(12, "as set by the baseline rank")),
    ],
)
def test_the_narrowest_place_counts(
    small_config: Callable[..., SimpleProjectConfig], settings: list[str], width: int, expected: Bottleneck
) -> None:
    assert bottleneck(small_config(*settings), width) == expected
