"""The one table of actions: what each is called, its key, and which method it calls.

A new action is one row here and the method. Each function makes a menu and gets the features that its rows call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.actions.apply import ApplyActions
from app.actions.cells import CellActions
from app.actions.divergence import DivergenceActions
from app.actions.help import HelpActions
from app.actions.open import OpenActions
from app.actions.pictures import PictureActions
from app.actions.plugins import PluginActions
from app.actions.push import PushActions
from app.actions.resume_proof import STEPS, ResumeProofActions
from app.actions.samples import SampleActions
from app.actions.save import SaveActions
from app.actions.single_steps import SingleSteps
from app.actions.spec import ActionSpec, action
from app.actions.start import KEY as START_KEY
from app.actions.start import StartActions
from app.actions.texts import TextActions
from app.actions.undo import KEY as UNDO_KEY
from app.actions.undo import REDO_KEYS, UndoActions
from app.actions.view import ViewActions
from app.cube.color.built_in import BUILT_IN_MODES
from app.cube.view import CubeView
from app.panels.appearance import AppearancePanel
from app.pictures.dialog import CAPTIONS_TIP
from app.run.controller import RunController
from app.session.display import Display
from app.session.preferences import AUTOSTART_TIP
from app.session.sample_scores import SampleScores


class LatticeSteps(Protocol):
    """The timeline, as far as actions use it."""

    def previous(self) -> None:
        """Go one lattice step back."""

    def next(self) -> None:
        """Go one lattice step on."""

    def toggle_playing(self) -> None:
        """Play or hold."""


class Panels(Protocol):
    """The docks, as far as actions use them."""

    def toggle_all(self, hide: bool) -> None:
        """Hide every panel, or bring back those that were shown."""

    def reset(self) -> None:
        """Go back to the built-in layout."""


AXES = ("X", "Y", "Z")


def file_actions(
    opener: OpenActions,
    saver: SaveActions,
    texts: TextActions,
    plugins: PluginActions,
    pictures: PictureActions,
    push: PushActions,
    view: ViewActions,
    close: Callable[[], object],
) -> tuple[ActionSpec, ...]:
    """Return the File menu, in its order; `close` closes the window."""
    run = {"needs_run": True}
    return (
        action("open_data", "File", "Open data...", opener.ask_data, icon="data", keys="Ctrl+D",
                tip="Learn other texts or embeddings with the present settings", separator=True),
        action("open_texts", "File", "Open texts...", texts.ask_texts, icon="data",
                tip="Learn texts, with columns and a teacher that you choose"),
        action("open_columns", "File", "Choose columns...", texts.ask_columns, icon="data",
                tip="Open data with a table and columns that you choose, after a look at its first rows"),
        action("encode", "File", "Encode texts...", texts.ask_encode, icon="sample",
                tip="Turn a file of texts into a file of embeddings, which loads at once and needs no teacher"),
        action("open_config", "File", "Open settings...", opener.ask_config, icon="sliders",
                tip="Begin a new run with the settings in a TOML file"),
        action("open_checkpoint", "File", "Open checkpoint...", opener.ask_checkpoint, icon="open", keys="Ctrl+O",
                tip="Go on with a saved run, or begin a new one with an export of weights"),
        action("open_weights", "File", "Start from weights...", opener.ask_weights, icon="checkpoint",
                tip="Begin a new run with the weights of a checkpoint or an export, as far as they fit:\n"
                "the cells fit a cube of any size, with the present data"),
        action("load_plugin", "File", "Load plugin...", plugins.ask_load, icon="plugin",
                tip="Load a Python file that brings a cell rule, an objective, a reader, a colour mode or a panel;\n"
                "whenever the file is saved, it is loaded again"),
        action("save", "File", "Save", saver.save, icon="save", keys="Ctrl+S",
                tip="Save the run, so that it can be resumed", separator=True, **run),
        action("save_as", "File", "Save as...", saver.save_as, icon="save", keys="Ctrl+Shift+S",
                tip="Save the run under another name", **run),
        action("save_config", "File", "Save settings...", saver.ask_config, icon="sliders",
                tip="Write the present settings to a TOML file", **run),
        action("export", "File/Export", "Weights...", saver.ask_export, icon="export", keys="Ctrl+E",
                tip="Write weights and settings for lattice.load_student, with a model card beside them;\n"
                "the optimizer stays behind, so such a file can't be resumed", **run),
        action("export_program", "File/Export", "Program...", saver.ask_export_program, icon="export",
                tip="Write the student as ONNX or as torch's exported program, which run without Cellcube;\n"
                "it is read back and compared with the student on held-out samples", **run),
        action("export_embeddings", "File/Export", "Embeddings of the held-out samples...",
                saver.ask_export_embeddings, icon="data",
                tip="Write the cube's outputs for all held-out samples, with their texts and cosines;\n"
                "such a file can be opened as data", **run),
        action("export_curves_csv", "File/Export", "Curves as CSV...", saver.ask_curves_csv, icon="curves",
                tip="Write every reported number as a table", **run),
        action("export_curves_image", "File/Export", "Curves as picture...", saver.ask_curves_image, icon="image",
                tip="Write the curves as PNG or SVG", **run),
        action("push", "File/Export", "Push to the Hugging Face hub...", push.ask, icon="export",
                tip="Upload weights, settings and a model card to a repository of yours, private unless you say\n"
                "otherwise", **run),
        action("picture", "File/Export", "Picture at chosen size...", pictures.ask_picture, icon="image",
                keys="Shift+F12", tip="Save a picture of the cube, as large as you like", separator=True),
        action("photo", "File/Export", "Photo", pictures.photo, icon="camera", keys="F12",
                tip="Save a picture of the cube at once, in your pictures folder", toolbar=True),
        action("record", "File/Export", "Record movie...", pictures.toggle_recording, icon="record", keys="Ctrl+R",
                tip="Record the cube to MP4 or GIF until this is pressed again", checkable=True),
        action("captions", "File/Export", "Legend in pictures and movies", pictures.set_captions, checkable=True,
                tip=CAPTIONS_TIP),
        action("preferences", "File", "Preferences...", view.ask_preferences, icon="settings", keys="Ctrl+,",
                tip="Start, autosave and theme", separator=True),
        action("quit", "File", "Quit", close, icon="quit", keys="Ctrl+Q", tip="Close the window"),
    )  # fmt: skip


def run_actions(
    controller: RunController,
    start: StartActions,
    edits: ApplyActions,
    undo: UndoActions,
    divergence: DivergenceActions,
    samples: SampleActions,
    single: SingleSteps,
    copy_command: Callable[[], object],
    proof: ResumeProofActions,
    scores: SampleScores,
) -> tuple[ActionSpec, ...]:
    """Return the Run menu, in its order; `copy_command` copies the run as a command line."""
    return (
        action("toggle", "Run", "Start or pause", start.act, icon="start", keys=START_KEY,
                tip="Start or pause training", toolbar=True, needs_run=True),
        action("step", "Run", "One training step", single.act, icon="single_step", keys=".",
                tip="Do one training step, then pause", toolbar=True, needs_run=True),
        action("reset", "Run", "Reset run", edits.reset, icon="reset", keys="Ctrl+Backspace",
                tip="Begin again with fresh weights, the same settings and the same data", toolbar=True,
                needs_run=True),
        action("undo_apply", "Run", "Undo last Apply", undo.undo, icon="undo", keys=UNDO_KEY,
                tip="Undo the newest applied edit; where it rebuilt something, the run from before it comes back"),
        action("redo_apply", "Run", "Redo Apply", undo.redo, icon="redo", keys=REDO_KEYS,
                tip="Apply the edit again that was undone last"),
        action("go_back", "Run", "Go back to the last sound state", divergence.go_back, icon="recent",
                tip="Bring back the last state that is kept with a sound loss, with its settings, and pause"),
        action("evaluate", "Run", "Evaluate now", controller.evaluate, icon="flag", keys="Ctrl+T",
                tip="Score the cube on the held-out samples", separator=True, needs_run=True),
        action("score_samples", "Run", "Score every sample", scores.score_all, icon="filter",
                tip="Compute the cosine of every sample, trained on and held out: the Data panel lists the worst\n"
                "first, the data map colours all of them", needs_run=True),
        action("prove_resume", "Run", "Prove that this run resumes", proof.prove, icon="apply",
                tip=f"Do {STEPS} training steps here and, from a save, in another process, and compare every bit;\n"
                "the run itself stays as it is", needs_run=True),
        action("random_sample", "Run", "Watch another sample", samples.watch_another, icon="sample", keys="N",
                tip="Watch another held-out sample, drawn by chance", needs_run=True),
        action("search", "Run", "Search the samples", samples.search, icon="search", keys="Ctrl+F",
                tip="Find a sample to watch by its text", needs_run=True),
        action("probe", "Run", "Type a sentence", samples.type_sentence, icon="keyboard", keys="Ctrl+P",
                tip="Put a sentence of your own through the cube", needs_run=True),
        action("copy_command", "Run", "Copy as command line", copy_command, icon="copy", keys="Ctrl+Shift+C",
                tip="Copy the `python main.py ...` that opens this run again: its preset, data and changed settings,\n"
                "or its saved file", needs_run=True),
        action("autostart", "Run", "Train at launch", start.set_autostart, icon="", checkable=True,
                tip=AUTOSTART_TIP, separator=True),
    )  # fmt: skip


def cube_actions(
    display: Display, appearance: AppearancePanel, view: ViewActions, cells: CellActions, timeline: LatticeSteps
) -> tuple[ActionSpec, ...]:
    """Return the Cube menu, in its order."""
    modes = tuple(
        action(f"mode_{mode.name}", "Cube/Colour", mode.title, display.set_mode, argument=mode.name,
                keys=str(number), tip=mode.tip.rstrip("."), checkable=True, group="mode", checked=number == 1)
        for number, mode in enumerate(BUILT_IN_MODES, start=1)
    )  # fmt: skip
    slices = tuple(
        action(f"slice_{axis.lower()}{'_back' if shift else ''}", "Cube/Slice",
                f"From the {'far' if shift else 'near'} {axis} side", appearance.slice_in,
                argument=(number, -1 if shift else 1), icon="slice", keys=f"Shift+{axis}" if shift else axis,
                tip=f"Cut one layer of cells off the {axis.lower()} side that faces {'away' if shift else 'you'}")
        for number, axis in enumerate(AXES)
        for shift in (False, True)
    )  # fmt: skip
    return (
        *modes,
        action("lock_range", "Cube/Colour", "Lock the colour range", display.colors.set_locked, icon="lock", keys="L",
                tip="Keep the colours' range as it is, instead of following the data", checkable=True, separator=True),
        *slices,
        action("plane", "Cube/Slice", "By a plane", appearance.set_plane, icon="slice", keys="K", checkable=True,
                tip="Cut by a plane that has a handle in the picture: drag it to move the plane, with Shift to turn it",
                separator=True),
        action("slice_none", "Cube/Slice", "Show all cells", appearance.reset_slices, icon="cube", keys="Backspace",
                tip="Undo all slices and planes", separator=True),
        action("opacity", "Cube", "Next opacity", appearance.next_opacity, icon="opacity", keys="O",
                tip="Opaque, glassy skin, skin only, mist", separator=True),
        action("shape", "Cube", "Spheres", appearance.set_spheres, icon="grid", keys="B", checkable=True,
                tip="Draw cells as spheres instead of boxes"),
        action("shells", "Cube", "Neighbour shells", appearance.set_shells, icon="shells", keys="T",
                checkable=True, checked=True, tip="Frame the picked cell's neighbours in the colours of their tiers"),
        action("isolate", "Cube", "Only the picked cell's shells", cells.isolate, icon="filter", keys="I",
                checkable=True, tip="Hide everything but the picked cell and its neighbours"),
        action("pick_middle", "Cube", "Pick the cell in the middle of the picture", cells.pick_middle, icon="pick",
                keys="C", tip="Pick the first visible cell in the middle of the picture"),
        action("focus", "Cube", "Fly to the picked cell", cells.focus, icon="focus", keys="F",
                tip="Move the camera to the picked cell"),
        action("copy_cell", "Cube", "Copy the picked cell's state", cells.copy_text, icon="copy", keys="Ctrl+C",
                tip="Copy its place, its state after the shown lattice step, and what its rule traces, as text"),
        action("copy_cell_json", "Cube", "Copy the picked cell's state as JSON", cells.copy_json, icon="copy",
                tip="Copy the same as JSON"),
        action("unpick", "Cube", "Let the picked cell go", view.escape, icon="close", keys="Esc",
                tip="Unpick the cell"),
        *_walks(cells),
        action("previous_step", "Cube", "Previous lattice step", timeline.previous, icon="previous", keys="[",
                tip="Go one lattice step back", separator=True),
        action("next_step", "Cube", "Next lattice step", timeline.next, icon="next", keys="]",
                tip="Go one lattice step on"),
        action("play", "Cube", "Play the lattice steps", timeline.toggle_playing, icon="play", keys="P",
                tip="Play through the lattice steps, over and over"),
    )  # fmt: skip


def _walks(cells: CellActions) -> tuple[ActionSpec, ...]:
    ways = (
        ("left", "Left", (-1, 0, 0)),
        ("right", "Right", (1, 0, 0)),
        ("up", "Up", (0, 1, 0)),
        ("down", "Down", (0, -1, 0)),
        ("farther", "PgUp", (0, 0, 1)),
        ("nearer", "PgDown", (0, 0, -1)),
    )
    return tuple(
        action(f"walk_{name}", "Cube/Walk", f"To the cell {name}", cells.walk, argument=way, keys=key,
                tip=f"Pick the neighbour that lies {name} on the screen, or first the cell in its middle")
        for name, key, way in ways
    )  # fmt: skip


ORBIT_DEGREES, PAN_SHARE = 8.0, 0.06
"""What one press of a key of the camera does: a turn, and a share of the picture's width or height."""


def _camera_keys(cube: CubeView) -> tuple[ActionSpec, ...]:
    sides = (("left", "Left", -1, 0), ("right", "Right", 1, 0), ("up", "Up", 0, 1), ("down", "Down", 0, -1))
    turns = tuple(
        action(f"orbit_{name}", "View/Camera", f"Orbit {name}", cube.orbit_by,
                argument=(ORBIT_DEGREES * x, ORBIT_DEGREES * y), icon="orbit", keys=f"Ctrl+{key}",
                tip=f"Move the camera {name} around the cube", separator=name == "left")
        for name, key, x, y in sides
    )  # fmt: skip
    pans = tuple(
        action(f"pan_{name}", "View/Camera", f"Pan {name}", cube.pan_by, argument=(PAN_SHARE * x, PAN_SHARE * y),
                keys=f"Ctrl+Shift+{key}", tip=f"Move the camera {name} along the picture")
        for name, key, x, y in sides
    )  # fmt: skip
    return (
        *turns,
        *pans,
        action("zoom_in", "View/Camera", "Zoom in", cube.zoom_by, argument=1.0, icon="search", keys="+ =",
                tip="Come nearer, as by a notch of the wheel"),
        action("zoom_out", "View/Camera", "Zoom out", cube.zoom_by, argument=-1.0, icon="search", keys="-",
                tip="Go away, as by a notch of the wheel"),
    )  # fmt: skip


def view_actions(cube: CubeView, view: ViewActions, docks: Panels) -> tuple[ActionSpec, ...]:
    """Return the View menu, in its order."""
    looks = tuple(
        action(f"look_{axis.lower()}{'_plus' if sign > 0 else '_minus'}", "View/Camera",
                f"Look at the {'+' if sign > 0 else '-'}{axis.lower()} face", view.look_at, argument=(number, sign),
                icon="orbit", keys=f"Alt+{axis}" if sign > 0 else f"Alt+Shift+{axis}",
                tip=f"Look straight at the {'+' if sign > 0 else '-'}{axis.lower()} face")
        for number, axis in enumerate(AXES)
        for sign in (1, -1)
    )  # fmt: skip
    themes = tuple(
        action(f"theme_{mode}", "View/Theme", words, view.set_theme, argument=mode, icon="", checkable=True,
                group="theme", tip=f"{words} colours")
        for mode, words in (("system", "As the desktop"), ("dark", "Dark"), ("light", "Light"))
    )  # fmt: skip
    return (
        action("home", "View/Camera", "Reset camera", cube.home, icon="home", keys="R",
                tip="Show the whole cube from the usual side", toolbar=True),
        *looks,
        *_camera_keys(cube),
        action("orthographic", "View/Camera", "Orthographic", cube.set_orthographic, icon="orthographic",
                keys="Num+5 Ctrl+5", checkable=True, tip="Draw without perspective", separator=True),
        action("guides", "View/Camera", "Box and axes", cube.set_guides_visible, icon="axes", keys="G",
                checkable=True, checked=True, tip="Draw the wire box and the axes"),
        *themes,
        action("hide_panels", "View", "Hide all panels", docks.toggle_all, icon="window", keys="H",
                checkable=True, tip="Give the cube the whole window", separator=True),
        action("full_screen", "View", "Full screen", view.set_full_screen, icon="fullscreen", keys="F11",
                checkable=True, tip="Fill the whole screen"),
        action("reset_layout", "View", "Reset layout", docks.reset, icon="undo",
                tip="Put all panels back to where they belong"),
    )  # fmt: skip


def help_actions(help: HelpActions) -> tuple[ActionSpec, ...]:
    """Return the Help menu, in its order."""
    return (
        action("commands", "Help", "Find a command...", help.find_command, icon="search", keys="F3",
                tip="Search all commands by a few letters"),
        action("keys", "Help", "Keys and mouse", help.show_keys, icon="keyboard", keys="F1",
                tip="Every key, every gesture of the mouse, and what it does"),
        action("guide", "Help", "Guide", help.show_guide, icon="help", keys="Shift+F1",
                tip="A first hour with the cube, and the pages beside it", separator=True),
        action("about", "Help", "About Cellcube", help.show_about, icon="info", tip="Version and licence"),
    )  # fmt: skip
