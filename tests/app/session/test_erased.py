"""Cells that are erased in what is watched: which they are, and when they come back."""

import numpy as np
import pytest
import torch

from app.session.erased import ErasedCells
from lattice.config import SimpleProjectConfig
from lattice.model.student import StudentModel
from tests.app.fakes import small_config


@pytest.fixture
def erased(qtbot):
    cells = ErasedCells()
    changes = {"embedding_mapping__placement": "through", "training_embedding__damaged_cells": "between"}
    cells.set_run(small_config(**changes, lattice__adaptive_radius_ratio=0.4))
    return cells


def places(cells):
    return [] if cells.mask_XYZ is None else [tuple(place) for place in np.argwhere(cells.mask_XYZ).tolist()]


@pytest.mark.parametrize("changes", [{}, {"embedding_mapping__placement": "through"}, {
    "embedding_mapping__placement": "through", "embedding_mapping__input_face": "+z",
    "embedding_mapping__output_face": "-y", "lattice__dimensions": (3, 4, 5),
}])  # fmt: skip
@pytest.mark.parametrize("kind", ["interior", "between"])
def test_the_cells_that_may_be_erased_are_those_of_the_student(changes, kind):
    config = small_config(**changes, training_embedding__damaged_cells=kind)
    cells = ErasedCells()
    cells.set_run(config)
    student = StudentModel.seeded(config, 8)
    inside = torch.zeros(config.lattice.cells, dtype=torch.bool)
    inside[student.erasable] = True
    assert np.array_equal(cells.erasable().reshape(-1), inside.numpy())


def test_one_cell_what_it_hears_and_its_layer(erased, qtbot):
    told = []
    erased.changed.connect(lambda: told.append(erased.count))
    erased.erase_cell((0, 1, 2))
    assert places(erased) == [(0, 1, 2)]
    erased.erase_cell((3, 3, 3))
    assert places(erased) == [(0, 1, 2), (3, 3, 3)]
    erased.restore()
    assert erased.mask_XYZ is None
    erased.erase_heard((0, 0, 0))
    near = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1), (1, 1, 0)]  # within 1.6 cells
    assert places(erased) == near
    erased.restore()
    erased.erase_layer((2, 0, 0))
    assert erased.axis == 0
    assert places(erased) == [(2, y, z) for y in range(4) for z in range(4)]
    erased.restore()
    erased.erase_layer((0, 1, 1))
    assert erased.count == 0, "the input face is painted"
    assert told == [1, 2, 0, len(near), 0, 16, 0, 0]


def test_a_larger_share_holds_the_cells_of_a_smaller_one(erased):
    erased.set_share(0.25)
    few = set(places(erased))
    assert len(few) == 8
    erased.set_share(0.5)
    assert few < set(places(erased))
    assert erased.count == 16
    erased.erase_cell((0, 0, 0))
    assert erased.count == 17
    erased.set_share(0.0)
    assert places(erased) == [(0, 0, 0)]


def test_cells_come_back_with_another_cube_only(erased):
    config = small_config(embedding_mapping__placement="through", training_embedding__damaged_cells="between")
    erased.erase_cell((1, 1, 1))
    erased.set_share(0.1)
    erased.set_run(config.replaced({"lattice.lattice_steps": 5}))
    assert erased.count == 4
    erased.set_run(config.replaced({"lattice.dimensions": (5, 4, 4)}))
    assert (erased.count, erased.share) == (0, 0.0)
    erased.erase_cell((4, 1, 1))
    erased.set_run(SimpleProjectConfig().replaced({"lattice.dimensions": (5, 4, 4)}))
    assert erased.count == 0


def test_a_run_that_is_opened_starts_whole_and_that_is_said_once(erased):
    config = small_config(embedding_mapping__placement="through", training_embedding__damaged_cells="between")
    erased.erase_layer((2, 0, 0))
    erased.begin(config)
    assert erased.mask_XYZ is None
    assert erased.restored_text() == "The cube is whole: 16 erased cells restored."
    assert erased.restored_text() == ""
    erased.begin(config)
    assert erased.restored_text() == "", "none was erased"


def test_a_run_that_comes_back_brings_its_erased_cells(erased):
    config = small_config(embedding_mapping__placement="through", training_embedding__damaged_cells="between")
    erased.set_share(0.25)
    before = erased.mask_XYZ
    erased.bring_back(before)
    assert erased.share == 0.25, "nothing changed"
    erased.set_run(config.replaced({"lattice.dimensions": (5, 4, 4)}))
    erased.erase_cell((4, 3, 3))
    erased.set_run(config)
    erased.bring_back(before)
    assert np.array_equal(erased.mask_XYZ, before)
    assert erased.restored_text() == ""
    erased.bring_back(None)
    assert erased.mask_XYZ is None
    assert erased.restored_text() == "The cube is whole: 8 erased cells restored."
