"""Texts of any length in narrow panels."""

import pytest
from PyQt6.QtCore import Qt

from app.widgets.labels import ElidedLabel, ElidedLink, WholeWordsLabel, breakable, wrapped_label

LONG = "a_rather_long_folder/with-a-file.name/and_another_one_in_it.safetensors"


def test_a_long_line_is_cut_and_comes_back(qtbot):
    label = ElidedLabel(Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    label.set_full_text(LONG)
    assert "\N{HORIZONTAL ELLIPSIS}" in label.text()
    assert label.text().endswith("ensors")
    assert label.full_text == LONG
    label.resize(2000, 20)
    assert label.text() == LONG


def test_a_link_tells_its_sample_and_nothing_tells_none(qtbot):
    link = ElidedLink()
    qtbot.addWidget(link)
    link.resize(100, 20)
    link.set_sample(7, "seven", strong=True)
    with qtbot.waitSignal(link.clicked, timeout=1_000) as caught:
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert caught.args == [7]
    link.set_sample(-1, "")
    with qtbot.assertNotEmitted(link.clicked):
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("text", [LONG, f"see {LONG} for more", "x" * 200, "C:\\Users\\somebody\\data\\file.csv"])
def test_long_words_fit_into_a_narrow_panel(qtbot, text):
    label = wrapped_label(breakable(text))
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() < 200
    assert breakable(text).replace("\u200b", "") == text


@pytest.mark.parametrize("text", ["0.98 of 1.5 GB", "plain words only", "a/b", ""])
def test_short_words_stay_whole(text):
    assert breakable(text) == text


def test_dots_are_seen_also_where_a_style_sheet_takes_room(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setStyleSheet("padding: 0 40px")
    label.resize(200, 20)
    label.show()
    label.set_full_text("a text of more words than there is room for in two hundred pixels")
    assert label.text().endswith("\N{HORIZONTAL ELLIPSIS}")
    assert label.fontMetrics().horizontalAdvance(label.text()) <= 120


def test_facts_end_before_a_word_so_that_no_number_loses_digits(qtbot):
    label = WholeWordsLabel()
    qtbot.addWidget(label)
    facts = "training step 250 of 600  \N{MIDDLE DOT}  0.53 steps/s"
    for end in range(len("training step 250 of"), len(facts)):
        label.resize(label.fontMetrics().horizontalAdvance(facts[:end]) + 2, 20)
        label.set_full_text(facts)
        whole = label.text().removesuffix("\N{HORIZONTAL ELLIPSIS}")
        assert whole in ("training step 250", "training step 250 of", "training step 250 of 600",
                         "training step 250 of 600  \N{MIDDLE DOT}  0.53"), whole  # fmt: skip
    label.resize(2000, 20)
    label.set_full_text(facts)
    assert label.text() == facts
