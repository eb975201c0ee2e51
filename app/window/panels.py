"""The table of panels: what each is called, where it belongs, and its class. A new one is a row here and its file.

The table goes into the registry of panels by the same call that plugins use, before any window is made.
"""

from __future__ import annotations

from app.panels.appearance import AppearancePanel
from app.panels.curves import CurvesPanel
from app.panels.damage.panel import DamagePanel
from app.panels.data.panel import DataPanel
from app.panels.data_map.panel import DataMapPanel
from app.panels.device import DevicePanel
from app.panels.inspector.panel import InspectorPanel
from app.panels.lattice.dock import LatticeDock
from app.panels.log import LogPanel
from app.panels.sample.panel import SamplePanel
from app.panels.spec import PanelSpec
from app.panels.training import TrainingPanel
from lattice.plugins import Plugins

BUILT_IN_PANELS: dict[str, PanelSpec] = {
    "lattice": PanelSpec("Lattice", "left", lambda _services: LatticeDock(),
                         "Size, tiers and placement of the cube, and what they cost", scrolls=False),
    "training": PanelSpec("Training", "left", lambda _services: TrainingPanel(),
                          "Objective, losses, optimizer and data limits", scrolls=False),
    "data": PanelSpec("Data", "left", lambda _services: DataPanel(),
                      "Where the samples come from, their memory, and a search", scrolls=False),
    "appearance": PanelSpec("Cube", "left", lambda services: AppearancePanel(services.cube, services.display),
                            "Opacity, shape, slices and planes of the picture"),
    "inspector": PanelSpec("Inspector", "right", lambda _services: InspectorPanel(),
                           "State, neighbours and learning signal of the picked cell"),
    "damage": PanelSpec("Damage", "right", DamagePanel,
                        "Erased cells in what is watched, and the score against what is erased"),
    "sample": PanelSpec("Sample", "right", lambda _services: SamplePanel(),
                        "The watched sample and what the cube makes of it", stack=1, scrolls=False),
    "device": PanelSpec("Device", "right", lambda _services: DevicePanel(),
                        "Memory and load of the processor or graphics card", stack=1, scrolls=False),
    "curves": PanelSpec("Curves", "bottom", lambda _services: CurvesPanel(),
                        "Losses, scores and gradients over the training steps", scrolls=False),
    "data_map": PanelSpec("Data map", "bottom", DataMapPanel,
                          "Every sample in a plane, near-duplicates, norms and neighbours", scrolls=False),
    "log": PanelSpec("Log", "bottom", lambda _services: LogPanel(), "What the program reports", scrolls=False),
}  # fmt: skip


def setup(plugins: Plugins) -> None:
    """Register the table."""
    for name, spec in BUILT_IN_PANELS.items():
        plugins.panel(name, spec)


def register_built_in_panels() -> None:
    """Put the table into the registry; doing so again changes nothing."""
    setup(Plugins())
