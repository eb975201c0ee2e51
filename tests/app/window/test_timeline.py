"""The lattice-step timeline: clicks, dragging, keys and play."""

import pytest
from PyQt6.QtCore import QPoint, Qt

from app.window.timeline import Timeline


@pytest.fixture
def timeline(qtbot):
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(700, 50)
    timeline.set_steps(5)
    timeline.show()
    return timeline


def click(qtbot, timeline, step):
    track = timeline.track
    point = QPoint(round(track._position(step)), 16)
    qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=point)


def test_a_click_chooses_the_stop_under_the_mouse(qtbot, timeline):
    seen = []
    timeline.step_changed.connect(seen.append)
    for step in (3, 0, 5, 2):
        click(qtbot, timeline, step)
        assert timeline.step == step
    assert seen == [3, 0, 5, 2]
    assert timeline.label.text() == "lattice step 2 of 5"


def test_dragging_scrubs(qtbot, timeline):
    seen = []
    timeline.step_changed.connect(seen.append)
    track = timeline.track
    timeline.set_step(0)
    seen.clear()
    qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=QPoint(round(track._position(0)), 16))
    from PyQt6.QtCore import QEvent, QPointF
    from PyQt6.QtGui import QMouseEvent

    for step in (1, 2, 3, 4):
        track.mouseMoveEvent(
            QMouseEvent(
                QEvent.Type.MouseMove, QPointF(track._position(step), 16), Qt.MouseButton.NoButton,
                Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
            )
        )  # fmt: skip
    assert seen == [1, 2, 3, 4]


def test_next_and_previous_stay_on_the_track(timeline):
    timeline.set_step(5)
    timeline.next()
    assert timeline.step == 5
    timeline.set_step(0)
    timeline.previous()
    assert timeline.step == 0


def test_keys_move_the_handle(qtbot, timeline):
    timeline.track.setFocus()
    timeline.set_step(2)
    qtbot.keyClick(timeline.track, Qt.Key.Key_Right)
    assert timeline.step == 3
    qtbot.keyClick(timeline.track, Qt.Key.Key_Home)
    assert timeline.step == 0
    qtbot.keyClick(timeline.track, Qt.Key.Key_End)
    assert timeline.step == 5


def test_a_handle_at_the_end_stays_at_the_end_when_the_rollout_grows(timeline):
    timeline.set_step(5)
    told = []
    timeline.step_changed.connect(told.append)
    timeline.set_steps(9)
    assert timeline.step == 9
    assert told == [9]
    timeline.set_step(3)
    timeline.set_steps(12)
    assert timeline.step == 3
    timeline.set_steps(2)
    assert timeline.step == 2


def test_playing_goes_round(qtbot, timeline):
    timeline.set_step(5)
    timeline.toggle_playing()
    assert timeline.playing
    assert timeline.step == 0
    steps = []
    timeline.step_changed.connect(steps.append)
    for _ in range(8):
        timeline._timer.timeout.emit()
    assert steps == [1, 2, 3, 4, 5, 0, 1]
    timeline.toggle_playing()
    assert not timeline.playing


def test_what_is_read_out_at_the_chosen_step(timeline):
    timeline.set_scores((0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
    timeline.set_step(4)
    assert timeline.score.text() == "cosine here: 0.500"


def test_a_score_from_before_an_edit_says_so(timeline):
    timeline.outdate_scores("lattice steps 4")
    assert timeline.score.text() == ""
    timeline.set_scores((0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
    timeline.set_step(4)
    timeline.outdate_scores("lattice steps 4")
    assert timeline.score.text() == "cosine here: 0.500, before the edit"
    assert timeline.score.property("role") == "outdated"
    assert timeline.score.toolTip() == "Measured before: lattice steps 4"
    timeline.set_scores((0.1, 0.2, 0.3, 0.4, 0.6, 0.6))
    assert timeline.score.text() == "cosine here: 0.600"
    assert timeline.score.property("role") == "muted"


def test_many_steps_in_little_room_can_be_painted(qtbot, timeline):
    timeline.set_steps(64)
    timeline.resize(260, 50)
    timeline.grab()
    timeline.set_steps(0)
    timeline.grab()
    assert timeline.step == 0
