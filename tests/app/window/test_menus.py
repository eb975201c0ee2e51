"""Menus open by key; the toolbar's sample box cuts a long text in sight of everybody."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QMainWindow, QMenu

from app.actions.command_search import FoundCommand
from app.actions.registry import Actions
from app.window.menus import MENUS, build_menus, fill_recent
from app.window.sample_box import SampleBox
from lattice.config import preset_names
from tests.app.specs import action_specs


@pytest.mark.parametrize("name", MENUS)
def test_alt_and_its_first_letter_open_a_menu(qtbot, name):
    window = QMainWindow()
    qtbot.addWidget(window)
    bar = window.menuBar()
    build_menus(bar, Actions(window, action_specs()), (), lambda _preset: None)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5_000)
    QTest.keyClick(window, Qt.Key(ord(name[0])), Qt.KeyboardModifier.AltModifier)
    assert bar.activeAction() is not None
    assert bar.activeAction().text().replace("&", "") == name
    menu = bar.activeAction().menu()
    qtbot.waitUntil(menu.isVisible, timeout=2_000)
    menu.close()


def test_each_preset_says_what_it_is_for(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    build_menus(window.menuBar(), Actions(window, action_specs()), (), lambda _preset: None)
    tips = {name: window.findChild(QAction, f"new_{name}").toolTip() for name in preset_names()}
    assert tips["debug"] == "Small cube for a first look, for tests and for laptops."
    assert all(tip.endswith(".") and "#" not in tip for tip in tips.values())


def test_a_text_that_does_not_fit_ends_in_an_ellipsis(qtbot):
    box = SampleBox()
    qtbot.addWidget(box)
    text = "salt of ferricyanic acid obtained by oxidation of a ferrocyanide"
    box.set_sample(text)
    box.resize(600, 26)
    box.show()
    assert box.shown == text
    box.resize(150, 26)
    assert box.shown.endswith("\N{HORIZONTAL ELLIPSIS}")
    assert text.startswith(box.shown[:-1])
    assert box.fontMetrics().horizontalAdvance(box.shown) < 150
    assert box.toolTip().startswith(text)


def test_an_ampersand_in_a_name_is_no_access_key(qtbot):
    menu, opened = QMenu(), []
    qtbot.addWidget(menu)
    fill_recent(menu, [Path("/tmp/R&D.safetensors")], opened.append, lambda: None)
    entry = menu.actions()[0]
    assert entry.text() == "R&&D.safetensors"
    assert FoundCommand(entry, "File").name == "R&D.safetensors"
    entry.trigger()
    assert opened == [Path("/tmp/R&D.safetensors")]
