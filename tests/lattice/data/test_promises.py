"""What the manual and the count of layouts promise is what the tests read."""

from __future__ import annotations

import re
from pathlib import Path

from tests.lattice.data.readers import (
    test_export_layouts,
    test_layouts,
    test_line_kind,
    test_odd_layouts,
    test_program_layouts,
    test_table_layout,
    test_text_layouts,
    test_typed_values,
)
from tests.lattice.data.teachers import test_sentence_layouts
from tests.lattice.data.teachers.zoo import KINDS

LEAST_FILES, LEAST_TEACHERS = 270, 100

TABLES = (
    test_layouts.LAYOUTS,
    test_odd_layouts.LAYOUTS,
    test_program_layouts.LAYOUTS,
    test_typed_values.LAYOUTS,
    test_line_kind.LAYOUTS,
    test_table_layout.LAYOUTS,
    test_export_layouts.LAYOUTS,
)
VECTORS = {name: layout for table in TABLES for name, layout in table.items()}
OTHERS = {*test_export_layouts.OF_TEXTS, *test_export_layouts.REFUSED}
TEXTS = [*test_text_layouts.NO_HEADER, *test_text_layouts.HEADER, *test_text_layouts.PAIR_FILES]


def test_every_layout_in_the_manual_is_tried() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
    _, _, section = manual.partition("### Layouts")
    rows = re.findall(r"^\|.*\| ([^|]+) \|$", section.partition("\n**")[0], re.MULTILINE)
    named = [re.findall(r"`([^`]+)`", row) for row in rows[2:]]
    assert len(named) > 10
    assert all(named), "each row names a test"
    files = {path.name for path in (Path(__file__).parent / "readers").glob("test_*.py")}
    known = {*VECTORS, *TEXTS, *OTHERS, *files}
    assert sorted({name for names in named for name in names} - known) == []


def test_the_tests_read_as_many_layouts_of_data_as_are_promised() -> None:
    assert len(VECTORS) == sum(map(len, TABLES)), "a name stands for one layout"
    assert len(VECTORS) >= LEAST_FILES


def test_the_tests_load_as_many_teachers_as_are_promised() -> None:
    assert len(KINDS) + len(test_sentence_layouts.LAYOUTS) >= LEAST_TEACHERS
