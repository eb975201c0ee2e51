"""The cell rules and objectives in the box, registered as a plugin would; a class is imported when first used."""

from __future__ import annotations

from lattice.config.model import ModelSettings
from lattice.config.rules import DiffusionSettings, NCASettings
from lattice.offer import Offer
from lattice.plugins import Plugins


def register() -> None:
    """Register all of it; the configuration does so when it is imported, for its defaults name some."""
    cell_rules(Plugins())
    objectives(Plugins())


def cell_rules(plugins: Plugins) -> None:
    """Register the built-in cell rules."""
    plugins.cell_rule(
        "experts",
        Offer.at(
            "lattice.model.rules.experts:ExpertsRule",
            title="Experts",
            description="One expert per tier and a gate that mixes them.",
            settings=ModelSettings,
            # These settings are older than the registry: presets, checkpoints and scripts name them there.
            section="model",
            shared=frozenset({"rule", "state_size", "update_scale", "position_frequencies"}),
        ),
    )
    plugins.cell_rule(
        "nca",
        Offer.at(
            "lattice.model.rules.nca:NCARule",
            title="Neural cellular automaton",
            description="The classical one (Mordvintsev et al. 2020): own state and differences to the tier means, "
            "two layers, cells that fire at random.",
            settings=NCASettings,
        ),
    )
    plugins.cell_rule(
        "diffusion",
        Offer.at(
            "lattice.model.rules.diffusion:DiffusionRule",
            title="Diffusion",
            description="Linear: every channel moves toward its tier means, at rates that are learned.",
            settings=DiffusionSettings,
        ),
    )


def objectives(plugins: Plugins) -> None:
    """Register the built-in objectives."""
    plugins.objective(
        "reconstruct",
        Offer.at("lattice.objectives:Reconstruct", title="Reconstruct", description="Give back the input."),
    )
    plugins.objective(
        "denoise",
        Offer.at("lattice.objectives:Denoise", title="Denoise", description="Noisy input, clean target."),
    )
    plugins.objective(
        "pairs",
        Offer.at(
            "lattice.objectives:Pairs",
            title="Pairs",
            description="Text A in, the embedding of its partner text out.",
            needs_partners=True,
        ),
    )
