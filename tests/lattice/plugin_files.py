"""Plugins as a person would write them, for the tests of loading and reloading."""

RULE = '''"""A rule in ten lines."""
from torch import nn
from lattice.config import Settings, setting
from lattice.model.rules.base import CellRule


class WavesSettings(Settings):
    speed: float = setting(0.5, title="Speed", description="How fast.", unit="per step", cost="live", gt=0, le=1)
    width: int = setting(4, title="Width", description="How wide.", unit="channels", cost="rebuild", ge=1, le=64)


class Waves(CellRule):
    """Moves toward a mixture of what the functional tier sends."""

    settings_class = WavesSettings

    def __init__(self, cell, settings):
        super().__init__(cell, settings)
        self.send = nn.Linear(cell.state_size, settings.width)
        self.take = nn.Linear(settings.width, cell.state_size)

    def forward(self, state_NBC, hear, context):
        heard = self.take(hear("functional", self.send(state_NBC)))
        change = context.update_scale * self.settings.speed * heard
        return state_NBC + change, {"heard": heard.norm(dim=-1, keepdim=True)}


def setup(plugins):
    plugins.cell_rule("waves", Waves)
'''

OBJECTIVE = '''"""An objective in one file."""
from lattice.config import Settings, setting
from lattice.objectives import Objective


class MaskSettings(Settings):
    share: float = setting(0.5, title="Share", description="Share of components hidden.", cost="live", ge=0, le=1)


class Mask(Objective):
    """Components of the input are hidden; all of them are wanted back."""

    settings_class = MaskSettings
    baselines = ("identity", "linear")

    def make(self, batch):
        shape, device = batch.clean_BD.shape, batch.clean_BD.device
        import torch
        kept = torch.rand(shape, generator=batch.generator, device=device) >= self.settings.share
        return batch.clean_BD * kept, batch.clean_BD


def setup(plugins):
    plugins.objective("mask", Mask)
'''
