"""What a run is first shown as: a front is played in colours that show it; what the user chose stays."""

import pytest

from app.run.commands import OpenRun
from tests.app.fakes import small_config

pytestmark = pytest.mark.gl

THROUGH = small_config(embedding_mapping__placement="through")


def reopen(qtbot, window, config):
    with qtbot.waitSignal(window.controller.opened, timeout=20_000):
        window.controller.open(OpenRun("again", config))


def test_a_cube_that_carries_is_played_in_the_mode_that_shows_the_front(qtbot, make_window):
    window = make_window(config=THROUGH)
    assert window.display.mode == "message"
    assert window.timeline.playing
    qtbot.waitUntil(lambda: window.display.observation.mean_TXYZC is not None, timeout=10_000)
    reopen(qtbot, window, small_config())
    assert window.display.mode == "state_rgb"
    assert not window.timeline.playing


def test_what_the_user_chose_stays(qtbot, make_window):
    window = make_window()
    window.display.set_mode("norm")
    window.timeline.toggle_playing()
    reopen(qtbot, window, THROUGH)
    assert window.display.mode == "norm"
    window.timeline.toggle_playing()
    reopen(qtbot, window, small_config())
    assert window.display.mode == "norm"
    assert not window.timeline.playing


def test_a_picture_is_taken_with_the_front_on_its_way(make_window, tmp_path):
    window = make_window(config=THROUGH, screenshot=tmp_path / "x.png")
    assert window.display.mode == "message"
    assert not window.timeline.playing
    assert window.timeline.step == 1


@pytest.mark.parametrize("name", ["state_rgb", "norm", "trace_nothing_yet"])
def test_a_colour_mode_of_the_command_line_goes_before_it(make_window, name):
    window = make_window(config=THROUGH, color_mode=name)
    assert window.display.mode == ("state_rgb" if name.startswith("trace_") else name)
    assert window.timeline.playing
