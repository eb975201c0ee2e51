"""Nearest neighbours and norms against all pairs."""

import numpy as np
import torch
from torch.nn import functional as F

from lattice.data import build_dataset
from lattice.data.survey import neighbours
from lattice.data.survey.neighbours import nearest_cosines, norms
from lattice.data.survey.rows import drawn, survey_rows


def rows_of(samples: int):
    generator = torch.Generator().manual_seed(2)
    return survey_rows(build_dataset(torch.randn(samples, 8, generator=generator), source="made up"), samples)


def by_hand(rows):
    unit = F.normalize(rows.rows_MD, dim=1)
    cosines = unit @ unit.T
    cosines.fill_diagonal_(-1)
    return cosines.max(1).values.numpy()


def test_all_rows(monkeypatch):
    monkeypatch.setattr(neighbours, "_QUERIES_AT_ONCE", 16)
    monkeypatch.setattr(neighbours, "_ROWS_AT_ONCE", 7)
    rows = rows_of(50)
    found = nearest_cosines(rows)
    assert found.whole
    np.testing.assert_allclose(found.cosines_Q, by_hand(rows)[drawn(50, 50)], atol=1e-6)


def test_a_part_has_the_values_of_the_whole(monkeypatch):
    monkeypatch.setattr(neighbours, "LEAST_QUERIES", 12)
    rows = rows_of(50)
    found = nearest_cosines(rows, products=0)
    assert not found.whole
    np.testing.assert_allclose(found.cosines_Q, by_hand(rows)[drawn(50, 12)], atol=1e-6)


def test_norms():
    rows = rows_of(20)
    np.testing.assert_allclose(norms(rows), rows.rows_MD.norm(dim=1).numpy(), rtol=1e-6)
