"""What would come of a candidate is compared with the config in force."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.panels.lattice.facts import BuiltStencils
from app.panels.lattice.outlook import Outlook
from app.run.estimator import Estimate
from lattice.config import SimpleProjectConfig

NOW = SimpleProjectConfig.from_preset("debug")


@pytest.fixture
def outlook(qtbot: QtBot) -> Iterator[Outlook]:
    outlook = Outlook(lambda: NOW, None, "cpu")
    shown: tuple[QWidget, ...] = (outlook.bars, outlook.warnings, outlook.facts)
    for widget in shown:
        qtbot.addWidget(widget)
    yield outlook
    outlook.close()


def test_without_an_estimator_nothing_is_known(outlook: Outlook) -> None:
    outlook.show(NOW)
    assert outlook.estimate(NOW) is None
    assert outlook.facts.labels["Memory"].text() == "unknown"


def test_a_candidate_is_compared_with_the_config_in_force(outlook: Outlook, qtbot: QtBot) -> None:
    outlook.estimator = lambda config: Estimate(config.lattice.cells * 1e6, None)
    outlook.engine = BuiltStencils("sparse", "chosen", 12_000)
    outlook.show(NOW)
    qtbot.waitUntil(lambda: outlook.facts.labels["Stencils"].text() == "12 kB, engine 'sparse'")
    outlook.show(NOW.replaced({"lattice.dimensions": (16, 16, 16)}))
    assert outlook.facts.labels["Memory"].text() == "about 4.1 GB, now 512 MB"
    qtbot.waitUntil(lambda: ", probably engine '" in outlook.facts.labels["Stencils"].text())
