"""The sample browser: search, sides of the split, keys, and a million samples."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor

from app.panels.data.browser import SampleBrowser
from app.panels.data.sample_list import MOST_FOUND, MarkRole, SampleModel, SampleRole, held_out_mask
from app.widgets.palette import SERIES_COLORS
from lattice.data import build_dataset
from lattice.data.texts import PackedTexts
from tests.app.fakes import fake_dataset


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
