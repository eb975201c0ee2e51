"""How many layouts of data and of teachers the tests read: fewer than these would leave kinds untried."""

from __future__ import annotations

from tests.lattice.data.readers import test_layouts, test_odd_layouts, test_text_layouts
from tests.lattice.data.teachers import test_sentence_layouts
from tests.lattice.data.teachers.zoo import KINDS

LEAST_FILES, LEAST_TEACHERS = 100, 60


def test_the_tests_read_as_many_layouts_of_data_as_are_promised() -> None:
    vectors = test_layouts.LAYOUTS.keys() | test_odd_layouts.LAYOUTS.keys()
    texts = test_text_layouts.NO_HEADER.keys() | test_text_layouts.HEADER.keys() | test_text_layouts.PAIR_FILES.keys()
    assert len(vectors) >= LEAST_FILES
    assert len(vectors | texts) == len(vectors) + len(texts), "a name stands for one layout"


def test_the_tests_load_as_many_teachers_as_are_promised() -> None:
    assert len(KINDS) + len(test_sentence_layouts.LAYOUTS) >= LEAST_TEACHERS
