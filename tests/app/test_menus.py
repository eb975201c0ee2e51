"""The toolbar's sample box: a long text is cut in sight of everybody."""

from app.menus import SampleBox


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
