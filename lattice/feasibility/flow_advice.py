"""What a person should know about the flow through a cube before training: where it blurs or comes too late."""

from __future__ import annotations

import math

from lattice.config.lattice import LatticeSettings
from lattice.config.model import EmbeddingMappingSettings
from lattice.config.project import SimpleProjectConfig
from lattice.feasibility.advice import TierWarning
from lattice.feasibility.fixes import changed
from lattice.geometry import face_of
from lattice.tiers.flow import DEFAULT_VALUES, MOST_VALUES, flow_pattern, longest_way, painted_scalars, value_channels
from lattice.tiers.light_cone import light_cone

_FUNCTIONAL, _LOCAL = "functional_distance_ratio", "local_distance_ratio"
_LABELS = {_LOCAL: "local ratio", _FUNCTIONAL: "functional ratio"}
_DECIMALS = (2, 3, 4)
_MOST = {"model.state_size": 256, "model.value_channels": MOST_VALUES, "model.expert_hidden": 512}
"""The most that these settings allow."""


def flow_warnings(config: SimpleProjectConfig) -> tuple[TierWarning, ...]:
    """Return warnings about the flow of a `through` cube of the rule `experts`; none where nothing can arrive."""
    lattice, mapping = config.lattice, config.embedding_mapping
    if config.model.rule != "experts" or mapping.placement != "through":
        return ()
    if not light_cone(lattice, "through", mapping.faces).spans:
        return ()
    found = [_blurs(config), _is_late(lattice, mapping), _loses_cells(lattice, mapping)]
    return tuple(warning for warning in found if warning is not None)


def unsent_scalars(config: SimpleProjectConfig, width: int) -> TierWarning | None:
    """Return what to know where more is painted on a cell of the input face than cells send on, None if all is sent.

    Args:
        config: of the run.
        width: floats of an embedding.
    """
    model, mapping, lattice = config.model, config.embedding_mapping, config.lattice
    if config.model.rule != "experts" or mapping.placement != "through":
        return None
    scalars, values = painted_scalars(config, width), value_channels(config, width)
    needed: dict[str, tuple[int, int]] = {"model.state_size": (model.state_size, scalars)}
    if model.value_channels is not None:
        needed["model.value_channels"] = (values, scalars)
        # Hidden units carry in pairs, see `lattice.model.start.start_linear`.
        needed["model.expert_hidden"] = (model.expert_hidden, 2 * max(scalars, values))
    missing = {key: least for key, (given, least) in needed.items() if given < least}
    if not missing:
        return None
    face = lattice.cells // lattice.dimensions[face_of(mapping.input_face)[0]]
    cure = ", ".join(f"{key}={least}" for key, least in missing.items())
    text = (
        f"{scalars} scalars are painted on each of the {face} cells of the {mapping.input_face} face, more than cells "
        f"send on from the start: what is left over has to find a way by training; {cure} would carry all"
    )
    if any(least > _MOST[key] for key, least in missing.items()):
        return TierWarning(f"{text}, which is more than the settings allow: a larger face needs fewer")
    (setting, value), *more = missing.items()
    return TierWarning(text, setting, value, tuple(more))


def chosen_channels(config: SimpleProjectConfig, width: int) -> str | None:
    """Return what was chosen because much is painted on a cell; None where the usual value channels do, or are given.

    Args:
        config: of the run.
        width: floats of an embedding.
    """
    values = value_channels(config, width)
    if config.model.rule != "experts" or config.model.value_channels is not None or values <= DEFAULT_VALUES:
        return None
    hidden = max(config.model.expert_hidden, 2 * values)
    return (
        f"{painted_scalars(config, width)} scalars are painted on each cell of the "
        f"{config.embedding_mapping.input_face} face: cells send {values} value channels, and experts are {hidden} wide"
    )


def cure_by_six_neighbours(settings: LatticeSettings, mapping: EmbeddingMappingSettings) -> dict[str, float] | None:
    """Return ratios of the lattice's settings that give the functional tier the six face neighbours, to be singled out.

    The functional ratio alone if that does, or the local one, then both; None if nothing does at this radius.
    """
    nearest = 1.0 / settings.max_radius
    for decimals in _DECIMALS:
        scale = 10**decimals
        inner, outer = math.floor((nearest - 1e-9) * scale) / scale, math.ceil(nearest * scale) / scale
        for changes in ({_FUNCTIONAL: outer}, {_LOCAL: inner}, {_LOCAL: inner, _FUNCTIONAL: outer}):
            trial = changed(settings, **changes)
            if trial is not None and flow_pattern(trial, mapping) is not None:
                return changes
    return None


def _blurs(config: SimpleProjectConfig) -> TierWarning | None:
    """Return a warning where cells hear neighbours beside the way as well as the one upstream."""
    lattice, mapping, channels = config.lattice, config.embedding_mapping, config.model.similarity_channels
    pattern = flow_pattern(lattice, mapping)
    if pattern is not None and (channels is None or channels >= pattern.classes):
        return None
    if pattern is not None:
        text = (
            f"the flow blurs: {channels} similarity channels can't single out the neighbour upstream; "
            f"{pattern.classes} do, or none given, so that as many are taken as are needed"
        )
        return TierWarning(text, "model.similarity_channels", pattern.classes)
    reach = lattice.functional_distance_threshold
    if lattice.local_distance_threshold >= 1.0 or reach < 1.0:
        why = "the functional tier does not hold the nearest neighbours"
    else:
        why = f"the functional tier, out to {reach:.4g} cells, holds too many neighbours to single out the one upstream"
    cure = cure_by_six_neighbours(lattice, mapping)
    if cure is None:
        return TierWarning(f"the flow blurs: {why}")
    ratios = " and ".join(f"a {_LABELS[field]} of {value:g}" for field, value in cure.items())
    text = f"the flow blurs: {why}; at {ratios} a cell hears the one upstream alone"
    (setting, value), *more = ((f"lattice.{field}", value) for field, value in cure.items())
    return TierWarning(text, setting, value, tuple(more))


def _is_late(lattice: LatticeSettings, mapping: EmbeddingMappingSettings) -> TierWarning | None:
    """Return a warning where the rollout ends before the flow, at a cell per lattice step, has arrived."""
    way = longest_way(lattice.dimensions, mapping)
    if lattice.lattice_steps >= way:
        return None
    text = (
        f"the flow moves by a cell per lattice step and has {way} cells to go from the {mapping.input_face} to the "
        f"{mapping.output_face} face, but there are {lattice.lattice_steps} lattice steps"
    )
    trial = changed(lattice, lattice_steps=way)
    if trial is None:
        return TierWarning(f"{text}, and a rollout can't have more than 64")
    return TierWarning(f"{text}; {way} would do", "lattice.lattice_steps", way)


def _loses_cells(lattice: LatticeSettings, mapping: EmbeddingMappingSettings) -> TierWarning | None:
    """Return a warning where adjacent faces are not equally deep, so that some of what is painted leaves elsewhere."""
    into, out = ("xyz".index(face[1]) for face in mapping.faces)
    painted, read = lattice.dimensions[out], lattice.dimensions[into]
    if into == out or painted == read:
        return None
    text = (
        f"the {mapping.input_face} and the {mapping.output_face} face meet in an edge and are {painted} and {read} "
        f"cells wide across it: the flow connects {min(painted, read)} of them"
    )
    return TierWarning(f"{text}; with sides of equal length it connects all")
