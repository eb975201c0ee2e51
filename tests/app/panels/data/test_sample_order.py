"""The order of samples by their cosine, against Python's own sort."""

import math

import numpy as np
import pytest

from app.panels.data.sample_order import ordered


@pytest.mark.parametrize(("order", "sign"), [("worst", 1), ("best", -1)])
def test_by_cosine_then_as_in_the_file_with_the_unscored_ones_last(order, sign):
    rng = np.random.default_rng(0)
    cosines = np.round(rng.uniform(-1, 1, 300), 1).astype(np.float32)  # many are equal
    cosines[rng.random(300) < 0.2] = np.nan
    cosines[:6] = [0.0, -0.0, 1.0, -1.0, 1e-30, -1e-30]
    expected = sorted(
        range(300), key=lambda at: (math.inf if math.isnan(cosines[at]) else sign * float(cosines[at]), at)
    )
    assert ordered(cosines, order).tolist() == expected


def test_as_in_the_file_is_no_order():
    assert ordered(np.ones(3, dtype=np.float32), "file") is None
    assert ordered(np.zeros(0, dtype=np.float32), "worst").tolist() == []
