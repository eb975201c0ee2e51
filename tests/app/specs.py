"""The table of actions on features that do nothing; each has exactly the methods of the real one."""

from __future__ import annotations

from unittest.mock import create_autospec

from app.actions import table
from app.actions.apply import ApplyActions
from app.actions.cells import CellActions
from app.actions.divergence import DivergenceActions
from app.actions.help import HelpActions
from app.actions.open import OpenActions
from app.actions.pictures import PictureActions
from app.actions.plugins import PluginActions
from app.actions.push import PushActions
from app.actions.resume_proof import ResumeProofActions
from app.actions.samples import SampleActions
from app.actions.save import SaveActions
from app.actions.single_steps import SingleSteps
from app.actions.spec import ActionSpec
from app.actions.start import StartActions
from app.actions.texts import TextActions
from app.actions.undo import UndoActions
from app.actions.view import ViewActions
from app.cube.view import CubeView
from app.panels.appearance import AppearancePanel
from app.run.controller import RunController
from app.session.colors import CubeColors
from app.session.display import Display
from app.session.sample_scores import SampleScores
from app.window.docks import DockLayout
from app.window.timeline import Timeline


def action_specs() -> tuple[ActionSpec, ...]:
    """Return every action, in the order of the menus."""

    def feature(kind):
        return create_autospec(kind, instance=True)

    view, controller, cube = feature(ViewActions), feature(RunController), feature(CubeView)
    display = feature(Display)
    display.colors = feature(CubeColors)
    return (
        *table.file_actions(
            feature(OpenActions),
            feature(SaveActions),
            feature(TextActions),
            feature(PluginActions),
            feature(PictureActions),
            feature(PushActions),
            view,
            list,
        ),
        *table.run_actions(
            controller,
            feature(StartActions),
            feature(ApplyActions),
            feature(UndoActions),
            feature(DivergenceActions),
            feature(SampleActions),
            feature(SingleSteps),
            list,
            feature(ResumeProofActions),
            feature(SampleScores),
        ),
        *table.cube_actions(display, feature(AppearancePanel), view, feature(CellActions), feature(Timeline)),
        *table.view_actions(cube, view, feature(DockLayout)),
        *table.help_actions(feature(HelpActions)),
    )
