"""Preferences: defaults, what is stored, and nonsense in the file."""

import pytest
from PyQt6.QtCore import QByteArray

from app.session.preferences import RECENT_FILES, Preferences, PreferencesDialog
from lattice.paths import config_folder


def test_defaults_and_what_is_stored_comes_back():
    preferences = Preferences()
    assert (preferences.autostart, preferences.autosave_minutes, preferences.theme) == (True, 5, "system")
    preferences.autostart, preferences.autosave_minutes, preferences.theme = False, 12, "light"
    preferences.sync()
    again = Preferences()
    assert (again.autostart, again.autosave_minutes, again.theme) == (False, 12, "light")
    assert (config_folder() / "window.ini").exists()


@pytest.mark.parametrize(("stored", "minutes"), [("-3", 0), ("9999", 120), ("often", 5)])
def test_nonsense_in_the_file_does_no_harm(tmp_path, stored, minutes):
    path = tmp_path / "window.ini"
    path.write_text(f"[run]\nautosave_minutes={stored}\n[look]\ntheme=pink\n")
    preferences = Preferences(path)
    assert preferences.autosave_minutes == minutes
    assert preferences.theme == "system"
    assert preferences.layout("a") is None


def test_recent_files_are_newest_first_without_doubles(tmp_path):
    preferences = Preferences()
    for number in range(RECENT_FILES + 3):
        preferences.remember_file(tmp_path / f"{number}.toml")
    preferences.remember_file(tmp_path / "5.toml")
    names = [path.name for path in preferences.recent_files]
    assert names[0] == "5.toml"
    assert len(names) == len(set(names)) == RECENT_FILES
    assert preferences.folder == tmp_path
    preferences.forget_files()
    assert preferences.recent_files == []


def test_one_recent_file_comes_back_as_one(tmp_path):
    preferences = Preferences()
    preferences.remember_file(tmp_path / "only.toml")
    preferences.sync()
    assert Preferences().recent_files == [tmp_path / "only.toml"]


def test_a_layout_is_only_given_to_the_same_panels():
    preferences = Preferences()
    preferences.store_layout("a b", QByteArray(b"geometry"), QByteArray(b"state"))
    assert preferences.layout("a b") == (QByteArray(b"geometry"), QByteArray(b"state"))
    assert preferences.layout("a b c") is None
    preferences.forget_layout()
    assert preferences.layout("a b") is None


def test_the_dialog_stores_on_ok_only(qtbot):
    preferences = Preferences()
    dialog, themes = PreferencesDialog(preferences, "system"), []
    dialog.theme_chosen.connect(themes.append)
    qtbot.addWidget(dialog)
    assert "a checkpoint that is opened later waits for Start" in dialog.autostart.toolTip()
    dialog.autostart.setChecked(False)
    dialog.autosave.setValue(0)
    dialog.theme.setCurrentIndex(1)
    dialog.reject()
    assert preferences.autostart
    assert themes == []
    dialog.accept()
    assert (preferences.autostart, preferences.autosave_minutes, themes) == (False, 0, ["dark"])


def test_the_dialog_shows_the_theme_in_force_and_keeps_it_where_another_was_remembered(qtbot):
    preferences = Preferences()
    preferences.theme = "light"
    dialog, themes = PreferencesDialog(preferences, "dark"), []
    qtbot.addWidget(dialog)
    dialog.theme_chosen.connect(themes.append)
    assert dialog.theme.currentData() == "dark"
    dialog.accept()
    assert (preferences.theme, themes) == ("light", [])
