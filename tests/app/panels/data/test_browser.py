"""The sample browser: search, sides of the split, keys, and a million samples."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor

from app.panels.data.browser import SampleBrowser
from app.panels.data.marked_rows import MarkRole, OutdatedRole
from app.panels.data.sample_list import MOST_FOUND, SCORES, SampleModel, SampleRole
from app.panels.data.sample_words import held_out_mask
from app.widgets.palette import SERIES_COLORS
from app.widgets.theme import theme_of
from lattice.data import build_dataset
from lattice.data.texts import PackedTexts
from tests.app.fakes import fake_dataset
from tests.app.scored import scored, take_scores


@pytest.fixture
def browser(qtbot):
    browser = SampleBrowser()
    qtbot.addWidget(browser)
    browser.resize(300, 400)
    browser.show()
    browser.set_dataset(fake_dataset())
    yield browser
    browser.stop()


def samples(browser):
    return [browser.model.index(row, 0).data(SampleRole) for row in range(browser.model.rowCount())]


def search(qtbot, browser, text):
    with qtbot.waitSignal(browser.model.searched, timeout=5_000, check_params_cb=lambda _found, over: over):
        browser.search_field.setText(text)
    return samples(browser)


def choose_side(browser, side):
    browser.side.setCurrentIndex(browser.side.findData(side))


def test_search_by_word_category_and_number(qtbot, browser):
    assert samples(browser) == list(range(40))
    assert search(qtbot, browser, "number 1") == [0, 1, *range(10, 20), 21, 31]
    assert browser.found.text() == "14 found"
    assert search(qtbot, browser, "ODD text") == list(range(1, 40, 2))
    assert search(qtbot, browser, "40") == [39], "people count from 1"
    assert search(qtbot, browser, "#40") == search(qtbot, browser, "4,0") == [39]
    assert search(qtbot, browser, "even 40") == []
    assert browser.found.text().startswith("Nothing found")
    assert len(search(qtbot, browser, "")) == 40
    assert browser.found.text() == "40 samples"


def test_a_subset_from_the_map_alone_and_with_a_search_and_a_side(qtbot, browser):
    chosen = np.array([3, 4, 11, 30])
    browser.set_subset(chosen, "in the lasso")
    assert samples(browser) == [3, 4, 11, 30]
    assert browser.subset_label.full_text == "Only samples in the lasso"
    assert browser.model.row_of(11) == 2
    assert browser.model.row_of(5) is None
    assert search(qtbot, browser, "odd") == [3, 11]
    search(qtbot, browser, "")
    choose_side(browser, "validation")
    held_out = fake_dataset().validation_indices.tolist()
    assert samples(browser) == [sample for sample in chosen.tolist() if sample in held_out]
    choose_side(browser, "all")
    with qtbot.waitSignal(browser.subset_cleared, timeout=1_000):
        browser.subset_button.click()
    assert samples(browser) == list(range(40))
    assert browser.subset_label.isHidden()


def test_other_data_ends_the_subset(browser):
    browser.set_subset(np.array([1]), "in the lasso")
    browser.set_dataset(fake_dataset())
    assert len(samples(browser)) == 40
    assert browser.subset_button.isHidden()


def test_sides_of_the_split_alone_and_with_a_search(qtbot, browser):
    dataset = fake_dataset()
    held_out, trained = sorted(dataset.validation_indices.tolist()), sorted(dataset.train_indices.tolist())
    choose_side(browser, "validation")
    assert samples(browser) == held_out
    choose_side(browser, "train")
    assert samples(browser) == trained
    found = search(qtbot, browser, "even")
    assert found == [sample for sample in trained if sample % 2 == 0]
    choose_side(browser, "validation")
    qtbot.waitUntil(lambda: samples(browser) == [sample for sample in held_out if sample % 2 == 0], timeout=5_000)


def test_a_row_tells_its_side_by_colour_and_tooltip(browser):
    dataset = fake_dataset()
    mask = held_out_mask(dataset)
    assert mask.sum() == len(dataset.validation_indices)
    for sample in (int(dataset.validation_indices[0]), int(dataset.train_indices[0])):
        index = browser.model.index(sample, 0)
        side = "validation" if mask[sample] else "train"
        swatch = index.data(Qt.ItemDataRole.DecorationRole).toImage()
        assert swatch.pixelColor(5, 5) == QColor(SERIES_COLORS[side])
        tip = index.data(Qt.ItemDataRole.ToolTipRole)
        assert ("held out: never trained on" if mask[sample] else ", trained on") in tip
        assert f"sample {sample + 1} of 40" in tip
        assert index.data(MarkRole) == ("held out" if mask[sample] else "")
        browser.view.scrollTo(index)
        cell = browser.view.visualRect(index)
        right = browser.view.viewport().grab(cell).toImage()
        inked = {right.pixelColor(x, y).name() for x in range(cell.width() - 40, cell.width()) for y in range(4, 16)}
        assert (len(inked) > 1) == mask[sample], "the mark is at the right end, and only where it belongs"


def test_keys_go_from_the_search_to_the_list_and_choose(qtbot, browser):
    search(qtbot, browser, "number 1")
    qtbot.keyClick(browser.search_field, Qt.Key.Key_Return)
    assert browser.window().focusWidget() is browser.view
    qtbot.waitUntil(lambda: browser.model.rowCount() == 14, timeout=5_000)
    qtbot.keyClick(browser.view, Qt.Key.Key_Down)
    with qtbot.waitSignal(browser.sample_wanted, timeout=1_000) as caught:
        qtbot.keyClick(browser.view, Qt.Key.Key_Return)
    assert caught.args[0] in (0, 1)


def test_keys_move_the_watched_sample(qtbot, browser):
    wanted = []
    browser.sample_wanted.connect(wanted.append)
    browser.show_watched(25)
    browser.view.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(browser.view, key)
    assert wanted == [26, 27, 26]
    qtbot.keyClick(browser.view, Qt.Key.Key_End)
    qtbot.keyClick(browser.view, Qt.Key.Key_Down)
    qtbot.keyClick(browser.view, Qt.Key.Key_Right)
    assert wanted == [26, 27, 26, 39], "at the end there is nowhere to go"


def test_the_watched_sample_is_marked_where_it_is_listed(qtbot, browser):
    browser.show_watched(25)
    assert browser.view.currentIndex().data(SampleRole) == 25
    assert browser.view.selectionModel().isSelected(browser.model.index(25, 0))
    search(qtbot, browser, "odd")
    assert browser.view.currentIndex().data(SampleRole) == 25
    choose_side(browser, "validation")
    qtbot.waitUntil(lambda: not browser.view.selectionModel().hasSelection(), timeout=5_000)
    choose_side(browser, "all")
    search(qtbot, browser, "")
    assert browser.view.currentIndex().data(SampleRole) == 25
    browser.show_watched(-1)
    assert not browser.view.selectionModel().hasSelection()


def test_a_search_gives_the_window_its_turns_and_stops_somewhere(qtbot):
    model, calls = SampleModel(), []
    model.searched.connect(lambda found, over: calls.append((found, over)))
    model.set_dataset(fake_dataset(samples=50_000, width=2))
    over = {"timeout": 20_000, "check_params_cb": lambda _found, over: over}
    with qtbot.waitSignal(model.searched, **over):
        model.search("text 7")
    assert calls[-1] == (MOST_FOUND, True)
    with qtbot.waitSignal(model.searched, **over):
        model.search("text 50000")
    assert calls[-1] == (1, True)
    model.search("no such words")
    model.search("number 3")
    with qtbot.waitSignal(model.searched, **over):
        pass
    assert calls[-1] == (MOST_FOUND, True), "the newer search alone"


def test_a_new_search_or_a_stop_ends_the_old_one(qtbot):
    model = SampleModel()
    model.set_dataset(fake_dataset(samples=50_000, width=2))
    model.search("nowhere")
    model.stop()
    with qtbot.assertNotEmitted(model.searched, wait=50):
        pass
    model.search("")
    assert model.rowCount() == 50_000


@pytest.mark.parametrize("packed", [False, True])
def test_a_search_finds_what_a_plain_look_finds(qtbot, packed):
    words = ("Cat", "d\xf6g", "TREE", "river", "12", "3")
    texts = [" ".join(pair) + f" {index}" for index, pair in enumerate(itertools.product(words, repeat=4))]
    texts = texts[:1000]
    dataset = build_dataset(torch.randn(len(texts), 2), source="x", texts=PackedTexts.pack(texts) if packed else texts)
    model = SampleModel()
    model.set_dataset(dataset)
    for query in ("cat", "D\xd6G tree", "12 river", "999", "3 cat cat", "\xdf"):
        with qtbot.waitSignal(model.searched, timeout=5_000, check_params_cb=lambda _found, over: over):
            model.search(query)
        wanted = [
            index
            for index, text in enumerate(texts)
            if all(word in text.casefold() or word == str(index + 1) for word in query.casefold().split())
        ]
        assert [model.sample_at(row) for row in range(model.rowCount())] == wanted, query


def test_samples_without_texts_are_found_by_number(qtbot, browser):
    browser.set_dataset(build_dataset(torch.randn(600, 2), source="rows"))
    assert browser.model.index(12, 0).data() == "sample 13"
    assert search(qtbot, browser, "600") == [599]
    assert search(qtbot, browser, "sample 599") == [598]


def test_a_million_samples_are_listed_without_a_look_at_each(qtbot):
    asked = []

    class Texts(list):
        def __len__(self):
            return 1_000_000

        def __getitem__(self, index):
            asked.append(index)
            return f"text {index}"

    dataset = build_dataset(torch.randn(1_000_000, 1), source="million")
    dataset = replace(dataset, texts=Texts())
    browser = SampleBrowser()
    qtbot.addWidget(browser)
    browser.resize(300, 500)
    browser.show()
    browser.set_dataset(dataset)
    qtbot.waitUntil(lambda: len(asked) > 5, timeout=5_000)
    browser.view.scrollToBottom()
    qtbot.waitUntil(lambda: any(index > 999_990 for index in asked), timeout=5_000)
    choose_side(browser, "validation")
    qtbot.wait(20)
    assert len(asked) < 2_000
    assert browser.model.rowCount() == len(dataset.validation_indices)


def test_more_digits_than_any_number_has_find_nothing(qtbot, browser):
    assert search(qtbot, browser, "9" * 5000) == []
    assert search(qtbot, browser, "7") != []


def choose_order(browser, order):
    browser.order.setCurrentIndex(browser.order.findData(order))


def cosine_of(browser, sample):
    return browser.model.index(browser.model.row_of(sample), SCORES).data()


@pytest.fixture
def scores(browser):
    scores = scored()
    browser.follow(scores)
    return scores


def test_a_column_of_cosines_is_there_where_some_are_known(qtbot, browser, scores):
    assert browser.view.isColumnHidden(SCORES)
    assert not browser.view.horizontalHeader().isVisible()
    take_scores(scores, [7, 3], [0.25, -0.1251])
    assert not browser.view.isColumnHidden(SCORES)
    assert browser.view.horizontalHeader().isVisible()
    assert (cosine_of(browser, 7), cosine_of(browser, 3), cosine_of(browser, 4)) == ("0.250", "-0.125", None)
    tip = browser.model.index(3, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.splitlines()[-2:] == ["cosine of the student: -0.125", "Click to watch it."]
    wanted = []
    browser.sample_wanted.connect(wanted.append)
    cell = browser.view.visualRect(browser.model.index(7, SCORES))
    qtbot.mouseClick(browser.view.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    assert wanted == [7], "a click on the number watches the sample, too"


def test_worst_and_best_first_with_the_unscored_ones_last(qtbot, browser, scores):
    take_scores(scores, [7, 3, 30], [0.5, 0.9, 0.1])
    assert samples(browser)[:3] == [0, 1, 2]
    browser.show_watched(25)
    choose_order(browser, "worst")
    assert browser.view.rowAt(1) == 0, "the list begins with the worst, and not with the watched one"
    assert browser.view.selectionModel().isSelected(browser.model.index(browser.model.row_of(25), SCORES))
    assert samples(browser)[:5] == [30, 7, 3, 0, 1]
    assert browser.model.row_of(7) == 1
    choose_order(browser, "best")
    assert samples(browser)[:5] == [3, 7, 30, 0, 1]
    choose_order(browser, "file")
    assert samples(browser) == list(range(40))


def test_the_order_holds_for_a_search_a_side_and_a_subset(qtbot, browser, scores):
    take_scores(scores, range(40), np.linspace(0.9, 0.1, 40))
    choose_order(browser, "worst")
    assert samples(browser) == list(range(39, -1, -1))
    assert search(qtbot, browser, "number 1") == [31, 21, *range(19, 9, -1), 1, 0]
    assert search(qtbot, browser, "#12") == [11]
    search(qtbot, browser, "")
    browser.set_subset(np.array([3, 4, 11]), "in the lasso")
    assert samples(browser) == [11, 4, 3]
    browser.set_subset(None, "")
    choose_side(browser, "validation")
    assert samples(browser) == sorted(fake_dataset().validation_indices.tolist(), reverse=True)


def test_new_numbers_change_the_order_where_the_list_is_scrolled_to(browser, scores):
    take_scores(scores, range(40), np.linspace(0.9, 0.1, 40))
    browser.resize(300, 300)
    choose_order(browser, "worst")
    bar = browser.view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    place = bar.value()
    assert place > 0
    take_scores(scores, [12], [-1.0])
    assert samples(browser)[0] == 12
    assert bar.value() == place


def test_numbers_of_an_earlier_step_are_grey_and_say_so(browser, scores):
    take_scores(scores, [7], [0.5])
    index = browser.model.index(7, SCORES)
    assert not index.data(OutdatedRole)
    scores.controller.go_to(12)
    assert index.data(OutdatedRole) == "at step 0"
    assert "cosine of the student: 0.500 (at step 0)" in browser.model.index(7, 0).data(Qt.ItemDataRole.ToolTipRole)
    browser.view.scrollTo(index)
    cell = browser.view.visualRect(index)
    grey = QColor(theme_of(browser.view).disabled)
    picture = browser.view.viewport().grab(cell).toImage()
    inked = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
    text = QColor(theme_of(browser.view).text)
    assert all(abs(ink.lightness() - text.lightness()) >= abs(grey.lightness() - text.lightness()) - 3 for ink in inked)


def test_the_line_offers_to_score_all_and_says_about_how_long_that_takes(qtbot, browser, scores):
    line = browser.score_line
    assert line.words.text() == "No sample is scored yet"
    assert "How long it takes is known after" in line.button.toolTip()
    scores.controller.watch_in(0.05)
    assert line.words.text() == "No sample is scored yet. All take at most about 2 s"
    scores.score_all()
    scores.controller.answer([7, 3], [0.5, 0.9], 0, seconds=4.0)
    assert line.words.text() == "Scored: 2 of 40. All take about 4 s"
    scores.controller.go_to(1200)
    assert line.words.text() == "Scored: 2 of 40 (at step 0). All take about 4 s"
    assert line.words.property("role") == "outdated"
    line.button.click()
    assert [type(command).__name__ for command in scores.controller.requested] == 2 * ["ScoreSamples"]
    assert not line.button.isEnabled()
    assert "Cancel is in the status bar" in line.words.text()
    scores.controller.answer(range(40), np.linspace(0, 1, 40), 1200)
    assert line.button.isEnabled()
    assert line.words.text() == "Scored: 40 of 40"
    assert line.words.property("role") == "muted"
