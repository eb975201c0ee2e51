"""Compression: its formula, its derivative, and what it does to faint and loud states."""

from __future__ import annotations

import torch

from lattice.model.compress import compress


def test_each_state_is_divided_by_the_root_of_one_and_its_mean_square() -> None:
    states = torch.randn(3, 4, 5, dtype=torch.float64)
    for cell in range(3):
        for sample in range(4):
            row = states[cell, sample]
            expected = row / (1.0 + (row * row).sum() / 5.0) ** 0.5
            torch.testing.assert_close(compress(states)[cell, sample], expected)


def test_its_derivative_is_that_of_the_formula() -> None:
    torch.manual_seed(0)
    assert torch.autograd.gradcheck(compress, torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True))
    assert torch.autograd.gradcheck(compress, torch.zeros(1, 4, dtype=torch.float64, requires_grad=True))


def test_faint_states_stay_faint_and_loud_ones_are_bounded() -> None:
    state = torch.tensor([0.6, -0.8])
    torch.testing.assert_close(compress(1e-3 * state), 1e-3 * state, rtol=1e-6, atol=0.0)
    torch.testing.assert_close(compress(1e4 * state), 2.0**0.5 * state, rtol=1e-6, atol=0.0)
