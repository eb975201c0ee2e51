"""What leads to the panels that choose the watched sample."""

import pytest

from app.actions.samples import SampleActions
from app.panels.sample.panel import SamplePanel
from app.panels.sample.probe_box import ProbeState


@pytest.mark.parametrize("ready", [True, False])
def test_where_no_sentence_can_be_typed_it_is_said_why(qtbot, ready):
    panel, raised, told = SamplePanel(), [], []
    qtbot.addWidget(panel)
    panel.show()
    panel.probe.show_state(ProbeState("This data names no teacher.", ready=ready))
    SampleActions(None, panel, raised.append, told.append).type_sentence()
    assert raised == ["sample"]
    assert (panel.focusWidget() is panel.probe.field) == ready
    assert told == ([] if ready else ["No sentence can be typed now. This data names no teacher."])
