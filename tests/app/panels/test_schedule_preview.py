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
    assert preview.line(planned=False)[0][0] == 0
    assert preview.caption().endswith("now, 4e-7 at step 100")


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
