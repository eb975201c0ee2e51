"""The table of actions: unique ids and keys, each in a menu and with an explanation."""

import pytest
from PyQt6.QtGui import QKeySequence

from app.actions.availability import why_disabled
from app.actions.registry import Actions
from app.widgets.icons import ICONS
from app.window.menus import MENUS
from tests.app.specs import action_specs

SPECS = action_specs()


def test_ids_are_unique():
    ids = [spec.id for spec in SPECS]
    assert len(ids) == len(set(ids))


def test_no_key_means_two_things():
    keys = [QKeySequence(key).toString() for spec in SPECS for key in spec.shortcuts]
    assert all(keys)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("id_", "key"),
    [
        ("toggle", "Space"), ("step", "."), ("walk_right", "Right"), ("home", "R"), ("photo", "F12"),
        ("save", "Ctrl+S"), ("export", "Ctrl+E"), ("full_screen", "F11"), ("hide_panels", "H"),
        ("commands", "F3"), ("keys", "F1"), ("focus", "F"), ("unpick", "Esc"),
        ("opacity", "O"), ("play", "P"), ("slice_x", "X"), ("slice_x_back", "Shift+X"), ("next_step", "]"),
        *((f"mode_{mode}", str(number)) for number, mode in enumerate(
            ("state_rgb", "skin", "norm", "channel", "change", "gates", "signal", "message", "message_channel"),
            start=1)),
    ],
)  # fmt: skip
def test_keys_that_people_were_promised(id_, key):
    spec = next(spec for spec in SPECS if spec.id == id_)
    assert key in spec.shortcuts


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
def test_every_action_is_in_a_menu_and_explains_itself(spec):
    assert spec.menu.split("/")[0] in MENUS
    assert spec.tooltip
    assert not spec.tooltip.endswith(".")
    assert spec.icon == "" or spec.icon in ICONS
    assert callable(spec.handler)


def test_what_needs_a_run_is_greyed_out_without_one(qtbot):
    from PyQt6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    actions = Actions(widget, SPECS)
    actions.set_run_available(False)
    assert not actions["save"].isEnabled()
    assert why_disabled(actions["save"]) == "there is no run. Open one from the File menu"
    assert actions["open_data"].isEnabled()
    actions.set_run_available(True)
    assert actions["save"].isEnabled()


def test_the_sheet_lists_every_action_that_has_a_key(qtbot):
    from PyQt6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    groups = Actions(widget, SPECS).shortcut_groups()
    assert sum(len(keys) for _, keys in groups) == sum(bool(spec.shortcuts) for spec in SPECS)
