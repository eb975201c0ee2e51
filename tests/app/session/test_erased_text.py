"""Words for erased cells: how many, and which layers or cell."""

import numpy as np
import pytest

from app.session.erased_text import erased_text


def mask(*places):
    cells = np.zeros((6, 2, 2), bool)
    for place in places:
        cells[place] = True
    return cells


BETWEEN = mask(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("erased", "said"),
    [
        (mask((2, 1, 0)), "1 of 24 cells erased: (2, 1, 0)"),
        (mask((2, 1, 0), (0, 0, 0)), "2 of 24 cells erased"),
        (mask(3), "4 of 24 cells erased: layer x = 3"),
        (mask(1, 3, 4), "12 of 24 cells erased: layers x = 1, 3 to 4"),
        (mask(3, (0, 0, 0)), "5 of 24 cells erased: layer x = 3 and 1 other cell"),
        (mask(0), "4 of 24 cells erased"),
    ],
)
def test_layers_and_single_cells_are_named(erased, said):
    assert erased_text(erased, BETWEEN, 0) == said


def test_layers_lie_across_the_axis():
    erased, between = (np.moveaxis(cells, 0, 2) for cells in (mask(2), BETWEEN))
    assert erased_text(erased, between, 2) == "4 of 24 cells erased: layer z = 2"
