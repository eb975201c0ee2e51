"""What the command line says about the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lattice.cli.arguments import DEFAULT_PRESET
from lattice.config import SimpleProjectConfig
from lattice.config.runtime import DevicePolicy

ThemeName = Literal["system", "dark", "light"]
Scene = Literal["default", "sliced", "focus", "inside"]


@dataclass(frozen=True)
class StartOptions:
    """Choices of the command line that concern the window."""

    preset: str = DEFAULT_PRESET
    """Bundled preset; ignored when `config` or `resume` is given."""
    config: Path | None = None
    """TOML file with the whole configuration."""
    data: str | None = None
    """File of embeddings or texts that replaces the configuration's own."""
    resume: Path | None = None
    """Checkpoint to go on from."""
    weights: Path | None = None
    """Checkpoint or export whose weights a new run begins with."""
    chosen: bool = False
    """Whether a preset or a file of settings was named; with `weights` alone, the settings stored there are used."""
    device: DevicePolicy | None = None
    """Device policy that replaces the configuration's own."""
    settings: tuple[str, ...] = ()
    """`section.key=value` assignments, applied last."""
    plugins: tuple[str, ...] = ()
    """Files and modules of the plugins that the command line loaded, for the menu and for watching the files."""
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
        """Return the settings of a new run; raise `ConfigError` if they can't be had."""
        if self.config is not None:
            config = SimpleProjectConfig.from_toml(self.config)
        else:
            config = SimpleProjectConfig.from_preset(self.preset)
        if self.data is not None:
            config = config.replaced({"training_embedding.data": self.data})
        if self.device is not None:
            config = config.replaced({"device.policy": self.device})
        return config.override(self.settings)
