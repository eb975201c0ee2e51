"""Starting from weights: what is requested of the worker, and what is said when it is there."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.numpy

from app.actions.open import OpenActions
from app.actions.warm_start_dialog import WarmStartDialog
from app.options import StartOptions
from lattice.config import Wishes
from lattice.training.carry_over import CarryOver, Misfit
from lattice.training.warm_start import WarmStart
from tests.app.fakes import small_config


@pytest.fixture
def opener():
    """An opener whose requests are kept in `requests`."""
    requests = []
    controller = SimpleNamespace(summary=None, stays_paused=False)
    reasons = []

    def open_instead(request, reason, _done, _failed):
        requests.append(request)
        reasons.append(reason)

    prompt = SimpleNamespace(open_instead=open_instead)
    opener = OpenActions(controller, SimpleNamespace(), prompt, SimpleNamespace(), print, autostart=False)
    opener.requests, opener.reasons, opener.controller = requests, reasons, controller
    return opener


def test_the_menu_takes_the_present_settings(opener):
    opener.controller.summary = SimpleNamespace(config=small_config())
    opener.open_weights(Path("/runs/old.safetensors"))
    (request,) = opener.requests
    assert (request.weights, request.checkpoint) == (Path("/runs/old.safetensors"), None)
    assert request.config == small_config()
    assert request.title == "Can't open weights of old.safetensors"


def test_an_export_that_is_opened_like_any_file_begins_a_new_run(opener, tmp_path):
    path = tmp_path / "cube-weights.safetensors"
    safetensors.numpy.save_file({"student.x": np.zeros(1)}, path, metadata={"cellcube": '{"counters": {}}'})
    opener.open_path(path)
    (request,) = opener.requests
    assert (request.weights, request.checkpoint) == (path, None)
    assert opener.reasons == ["Beginning another run with the weights of cube-weights.safetensors ends this one."]


@pytest.mark.parametrize("chosen", [False, True])
def test_the_command_line_takes_the_files_settings_unless_others_were_named(opener, chosen):
    settings = ("lattice.dimensions=[9, 8, 8]",)
    wishes = Wishes({"training_embedding.data": "x.npy"}, settings)
    options = StartOptions(weights=Path("old.safetensors"), chosen=chosen, wishes=wishes)
    opener.open_first(options)
    (request,) = opener.requests
    assert (request.config is not None) == chosen
    assert request.wishes == wishes


def test_what_does_not_fit_is_listed(qtbot):
    dialog = WarmStartDialog()
    qtbot.addWidget(dialog)
    misfits = (Misfit("mapper.project.weight", (98, 12), (54, 12)),)
    carried = CarryOver(("prototype.gate.weight",), misfits)
    path = Path("old.safetensors")
    start = WarmStart(path, 40, (4, 3, 5), 12, ("model.rule a -> b",), carried, start="random")
    assert start.shortfall() == "1 of the 2 weights in old.safetensors do not fit and begin again."
    assert replace(start, weights=CarryOver(("prototype.gate.weight",), ())).shortfall() == ""
    dialog.show_start(start)
    assert dialog.isVisible()
    assert dialog.headline.text().startswith("Started from old.safetensors: a 4x3x5 cube on width 12 after 40")
    assert dialog.details.toPlainText().splitlines() == [
        "Settings that came with the cells: model.rule a -> b",
        "1 weights taken over",
        "mapper.project.weight [98, 12] begins again: it was [54, 12]",
        "The outer maps begin again at random and have to be learnt: embedding_mapping.start = identity would begin "
        "with a read-out that inverts what is painted",
    ]
    dialog.close()
