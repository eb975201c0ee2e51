"""Floors follow from bytes and operations that can be counted by hand."""

import pytest
import torch

from benchmarks.floors import Floor, Rates, forward_bytes, measure_rates, tier_means_floor, training_step_bytes
from lattice.config import SimpleProjectConfig
from lattice.neighbourhood.base import Stencils

CONFIG = SimpleProjectConfig.from_preset("debug").override(
    [
        "lattice.dimensions=[7,3,2]",
        "lattice.lattice_steps=5",
        "model.state_size=10",
        "model.message_channels=3",
        "model.similarity_channels=2",
        "model.value_channels=4",
        "training_embedding.batch_size=2",
    ]
)


def test_a_floor_is_the_larger_of_two_times():
    rates = Rates(bytes_per_second=1000.0, operations_per_second=100.0)
    assert Floor(bytes=500.0, operations=20.0).milliseconds(rates) == pytest.approx(500.0)
    assert Floor(bytes=500.0, operations=80.0).milliseconds(rates) == pytest.approx(800.0)


def test_rates_are_measured():
    rates = measure_rates(torch.device("cpu"), rounds=1)
    assert rates.bytes_per_second > 0
    assert rates.operations_per_second > 0
    assert rates.as_text().startswith("copy ")


def test_tier_means_of_a_line_of_three_cells():
    stencils = Stencils.of((3, 1, 1), (0.5, 1.0, 1.5))
    floor = tier_means_floor(stencils, fields=2)
    assert list(stencils.shells) == ["functional"]
    # Two directions of (one read, one write) of 3 cells with 2 floats of 4 bytes; 4 neighbour pairs per field.
    assert floor.bytes == 2 * 2 * 3 * 2 * 4
    assert floor.operations == 2 * 4 * 2


def test_a_forward_pass_moves_states_and_what_tiers_average():
    averaged = 3 + 2 * (4 + 1)
    assert forward_bytes(CONFIG, ("local", "functional")) == 4 * 5 * 42 * 2 * (2 * 10 + 4 * averaged)


def test_a_training_step_moves_more_than_twice_as_much():
    forward = forward_bytes(CONFIG, ("distant",))
    whole = training_step_bytes(CONFIG, ("distant",), parameters=0)
    assert whole == 2 * forward + 4 * 5 * 42 * 2 * 10
    assert training_step_bytes(CONFIG, ("distant",), parameters=100) == whole + 4 * 7 * 100
