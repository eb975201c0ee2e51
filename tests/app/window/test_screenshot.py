"""`--screenshot`: what is on the picture is complete."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.window.screenshot import Photographer

pytestmark = pytest.mark.gl


def test_a_picture_waits_for_what_its_colours_show(qtbot, make_window, tmp_path):
    path = tmp_path / "window.png"
    window = make_window(screenshot=path)
    photographer = Photographer(window, window.options)
    lacking = replace(window.display.observation, mean_TXYZC=None)
    window.display.set_mode("message")
    window.display.show(lacking)
    photographer._take()
    assert not path.exists()
    qtbot.waitUntil(path.exists, timeout=30_000)
    assert window.display.observation.mean_TXYZC is not None
    qtbot.waitUntil(lambda: photographer.code == 0, timeout=10_000)
