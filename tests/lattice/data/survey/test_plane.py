"""Principal components against a singular value decomposition."""

import numpy as np
import pytest
import torch

from lattice.data import build_dataset
from lattice.data.survey import plane
from lattice.data.survey.plane import principal_components
from lattice.data.survey.rows import survey_rows
from lattice.progress import Cancelled


def rows_of(samples: int, width: int, dtype: torch.dtype = torch.float32):
    generator = torch.Generator().manual_seed(3)
    values = torch.randn(samples, width, generator=generator) * torch.linspace(3, 0.2, width) + 5
    return survey_rows(build_dataset(values.to(dtype), source="made up"), samples)


def by_svd(rows, count):
    values = rows.rows_MD.double()
    values = values - values.mean(0)
    left, scale, _ = torch.linalg.svd(values, full_matrices=False)
    return (left * scale)[:, :count].numpy(), (scale.square() / scale.square().sum())[:count].tolist()


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_components_are_those_of_the_svd(monkeypatch, exact, dtype):
    if not exact:
        monkeypatch.setattr(plane, "MOST_EXACT_PRODUCTS", 0)
    rows = rows_of(200, 24, dtype)
    found = principal_components(rows, 2)
    points, shares = by_svd(rows, 2)
    assert found.exact is exact
    np.testing.assert_allclose(np.abs(found.points_MK), np.abs(points), atol=0.02)
    assert found.shares == pytest.approx(shares, rel=1e-3)


def test_the_sign_does_not_depend_on_the_order_of_rows():
    rows = rows_of(60, 8)
    flipped = survey_rows(build_dataset(rows.rows_MD.flip(0), source="made up"), 60)
    there, back = principal_components(rows).points_MK, principal_components(flipped).points_MK
    np.testing.assert_allclose(there, back[::-1], atol=1e-3)


def test_rows_of_one_number_have_a_second_component_of_zeros():
    found = principal_components(rows_of(12, 1), 2)
    assert found.points_MK.shape == (12, 2)
    assert not found.points_MK[:, 1].any()


def test_it_can_be_cancelled():
    def stop(what, done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        principal_components(rows_of(12, 4), 2, stop)
