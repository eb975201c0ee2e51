"""What the command line says about the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lattice.cli.arguments import DEFAULT_PRESET
from lattice.config import SimpleProjectConfig, Wishes
from lattice.runs.peek import stored_config
from lattice.runs.place import checkpoint_at

ThemeName = Literal["system", "dark", "light"]
Scene = Literal["default", "sliced", "focus", "inside"]


@dataclass(frozen=True)
class StartOptions:
    """Choices of the command line that concern the window."""

    preset: str = DEFAULT_PRESET
    """Bundled preset; ignored when `config` or `resume` is given."""
    config: Path | None = None
    """TOML file with the whole configuration."""
    resume: Path | None = None
    """Checkpoint, or folder of a run, to go on from."""
    weights: Path | None = None
    """Checkpoint or export whose weights a new run begins with."""
    chosen: bool = False
    """Whether a preset or a file of settings was named; with `weights` alone, the settings stored there are used."""
    wishes: Wishes = field(default_factory=Wishes)
    """Changes to the settings of the preset, the file, the checkpoint or the weights."""
    restart_student: bool = False
    """Whether a new student may take the trained one's place, if changes to a checkpoint's settings need that."""
    plugins: tuple[str, ...] = ()
    """Files and modules of the plugins that the command line loaded, for the menu and for watching the files."""
    trackers: tuple[str, ...] = ()
    """Registered trackers that also take the figures of every run."""
    autostart: bool | None = None
    """Train at once; None leaves it to the preference."""
    screenshot: Path | None = None
    """Save a picture of the whole window here, then exit."""
    after_training_steps: int = 60
    """Training steps to wait for before the picture is taken."""
    theme: ThemeName | None = None
    """Colour theme; None leaves it to the preference."""
    size: tuple[int, int] | None = None
    """Width and height of the window in pixels; None takes the last one."""
    color_mode: str | None = None
    """Name of the colour mode to begin with; None begins with the first one."""
    scene: Scene = "default"
    """What the picture shows: the whole cube, a slice of it, a picked cell, or the view from inside."""

    def configuration(self) -> SimpleProjectConfig:
        """Return the settings of a new run, or of the one that goes on; raise `ConfigError` if they can't be had.

        A checkpoint that can't be read is no matter here: opening it says what is wrong.
        """
        if self.resume is not None:
            stored = stored_config(checkpoint_at(self.resume))
            return SimpleProjectConfig.from_preset(self.preset) if stored is None else self.wishes.on(stored)
        if self.config is not None:
            config = SimpleProjectConfig.from_toml(self.config)
        else:
            config = SimpleProjectConfig.from_preset(self.preset)
        return self.wishes.on(config)

    def run_name(self, config: SimpleProjectConfig) -> str:
        """Return what a new run with these settings is called: their file, data that was chosen, or the preset."""
        if self.config is not None:
            return self.config.name
        data = config.training_embedding.data
        bundled = SimpleProjectConfig.from_preset(self.preset).training_embedding.data
        return self.preset if data is None or data == bundled else Path(data).name
