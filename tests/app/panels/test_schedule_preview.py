"""The learning rate to come is drawn and told before it happens."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.panels.schedule_preview import SchedulePreview
from lattice.config import SimpleProjectConfig
from lattice.training.schedule import learning_rate

CONFIG = SimpleProjectConfig().replaced(
    {"training_embedding.training_steps": 100, "optimizer.learning_rate": 0.004, "optimizer.schedule": "one_cycle"}
)


@pytest.fixture
def preview(qtbot: QtBot) -> SchedulePreview:
    preview = SchedulePreview()
    qtbot.addWidget(preview)
    return preview


def test_the_line_to_come_begins_where_the_run_stands(preview: SchedulePreview) -> None:
    preview.show_plan(CONFIG, CONFIG, 40)
    to_come = preview.line(planned=True)
    assert to_come[0] == (40, learning_rate(40, 100, CONFIG.optimizer))
    assert to_come[-1] == (99, learning_rate(99, 100, CONFIG.optimizer))
    assert preview.line(planned=False)[0][0] == 40, "what was before is not known here"
    assert preview.caption().endswith("now, 4e-7 at step 100")


def test_what_was_is_drawn_as_it_was_whatever_the_settings_say_now(preview: SchedulePreview) -> None:
    was = [(0, 0.1), (1, 0.2), (2, 0.3)]
    preview.show_plan(CONFIG, CONFIG, 3, past=was)
    line = preview.line(planned=False)
    assert line[:4] == [*was, (3, learning_rate(3, 100, CONFIG.optimizer))]
    assert line[-1][0] == 99
    preview.show_plan(CONFIG, CONFIG.replaced({"training_embedding.seed": 1}), 0, "after Apply", past=was)
    assert preview.line(planned=False) == line, "an edit that begins a new schedule leaves the past alone"
    assert preview.line(planned=True)[0] == (0, learning_rate(0, 100, CONFIG.optimizer))


def test_an_edit_and_more_training_steps_are_drawn_before_they_act(preview: SchedulePreview) -> None:
    longer = CONFIG.replaced({"training_embedding.training_steps": 200})
    preview.show_plan(CONFIG, longer, 100, "after Train 100 more")
    assert preview.line(planned=True)[0] == (100, learning_rate(100, 200, CONFIG.optimizer))
    assert "after Train 100 more, 4e-7 at step 200" in preview.caption()
    assert "after Train 100 more" in preview.toolTip()


def test_a_schedule_that_is_over_has_no_line_to_come(preview: SchedulePreview) -> None:
    preview.show_plan(CONFIG, CONFIG, 100)
    assert preview.line(planned=True) == []
    assert preview.caption() == "the schedule is over, at 4e-7"


def test_it_is_drawn(preview: SchedulePreview) -> None:
    preview.resize(240, 86)
    preview.show_plan(CONFIG, CONFIG, 0)
    before = preview.grab().toImage()
    preview.show_plan(CONFIG, CONFIG.replaced({"optimizer.schedule": "constant"}), 0, "after Apply")
    assert preview.grab().toImage() != before
